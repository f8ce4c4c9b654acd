import {
  type FileChange,
  type Invited,
  type LiveClientMessage,
  type LiveServerMessage,
  type Method,
  type Params,
  type Person,
  type Result,
  type ServerMessage,
  type Shared,
  type ShownTerminal,
  sessionClose,
  sessionProtocol,
  sessionSubprotocol,
  type TalkMessage,
  type TerminalMessage,
  type Welcome,
} from "@waiide/protocol";
import { backOff } from "./back-off.ts";
import { type Ending, endingOf, reactionTo } from "./closing.ts";
import { Requests } from "./requests.ts";
import { SessionError } from "./session-error.ts";
import { Signal } from "./signal.ts";

/** `away`: reconnects by itself; `paused`: waits for `resume`. */
export type Link =
  | { readonly kind: "connecting" | "open" | "away" | "paused" }
  | { readonly kind: "ended"; readonly why: Ending };

type Overlap = Extract<ServerMessage, { type: "overlap" }>;

type ThreadNews = Extract<ServerMessage, { type: "thread" }>;

type AppNews = Extract<ServerMessage, { type: "app" }>;

/** What a terminal that this page watches shows. */
export type TerminalNews = Exclude<TerminalMessage, { type: "terminals" }>;

interface Watch {
  count: number;
  /** Whether the gateway reports changes; false: it cannot. */
  told: Promise<boolean>;
}

/**
 * The guest's side of the session (DESIGN §3.5). It reconnects by itself after a loss and repeats unanswered requests; a
 * repeated write names the same base, so that the gateway recognizes it as done.
 */
export class Session {
  readonly onLink = new Signal<Link>();
  readonly onShare = new Signal<Shared>();
  readonly onPeople = new Signal<readonly Person[]>();
  /** Somebody asks this guest to follow them. */
  readonly onInvited = new Signal<Invited>();
  /** The owner changed the same lines as this guest. */
  readonly onOverlap = new Signal<Overlap>();
  /** Somebody wrote a message. */
  readonly onSaid = new Signal<TalkMessage>();
  /** Comments on lines of a file were written or changed. */
  readonly onThread = new Signal<ThreadNews>();
  readonly onThreadGone = new Signal<number>();
  readonly onChanges = new Signal<readonly FileChange[]>();
  /** The terminals that the owner shows now. */
  readonly onTerminals = new Signal<readonly ShownTerminal[]>();
  readonly onTerminal = new Signal<TerminalNews>();
  /** The shared app has stopped, or runs again. */
  readonly onApp = new Signal<AppNews>();
  /** What the gateway says about files that are live. */
  readonly onLive = new Signal<LiveServerMessage>();
  /** Reconnected: what is known about files may be out of date. */
  readonly onReturn = new Signal<Welcome>();

  readonly #address: URL;
  readonly #requests = new Requests();
  readonly #watched = new Map<string, Watch>();
  #welcome: Welcome | undefined;
  #link: Link = { kind: "connecting" };
  #socket: WebSocket | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #terminals: readonly ShownTerminal[] = [];
  #people: readonly Person[] = [];

  /** @param base path of the share, begins and ends with `/` */
  constructor(base: string) {
    this.#address = new URL(`${base}api/session`, location.href);
    window.addEventListener("online", () => {
      if (this.#link.kind === "away") this.#connect();
    });
  }

  get link(): Link {
    return this.#link;
  }

  /** Available once the session was open. */
  get welcome(): Welcome {
    if (this.#welcome === undefined) throw new Error("the session was not opened");
    return this.#welcome;
  }

  /** Who is in the share now. */
  get people(): readonly Person[] {
    return this.#people;
  }

  /** The terminals that the owner shows now. */
  get terminals(): readonly ShownTerminal[] {
    return this.#terminals;
  }

  /** undefined: the session was never open. */
  get share(): Shared | undefined {
    return this.#welcome?.share;
  }

  /** Tries until it succeeds or the share has ended. */
  open(): Promise<void> {
    this.#connect();
    return new Promise((resolve) => {
      const stop = this.onLink.listen(({ kind }) => {
        if (kind !== "open" && kind !== "ended") return;
        stop();
        resolve();
      });
    });
  }

  /** Reconnects after a pause. */
  resume(): void {
    if (this.#link.kind === "paused") this.#connect();
  }

  /** @throws SessionError */
  request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    return this.start(method, params).result;
  }

  /** A request that can be cancelled by its id. */
  start<M extends Method>(method: M, params: Params<M>): { readonly id: number; readonly result: Promise<Result<M>> } {
    const { id, result } = this.#requests.add(method, params);
    if (this.#link.kind === "ended") this.#requests.end();
    this.#send();
    return { id, result: result as Promise<Result<M>> };
  }

  /** Sends a message of live editing. @returns false: there is no connection; after the next `onReturn`, open the files again */
  sendLive(message: LiveClientMessage): boolean {
    if (this.#link.kind !== "open" || this.#socket === undefined) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  cancel(id: number): void {
    if (this.#requests.isSent(id)) this.#tell("cancel", { request: id });
    this.#requests.reject(id, "CANCELLED", "Cancelled.");
  }

  /** Reports changes of a file, or of a folder's entries, until the returned function is called; also after a reconnect. */
  watch(path: string): () => void {
    const watch = this.#watched.get(path);
    if (watch !== undefined) watch.count++;
    else this.#watched.set(path, { count: 1, told: this.#askToWatch(path) });
    let isOver = false;
    return () => {
      if (!isOver) this.#unwatch(path);
      isOver = true;
    };
  }

  /**
   * Resolves once the gateway reports changes of the path, so that a later read cannot become outdated unnoticed. After a
   * reconnect it waits until the gateway watches again. false: the path cannot be watched.
   */
  async isTold(path: string): Promise<boolean> {
    return (await this.#watched.get(path)?.told) ?? false;
  }

  /** The network is silent: opens a new socket. */
  abandon(): void {
    this.#socket?.close();
    this.#lost(1006);
  }

  #unwatch(path: string): void {
    const watch = this.#watched.get(path);
    if (watch === undefined || --watch.count > 0) return;
    this.#watched.delete(path);
    // Not before the gateway watches: it may answer the later request first.
    void watch.told.then((isTold) => {
      if (isTold && !this.#watched.has(path)) this.#tell("unwatch", { path });
    });
  }

  /** A file that cannot be watched is read when it is opened. */
  async #askToWatch(path: string): Promise<boolean> {
    try {
      await this.request("watch", { path });
      return true;
    } catch (error) {
      if (error instanceof SessionError) return false;
      throw error;
    }
  }

  /** A request whose failure changes nothing. */
  #tell<M extends Method>(method: M, params: Params<M>): void {
    void this.request(method, params).catch((error: unknown) => {
      if (!(error instanceof SessionError)) throw error;
    });
  }

  /** A new socket has no watches. */
  #watchAgain(): void {
    for (const [path, watch] of this.#watched) {
      if (!this.#requests.isAsked("watch", path)) watch.told = this.#askToWatch(path);
    }
  }

  #connect(): void {
    clearTimeout(this.#retry);
    const address = new URL(this.#address);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address, sessionSubprotocol);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(JSON.parse(String(data)) as ServerMessage);
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) this.#lost(code);
    });
  }

  #lost(code: number): void {
    const wasOpen = this.#link.kind === "open";
    this.#socket = undefined;
    this.#requests.lost();
    const reaction = reactionTo(code);
    switch (reaction.kind) {
      case "end":
        this.#end(reaction.why);
        return;
      case "pause":
        this.#become({ kind: "paused" });
        break;
      case "return":
        this.#become({ kind: "away" });
        this.#connect();
        break;
      case "retry": {
        if (this.#welcome !== undefined) this.#become({ kind: "away" });
        const wait = backOff(code === sessionClose.busy ? 5 : this.#attempt++);
        this.#retry = setTimeout(() => (wasOpen ? this.#connect() : void this.#ask()), wait);
      }
    }
    this.#watchAgain();
  }

  /** Asks by a plain request, since a browser does not say why an upgrade was refused. */
  async #ask(): Promise<void> {
    let status = 0;
    try {
      status = (await fetch(this.#address, { redirect: "manual", cache: "no-store" })).status;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // no network
    }
    const why = endingOf(status);
    if (why !== undefined) this.#end(why);
    else if (this.#socket === undefined) this.#connect();
  }

  #end(why: Ending): void {
    clearTimeout(this.#retry);
    this.#requests.end();
    this.#become({ kind: "ended", why });
  }

  #become(link: Link): void {
    this.#link = link;
    this.onLink.fire(link);
  }

  #send(): void {
    if (this.#link.kind !== "open" || this.#socket === undefined) return;
    for (const message of this.#requests.due(this.welcome.limits.requests)) this.#socket.send(JSON.stringify(message));
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#enter(message);
        break;
      case "response":
        this.#requests.resolve(message.id, message.result);
        this.#send();
        break;
      case "error": {
        const { code, message: text, version } = message.error;
        this.#requests.reject(message.id, code, text, version);
        this.#send();
        break;
      }
      case "people":
        this.#showPeople(message.people);
        break;
      case "share":
        this.#welcome = { ...this.welcome, share: message.share };
        this.onShare.fire(message.share);
        break;
      case "said":
        this.onSaid.fire(message.message);
        break;
      case "thread":
        this.onThread.fire(message);
        break;
      case "thread-gone":
        this.onThreadGone.fire(message.thread);
        break;
      case "overlap":
        this.onOverlap.fire(message);
        break;
      case "changes":
        this.onChanges.fire(message.changes);
        break;
      case "app":
        this.onApp.fire(message);
        break;
      case "invited":
        this.onInvited.fire(message);
        break;
      case "terminals":
        this.#showTerminals(message.terminals);
        break;
      case "terminal-screen":
      case "terminal-output":
      case "terminal-size":
        this.onTerminal.fire(message);
        break;
      default:
        this.onLive.fire(message);
    }
  }

  #showPeople(people: readonly Person[]): void {
    this.#people = people;
    this.onPeople.fire(people);
  }

  #showTerminals(terminals: readonly ShownTerminal[]): void {
    this.#terminals = terminals;
    this.onTerminals.fire(terminals);
  }

  #enter(welcome: Welcome): void {
    if (welcome.protocol !== sessionProtocol) {
      this.#end("version");
      return;
    }
    const isReturn = this.#welcome !== undefined;
    this.#attempt = 0;
    this.#welcome = welcome;
    this.#become({ kind: "open" });
    this.onShare.fire(welcome.share);
    this.#showPeople(welcome.people);
    this.#showTerminals(welcome.terminals);
    if (isReturn) this.onReturn.fire(welcome);
    this.#send();
  }
}
