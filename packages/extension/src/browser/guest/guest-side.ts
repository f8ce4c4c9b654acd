import type { WindowServerMessage } from "@waiide/protocol/live";
import { commands, type Disposable } from "vscode";
import { allHostsRun } from "../../comments/extension-hosts.ts";
import { TalkView } from "../../talk/talk-view.ts";
import { t } from "../../text/translation.ts";
import type { ToGateway } from "../live/connection.ts";
import { WatchedTerminals } from "../terminals/watched-terminals.ts";
import { GuestComments } from "./guest-comments.ts";
import { RequestError, Requests } from "./requests.ts";
import { randomKey } from "./share-paths.ts";

/** The script of the conversation's view, which the build puts here. */
declare const TALK_SCRIPT: string;

type Of<Type extends WindowServerMessage["type"]> = Extract<WindowServerMessage, { type: Type }>;
type Terminals = Of<"terminals" | "terminal-screen" | "terminal-output" | "terminal-size">;
type Message = Terminals | Of<"window-talk" | "said" | "thread" | "thread-gone" | "response" | "error">;

/** The share, for a Terminal Access guest in their own IDE: terminals that the owner shows, conversation, and comments. */
export class GuestSide {
  readonly #requests: Requests;
  readonly #terminals: WatchedTerminals;
  #talk: { readonly view: TalkView; readonly comments: GuestComments; readonly command: Disposable } | undefined;
  #about: Of<"window-talk"> | undefined;

  constructor(send: (message: ToGateway) => boolean) {
    this.#requests = new Requests(send);
    this.#terminals = new WatchedTerminals(send);
  }

  receive(message: Message): void {
    switch (message.type) {
      case "window-talk":
        this.#begin(message);
        break;
      case "said":
        if (this.#about?.on) this.#talk?.view.said({ share: this.#about.share, message: message.message });
        break;
      case "thread":
        this.#talk?.comments.take(message.thread);
        break;
      case "thread-gone":
        this.#talk?.comments.gone(message.thread);
        break;
      case "response":
      case "error":
        this.#requests.receive(message);
        break;
      default:
        this.#terminals.receive(message);
    }
  }

  /** The connection is gone: a new one has told nothing yet. */
  lost(): void {
    this.#requests.lost();
    this.#terminals.lost();
  }

  dispose(): void {
    this.#terminals.dispose();
    this.#talk?.command.dispose();
    this.#talk?.view.dispose();
    this.#talk?.comments.dispose();
  }

  #begin(about: Of<"window-talk">): void {
    this.#about = about;
    this.#talk ??= this.#start();
    void commands.executeCommand("setContext", "waiide.live.talk", about.on);
    this.#talk.view.show(about.on ? [{ share: about.share, label: t("Conversation") }] : []);
    this.#talk.comments.begin(about.on ? about.root : undefined);
  }

  #start() {
    const view = new TalkView({
      id: "waiide.live.talk",
      talk: (_share, before) => this.#requests.ask("talk", { ...(before !== undefined && { before }) }),
      say: (_share, text) => this.#requests.ask("say", { text, key: randomKey() }),
      reasonOf: (error) => (error instanceof RequestError ? error.message : String(error)),
      script: () => Promise.resolve(TALK_SCRIPT),
      nonce: randomKey,
      you: () => this.#about?.you ?? "",
    });
    const command = commands.registerCommand("waiide.live.showTalk", () => view.reveal(this.#about?.share));
    return { view, command, comments: new GuestComments(this.#requests, allHostsRun()) };
  }
}
