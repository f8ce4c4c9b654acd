import { commands, type Disposable, type TreeView, window } from "vscode";
import type { ShareSnapshot, ShareState } from "../shares/state.ts";
import { t } from "../text/translation.ts";
import { guestsInWords } from "../text/words.ts";
import type { HistoryTree } from "./history-tree.ts";
import type { ShareNode, SharesTree } from "./shares-tree.ts";

/** The view shows times in minutes. Milliseconds. */
const clockInterval = 30_000;

/** The views in the activity bar: shares, and their history. */
export class SharesView implements Disposable {
  readonly #tree: SharesTree;
  readonly #history: HistoryTree;
  readonly #state: ShareState;
  readonly #view: TreeView<ShareNode>;
  readonly #historyView: Disposable;
  readonly #clock: NodeJS.Timeout;

  constructor(tree: SharesTree, history: HistoryTree, state: ShareState) {
    this.#tree = tree;
    this.#history = history;
    this.#state = state;
    this.#view = window.createTreeView("waiide.shares", { treeDataProvider: tree });
    this.#historyView = window.createTreeView("waiide.history", { treeDataProvider: history });
    this.#clock = setInterval(() => this.#view.visible && tree.refresh(), clockInterval);
  }

  show({ info, shares, connected, problem }: ShareSnapshot): void {
    const { guests } = this.#state;
    const reason = info?.sharing_available === false ? info.reason : undefined;
    // An empty text would leave an empty line.
    const message = connected ? (reason ?? problem) : t("WAIIDE does not answer. Trying again…");
    Object.assign(this.#view, { message: reason === undefined ? message : t("Sharing not available: {0}", reason) });
    Object.assign(this.#view, { badge: guests === 0 ? undefined : { value: guests, tooltip: guestsInWords(guests) } });
    void commands.executeCommand("setContext", "waiide.available", reason === undefined);
    void commands.executeCommand("setContext", "waiide.hasShares", shares.length > 0);
    this.refresh();
  }

  refresh(): void {
    this.#tree.refresh();
    this.#history.refresh();
  }

  dispose(): void {
    clearInterval(this.#clock);
    this.#view.dispose();
    this.#historyView.dispose();
  }
}
