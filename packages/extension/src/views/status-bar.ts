import { type Disposable, StatusBarAlignment, window } from "vscode";
import type { ShareSnapshot } from "../shares/state.ts";
import { t } from "../text/translation.ts";
import { guestsInWords, sharesInWords } from "../text/words.ts";

/** The Share button at the bottom right, with the numbers of active shares and guests. */
export class StatusBar implements Disposable {
  readonly #item = window.createStatusBarItem("waiide.share", StatusBarAlignment.Right, -10_000);

  constructor() {
    this.#item.name = t("Share");
    this.#item.command = "waiide.share";
    this.#item.show();
  }

  show({ connected, info, shares }: ShareSnapshot, guests: number): void {
    const numbers = shares.length === 0 ? "" : ` ${shares.length}`;
    const people = guests === 0 ? "" : ` $(person) ${guests}`;
    const isPossible = connected && info?.sharing_available !== false;
    this.#item.text = `$(${isPossible ? "live-share" : "circle-slash"}) ${t("Share")}${numbers}${people}`;
    this.#item.tooltip = isPossible
      ? `${t("Create and copy a View Only link to this workspace")} (${sharesInWords(shares.length)}, ${guestsInWords(guests)})`
      : t("Sharing not available: {0}", info?.reason ?? t("WAIIDE does not answer"));
  }

  dispose(): void {
    this.#item.dispose();
  }
}
