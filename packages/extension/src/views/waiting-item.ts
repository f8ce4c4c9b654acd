import type { Share } from "@waiide/protocol";
import { type Disposable, StatusBarAlignment, ThemeColor, window } from "vscode";
import { t } from "../text/translation.ts";

/** Says at the bottom left, until all are answered, that people ask to join: the message about them goes after some seconds. */
export class WaitingItem implements Disposable {
  readonly #item = window.createStatusBarItem("waiide.waiting", StatusBarAlignment.Left, Number.MAX_SAFE_INTEGER);

  constructor() {
    this.#item.name = t("People who ask to join");
    this.#item.command = "waiide.manageShares";
    this.#item.backgroundColor = new ThemeColor("statusBarItem.warningBackground");
    this.#item.tooltip = t("Click to accept or decline.");
  }

  show(shares: readonly Pick<Share, "requests">[]): void {
    const count = shares.reduce((sum, { requests }) => sum + requests.length, 0);
    if (count === 0) {
      this.#item.hide();
      return;
    }
    this.#item.text = `$(person-add) ${count === 1 ? t("1 person asks to join") : t("{0} people ask to join", count)}`;
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
