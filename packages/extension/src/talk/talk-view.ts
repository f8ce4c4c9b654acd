import type { SaidEvent, TalkMessage, TalkPage } from "@waiide/protocol";
import { commands, type Disposable, env, Uri, type Webview, type WebviewView, window } from "vscode";
import { t } from "../text/translation.ts";
import { guestInWords } from "../text/words.ts";
import type { FromTalkPage, TalkChoice, TalkWords, ToTalkPage } from "./messages.ts";
import { talkPage } from "./talk-page.ts";

export interface TalkViewParts {
  /** The view's id in the manifest. */
  readonly id: string;
  readonly talk: (share: string, before?: number) => Promise<TalkPage>;
  readonly say: (share: string, text: string) => Promise<TalkMessage>;
  /** Why one of them failed, in words. */
  readonly reasonOf: (error: unknown) => string;
  /** The script of the view's page. */
  readonly script: () => Promise<string>;
  /** What nobody guesses, new for each page. */
  readonly nonce: () => string;
  /** The reader's session; null: the owner. */
  readonly you: () => string | null;
}

/** The conversation of each share: in the owner's Sharing view, and in the IDE of a Terminal Access guest. */
export class TalkView implements Disposable {
  readonly #parts: TalkViewParts;
  readonly #registration: Disposable;
  #view: WebviewView | undefined;
  #shares: readonly TalkChoice[] = [];
  #chosen: string | undefined;
  /** By share: messages that the owner has not seen. */
  readonly #unread = new Map<string, number>();

  constructor(parts: TalkViewParts) {
    this.#parts = parts;
    this.#registration = window.registerWebviewViewProvider(
      parts.id,
      { resolveWebviewView: (view) => this.#open(view) },
      { webviewOptions: { retainContextWhenHidden: true } },
    );
  }

  /** The shares as they are now. */
  show(shares: readonly TalkChoice[]): void {
    this.#shares = shares;
    for (const share of this.#unread.keys()) {
      if (!shares.some((one) => one.share === share)) this.#unread.delete(share);
    }
    const isThere = shares.some(({ share }) => share === this.#chosen);
    if (isThere) this.#tellShares();
    else void this.#choose(shares[0]?.share);
    this.#showUnread();
  }

  said({ share, message }: SaidEvent): void {
    this.#post({ kind: "said", share, message });
    if (message.session === this.#parts.you() || (this.#view?.visible && share === this.#chosen)) return;
    this.#unread.set(share, (this.#unread.get(share) ?? 0) + 1);
    this.#showUnread();
    this.#tellShares();
    if (!this.#view?.visible) void this.#notify(share, message);
  }

  /** Shows the conversation of a share. */
  async reveal(share: string | undefined): Promise<void> {
    if (share !== undefined) await this.#choose(share);
    await commands.executeCommand(`${this.#parts.id}.focus`);
  }

  dispose(): void {
    this.#registration.dispose();
  }

  /** Its text stays in the view: VS Code shows links in messages (RULES R17). */
  async #notify(share: string, message: TalkMessage): Promise<void> {
    const show = t("Show Conversation");
    const text = t("{0} wrote a message.", guestInWords(message));
    if ((await window.showInformationMessage(text, show)) === show) await this.reveal(share);
  }

  async #open(view: WebviewView): Promise<void> {
    this.#view = view;
    view.webview.options = { enableScripts: true, localResourceRoots: [] };
    view.webview.onDidReceiveMessage((message: FromTalkPage) => void this.#take(message));
    view.onDidChangeVisibility(() => view.visible && this.#seen());
    view.onDidDispose(() => {
      this.#view = undefined;
    });
    await this.#fill(view.webview);
    this.#showUnread();
  }

  async #fill(webview: Webview): Promise<void> {
    webview.html = talkPage(await this.#parts.script(), words(), this.#parts.nonce());
  }

  async #take(message: FromTalkPage): Promise<void> {
    switch (message.kind) {
      case "ready":
        return this.#choose(this.#chosen ?? this.#shares[0]?.share);
      case "choose":
        return this.#choose(message.share);
      case "older":
        return this.#load(message.share, message.before);
      case "say":
        return this.#say(message.share, message.text);
      case "open":
        // VS Code asks before it opens an address that is not on its list.
        await env.openExternal(Uri.parse(message.address, true));
    }
  }

  async #choose(share: string | undefined): Promise<void> {
    this.#chosen = share;
    this.#tellShares();
    if (this.#view?.visible) this.#seen();
    if (share !== undefined) await this.#load(share);
  }

  async #load(share: string, before?: number): Promise<void> {
    if (this.#view === undefined) return;
    try {
      this.#post({ kind: "messages", share, ...(await this.#parts.talk(share, before)) });
    } catch (error) {
      this.#post({ kind: "sent", problem: this.#parts.reasonOf(error) });
    }
  }

  async #say(share: string, text: string): Promise<void> {
    try {
      const message = await this.#parts.say(share, text);
      this.#post({ kind: "said", share, message });
      this.#post({ kind: "sent", problem: "" });
    } catch (error) {
      this.#post({ kind: "sent", problem: this.#parts.reasonOf(error) });
    }
  }

  #seen(): void {
    if (this.#chosen !== undefined) this.#unread.delete(this.#chosen);
    this.#showUnread();
    this.#tellShares();
  }

  #tellShares(): void {
    const shares = this.#shares.map((one) => ({ share: one.share, label: this.#labelOf(one) }));
    this.#post({ kind: "shares", shares, chosen: this.#chosen, you: this.#parts.you() });
  }

  #labelOf({ share, label }: TalkChoice): string {
    const unread = this.#unread.get(share) ?? 0;
    return unread === 0 ? label : t("{0} ({1} unread)", label, unread);
  }

  #showUnread(): void {
    if (this.#view === undefined) return;
    const unread = [...this.#unread.values()].reduce((sum, count) => sum + count, 0);
    const badge = unread === 0 ? undefined : { value: unread, tooltip: t("{0} unread messages", unread) };
    Object.assign(this.#view, { badge });
  }

  #post(message: ToTalkPage): void {
    void this.#view?.webview.postMessage(message);
  }
}

function words(): TalkWords {
  return {
    share: t("Share"),
    message: t("Message"),
    send: t("Send"),
    you: t("You"),
    verified: t("logged in at the hub"),
    none: t("No messages yet."),
    hint: t("All guests of this share read it. Shift+Enter starts a new line."),
    older: t("Show older messages"),
  };
}
