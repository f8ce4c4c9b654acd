import type { UnsavedText } from "../documents/documents.ts";
import type { Ending } from "../session/closing.ts";
import type { Session } from "../session/session.ts";
import type { Bar } from "./bar.ts";
import { button, element } from "./element.ts";
import { endPage } from "./end-page.ts";
import { forgetShare } from "./storage.ts";

/** What is to be rescued of a workbench when its share ends. */
export interface Rescued {
  readonly unsaved: readonly UnsavedText[];
  /** Lets go of what it keeps in the browser. */
  close(): void;
}

export interface EndsOptions {
  readonly session: Session;
  readonly bar: Bar;
  readonly frame: HTMLElement;
  readonly share: string;
}

/** What happens when the session ends or pauses. */
export class Ends {
  readonly #options: EndsOptions;
  #workbench: Rescued | undefined;
  #pause: HTMLDialogElement | undefined;

  constructor(options: EndsOptions) {
    this.#options = options;
    options.session.onLink.listen((link) => {
      if (link.kind === "ended") void this.#end(link.why);
      if (link.kind === "paused") this.#showPause();
      if (link.kind === "open") this.#hidePause();
    });
  }

  watch(workbench: Rescued): void {
    this.#workbench = workbench;
    const { link } = this.#options.session;
    if (link.kind === "ended") void this.#end(link.why);
  }

  async #end(why: Ending): Promise<void> {
    const { bar, frame, share } = this.#options;
    this.#hidePause();
    const unsaved = this.#workbench?.unsaved ?? [];
    this.#workbench?.close();
    bar.close();
    frame.replaceWith(endPage(why, unsaved));
    document.title = "Ended – WAIIDE";
    await forgetShare(share);
  }

  #showPause(): void {
    const resume = button("Resume", () => this.#options.session.resume(), { autofocus: "" });
    this.#pause = element(
      "dialog",
      { class: "pause", "aria-labelledby": "pause-title" },
      element(
        "div",
        {},
        element("h2", { id: "pause-title" }, "Paused"),
        element(
          "p",
          {},
          "Nobody looked at this page for a while, so it let go of the workspace. Your changes are kept.",
        ),
        resume,
      ),
    );
    document.body.append(this.#pause);
    this.#pause.showModal();
    this.#pause.addEventListener("cancel", (event) => event.preventDefault());
  }

  #hidePause(): void {
    this.#pause?.remove();
    this.#pause = undefined;
  }
}
