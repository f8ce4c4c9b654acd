import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SaidEvent, Share, TalkMessage } from "@waiide/protocol";
import { commands, type Disposable, env, Uri, type Webview, type WebviewView, window } from "vscode";
import { reasonOf } from "../gateway/gateway.ts";
import type { ShareApi } from "../shares/api.ts";
import { t } from "../text/translation.ts";
import { guestInWords, recipientInWords, shareInWords } from "../text/words.ts";
import type { FromTalkPage, TalkWords, ToTalkPage } from "./messages.ts";
import { talkPage } from "./talk-page.ts";

type Api = Pick<ShareApi, "talk" | "say">;

/** The conversation of each share, in the Sharing view. */
export class TalkView implements Disposable {
  readonly #api: Api;
  readonly #script: string;
  readonly #registration: Disposable;
  #view: WebviewView | undefined;
  #shares: readonly Share[] = [];
  #chosen: string | undefined;
  /** By share: messages that the owner has not seen. */
  readonly #unread = new Map<string, number>();

  /** @param folder the extension's */
  constructor(api: Api, folder: string) {
    this.#api = api;
    this.#script = join(folder, "dist", "talk.js");
    this.#registration = window.registerWebviewViewProvider(
      "waiide.talk",
      { resolveWebviewView: (view) => this.#open(view) },
      { webviewOptions: { retainContextWhenHidden: true } },
    );
  }

  /** The shares as they are now. */
  show(shares: readonly Share[]): void {
    this.#shares = shares;
    for (const share of this.#unread.keys()) {
      if (!shares.some(({ id }) => id === share)) this.#unread.delete(share);
    }
    const isThere = shares.some(({ id }) => id === this.#chosen);
    if (isThere) this.#tellShares();
    else void this.#choose(shares[0]?.id);
    this.#showUnread();
  }

  said({ share, message }: SaidEvent): void {
    this.#post({ kind: "said", share, message });
    if (message.session === null || (this.#view?.visible && share === this.#chosen)) return;
    this.#unread.set(share, (this.#unread.get(share) ?? 0) + 1);
    this.#showUnread();
    this.#tellShares();
    if (!this.#view?.visible) void this.#notify(share, message);
  }

  /** Shows the conversation of a share. */
  async reveal(share: string | undefined): Promise<void> {
    if (share !== undefined) await this.#choose(share);
    await commands.executeCommand("waiide.talk.focus");
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
    const script = await readFile(this.#script, "utf8");
    webview.html = talkPage(script, words(), randomBytes(16).toString("base64url"));
  }

  async #take(message: FromTalkPage): Promise<void> {
    switch (message.kind) {
      case "ready":
        return this.#choose(this.#chosen ?? this.#shares[0]?.id);
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
      this.#post({ kind: "messages", share, ...(await this.#api.talk(share, before)) });
    } catch (error) {
      this.#post({ kind: "sent", problem: reasonOf(error) });
    }
  }

  async #say(share: string, text: string): Promise<void> {
    try {
      const message = await this.#api.say(share, text);
      this.#post({ kind: "said", share, message });
      this.#post({ kind: "sent", problem: "" });
    } catch (error) {
      this.#post({ kind: "sent", problem: reasonOf(error) });
    }
  }

  #seen(): void {
    if (this.#chosen !== undefined) this.#unread.delete(this.#chosen);
    this.#showUnread();
    this.#tellShares();
  }

  #tellShares(): void {
    const shares = this.#shares.map((share) => ({ share: share.id, label: this.#labelOf(share) }));
    this.#post({ kind: "shares", shares, chosen: this.#chosen });
  }

  #labelOf(share: Share): string {
    const unread = this.#unread.get(share.id) ?? 0;
    const label = [shareInWords(share), share.permission, recipientInWords(share)].join(" · ");
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
