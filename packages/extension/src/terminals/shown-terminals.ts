import type { Share } from "@waiide/protocol";
import { commands, type Disposable, StatusBarAlignment, type Terminal, ThemeColor, window } from "vscode";
import { pickOne } from "../create/questions.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { reasonOf } from "../gateway/gateway.ts";
import type { ShareState } from "../shares/state.ts";
import { t } from "../text/translation.ts";
import { guestsInWords, harmless, kindInWords, recipientInWords, shareInWords } from "../text/words.ts";
import type { RowOf, ShareNode } from "../views/shares-tree.ts";
import { type EndReason, ShownTerminal } from "./shown-terminal.ts";
import { TabMarks } from "./tab-mark.ts";
import { TerminalApi } from "./terminal-api.ts";

const alone = { step: 1, of: 1 };

/** The terminals of this window that guests watch: begun by a click and a confirmation, stopped by a click. */
export class ShownTerminals implements Disposable {
  readonly #api: TerminalApi;
  readonly #state: ShareState;
  readonly #onChange: () => void;
  readonly #shown = new Set<ShownTerminal>();
  readonly #marks = new TabMarks();
  readonly #item = window.createStatusBarItem("waiide.shownTerminals", StatusBarAlignment.Right, -9_999);
  readonly #subscription = window.onDidCloseTerminal((terminal) => this.#stopTerminal(terminal, "closed"));

  constructor(gateway: Pick<Gateway, "ask" | "stream">, state: ShareState, onChange: () => void) {
    this.#api = new TerminalApi(gateway);
    this.#state = state;
    this.#onChange = onChange;
    this.#item.name = t("Terminals Shown to Guests");
    this.#item.command = "waiide.stopSharingTerminals";
    this.#item.backgroundColor = new ThemeColor("statusBarItem.warningBackground");
  }

  of(share: Pick<Share, "id">): ShownTerminal[] {
    return [...this.#shown].filter((one) => one.share.id === share.id);
  }

  /** Asks what is missing, and warns. @param from the menu's terminals, or a row of the Sharing view */
  async share(from?: unknown): Promise<void> {
    if (this.#state.snapshot.info?.terminals === false) {
      void window.showWarningMessage(t("An administrator has turned showing terminals off."));
      return;
    }
    const share = shareOf(from) ?? (await this.#pickShare());
    if (share === undefined) return;
    const terminal = terminalOf(from) ?? window.activeTerminal;
    if (terminal === undefined) {
      void window.showInformationMessage(t("Open a terminal first."));
      return;
    }
    if (this.of(share).some((one) => one.terminal === terminal)) {
      void window.showInformationMessage(t("Guests of this share see this terminal already."));
    } else if (await confirmed(share, terminal)) await this.#show(share, terminal);
  }

  stopAll(): void {
    for (const shown of [...this.#shown]) shown.stop();
  }

  stopOf(from?: unknown): void {
    if (isRow(from, "terminal")) {
      from.shown.stop();
      return;
    }
    const terminal = terminalOf(from) ?? window.activeTerminal;
    if (terminal !== undefined) this.#stopTerminal(terminal, "stopped");
  }

  dispose(): void {
    this.#subscription.dispose();
    this.stopAll();
    this.#item.dispose();
    this.#marks.dispose();
  }

  async #pickShare(): Promise<Share | undefined> {
    // Guests of an app see nothing else.
    const shares = this.#state.snapshot.shares.filter(({ level }) => level !== "app");
    if (shares.length === 0) {
      const make = t("Share Workspace");
      const message = t("Share something first: guests of that share will see the terminal.");
      if ((await window.showInformationMessage(message, make)) === make) {
        await commands.executeCommand("waiide.shareWorkspace");
      }
      return undefined;
    }
    if (shares.length === 1) return shares[0];
    const answer = await pickOne<Share>({
      title: t("Share This Terminal"),
      placeholder: t("Which guests may watch it?"),
      choices: shares.map((share) => ({
        value: share,
        label: shareInWords(share),
        description: `${share.permission} · ${recipientInWords(share)}`,
        icon: "live-share",
      })),
      position: alone,
    });
    return answer === undefined || answer === "back" ? undefined : answer.value;
  }

  async #show(share: Share, terminal: Terminal): Promise<void> {
    try {
      const shown = await ShownTerminal.show(this.#api, share, terminal, {
        onWatched: () => this.#changed(),
        onEnd: (reason) => shown !== undefined && this.#ended(shown, reason),
      });
      if (shown === undefined) {
        void window.showWarningMessage(t("This IDE does not let extensions read terminals."));
        return;
      }
      this.#shown.add(shown);
      this.#changed();
      await this.#marks.mark(terminal);
    } catch (error) {
      void window.showErrorMessage(reasonOf(error));
    }
  }

  #stopTerminal(terminal: Terminal, reason: EndReason): void {
    for (const shown of [...this.#shown]) if (shown.terminal === terminal) shown.stop(reason);
  }

  #ended(shown: ShownTerminal, reason: EndReason): void {
    this.#shown.delete(shown);
    this.#changed();
    if (![...this.#shown].some(({ terminal }) => terminal === shown.terminal)) void this.#marks.remove(shown.terminal);
    const words = endInWords(reason, harmless(shown.name));
    if (words !== undefined) void window.showInformationMessage(words);
  }

  #changed(): void {
    const guests = [...this.#shown].reduce((sum, one) => sum + one.guests, 0);
    const count = this.#shown.size;
    const words = count === 1 ? t("Terminal shown to {0}", guestsInWords(guests)) : t("{0} terminals shown", count);
    this.#item.text = `$(eye) ${words}`;
    this.#item.tooltip = t("Guests see what the terminal writes. Click to stop.");
    if (count > 0) this.#item.show();
    else this.#item.hide();
    void commands.executeCommand("setContext", "waiide.showsTerminal", count > 0);
    this.#onChange();
  }
}

async function confirmed(share: Share, terminal: Terminal): Promise<boolean> {
  const yes = t("Show Terminal");
  const message = t("Show the terminal “{0}” to the guests of {1}?", harmless(terminal.name), kindInWords(share.scope));
  const detail = t(
    "They see everything that it writes from now on, as it happens, whatever their level: also passwords and keys that programs print, and files that you show in it. They cannot type. Guests who come later see the last part of it. It ends when you stop it, close the terminal or this page, or when the share ends.",
  );
  return (await window.showWarningMessage(message, { modal: true, detail }, yes)) === yes;
}

/** undefined: the owner ended it, and sees that. */
function endInWords(reason: EndReason, name: string): string | undefined {
  if (reason === "off") return t("“{0}” is no longer shown: an administrator has turned that off.", name);
  if (reason === "share") return t("“{0}” is no longer shown: the share has ended.", name);
  if (reason === "lost") return t("“{0}” is no longer shown: the connection to WAIIDE was lost.", name);
  return undefined;
}

function shareOf(from: unknown): Share | undefined {
  return isRow(from, "share") ? from.share : undefined;
}

function isRow<Kind extends ShareNode["kind"]>(from: unknown, kind: Kind): from is RowOf<Kind> {
  return typeof from === "object" && from !== null && "kind" in from && from.kind === kind;
}

/** VS Code gives the terminal of the menu, or a list of them. */
function terminalOf(from: unknown): Terminal | undefined {
  const one: unknown = Array.isArray(from) ? from[0] : from;
  return window.terminals.find((terminal) => terminal === one);
}
