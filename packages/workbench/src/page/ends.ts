import type { Level } from "@waiide/protocol";
import type { Documents } from "../documents/documents.ts";
import type { Ending } from "../session/closing.ts";
import type { Session } from "../session/session.ts";
import type { Bar } from "./bar.ts";
import { button, element } from "./element.ts";
import { endPage } from "./end-page.ts";
import { offerBeforeLoss } from "./lowered.ts";
import { forgetShare } from "./storage.ts";

export interface EndsOptions {
  readonly session: Session;
  readonly bar: Bar;
  readonly frame: HTMLElement;
  readonly share: string;
}

/** What happens when the session ends or pauses. */
export class Ends {
  readonly #options: EndsOptions;
  #documents: Documents | undefined;
  #pause: HTMLDialogElement | undefined;
  #isOffering = false;

  constructor(options: EndsOptions) {
    this.#options = options;
    options.session.onLink.listen((link) => {
      if (link.kind === "ended") void this.#end(link.why);
      if (link.kind === "paused") this.#showPause();
      if (link.kind === "open") this.#hidePause();
    });
  }

  /** From now on texts can be unsaved. */
  watch(documents: Documents): void {
    this.#documents = documents;
    this.#options.session.onShare.listen(({ level }) => void this.#lowered(level));
  }

  /** Offers text that can no longer be saved before anything else. */
  async #lowered(level: Level): Promise<void> {
    const documents = this.#documents;
    if (level !== "view" || documents === undefined || documents.unsaved.length === 0) return;
    // The gateway says it twice: to the open session, and to the one that replaces it.
    if (this.#isOffering) return;
    this.#isOffering = true;
    try {
      await offerBeforeLoss(documents.unsaved);
      await documents.discardUnsaved();
    } finally {
      this.#isOffering = false;
    }
  }

  async #end(why: Ending): Promise<void> {
    const { session, bar, frame, share } = this.#options;
    this.#hidePause();
    const unsaved = this.#documents?.unsaved ?? [];
    // First of all: even if the rest fails, nothing of the share stays visible.
    frame.replaceWith(endPage({ why, share: session.share, unsaved }));
    bar.close();
    document.title = "Ended – WAIIDE";
    await forgetShare(share);
  }

  #showPause(): void {
    const { session } = this.#options;
    const resume = button("Resume", () => session.resume(), { autofocus: "", class: "primary" });
    this.#pause = element(
      "dialog",
      { class: "pause", "aria-labelledby": "pause-title", "aria-describedby": "pause-why" },
      element("h2", { id: "pause-title" }, "Paused"),
      element("p", { id: "pause-why" }, "This page was idle for a while, so it disconnected. Your changes are kept."),
      resume,
    );
    document.body.append(this.#pause);
    this.#pause.showModal();
    // Escape also means “show me the page”; a browser lets a page prevent it only once.
    this.#pause.addEventListener("close", () => session.resume());
  }

  #hidePause(): void {
    this.#pause?.remove();
    this.#pause = undefined;
  }
}
