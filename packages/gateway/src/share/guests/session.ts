import {
  type Actor,
  computeAccess,
  type Method,
  type Params,
  type Person,
  type RequestMessage,
  RequestMessageSchema,
  type Result,
  type ServerMessage,
  type SessionCloseReason,
  type SessionErrorCode,
  type Shared,
  sessionClose,
  sessionProtocol,
  type Welcome,
} from "@waiide/protocol";
import Value from "typebox/value";
import type { WebSocket } from "ws";
import type { Logger } from "../../base/log.ts";
import { Newest } from "../../base/newest.ts";
import { isLiveMessage, type LiveConnection, type LiveConnectionOptions } from "../../live/live-connection.ts";
import { FileError } from "../../workspace/file-error.ts";
import type { FileMethod, GuestWorkspace } from "../../workspace/guest-workspace.ts";
import type { SharedTerminals } from "../shown-terminals/shared-terminals.ts";
import type { Backlog, Listener } from "./backlog.ts";
import type { OpenPart } from "./guests.ts";
import { type Member, type SharePresence, seenIn } from "./presence.ts";
import { type AnsweredMethod, isAnswered, type SessionAnswers } from "./session-answers.ts";
import { SessionIntake } from "./session-intake.ts";
import { failureOf, invitationInterval, parseMessage, problemOf, without } from "./session-messages.ts";
import { WatchedTerminals } from "./watched-terminals.ts";

export interface SessionLimits {
  /** Bytes of a `read`, and of a file. */
  readonly read: number;
  readonly file: number;
  /** How many requests may be under way at once. */
  readonly requests: number;
  /** Milliseconds without visibility or input after which the socket is closed (RULES R20). */
  readonly idle: number;
}

/** What live editing needs of a page. */
export type LivePage = Pick<LiveConnectionOptions, "send" | "unread" | "onInput">;

export interface GuestSessionParts {
  readonly socket: WebSocket;
  readonly you: Person;
  /** The guest whose page it is, as `guestOf` names them. */
  readonly guest: string;
  readonly share: () => Shared | undefined;
  /** The file or the app that the page begins with, if any. */
  readonly begins: Pick<Welcome, "opens" | "app">;
  readonly actor: () => Actor;
  readonly files: Pick<GuestWorkspace, "handle" | "close">;
  readonly presence: SharePresence;
  /** Takes the page's messages of live editing. */
  readonly live: (page: LivePage) => LiveConnection;
  readonly terminals: SharedTerminals;
  /** What is not about files. */
  readonly answers: SessionAnswers;
  readonly backlog: Backlog;
  readonly limits: SessionLimits;
  readonly logger: Logger;
  /** Called on a person's input, which counts as activity with Full and Terminal Access only (RULES R20). */
  readonly onInput: () => void;
  /** Resolves when everything that the request wrote is in the audit. */
  readonly recorded: () => Promise<void>;
}

/** Requests that are answered when what they ask for is done. */
type LateMethod = FileMethod | AnsweredMethod;

/** Milliseconds. */
const pingInterval = 30_000;
/** A peer that does not answer so many pings has vanished; while it reads what it was sent it has more time. */
const maxUnanswered = 2;
const maxUnansweredReading = 5;
/** A socket that does not close within this time is cut. Milliseconds. */
const closeTimeout = 500;
/** The most that a page may leave unread. Bytes. */
const maxUnread = 64 * 1024 * 1024;
/** A page with this much unread gets only the newest of messages that replace each other. Bytes. */
const behind = 256 * 1024;

/** One page of a guest: its requests, and the messages to it (DESIGN §3.5). Rights are checked anew for each request. */
export class GuestSession implements OpenPart, Member, Listener {
  readonly #parts: GuestSessionParts;
  readonly #underWay = new Map<number, AbortController>();
  readonly #timers: NodeJS.Timeout[];
  readonly #leaveRoom: () => void;
  readonly #leaveBacklog: () => void;
  readonly #intake: SessionIntake;
  readonly #live: LiveConnection;
  readonly #terminals: WatchedTerminals;
  /** What replaces itself and could not go out yet: the newest of each kind. */
  readonly #late = new Map<ServerMessage["type"], string>();
  /** The page's place as it last reported it; only the newest report is checked. */
  readonly #wanted = new Newest<Pick<Person, "path" | "view">>((place, isNewest) => this.#follow(place, isNewest));
  #lastInvitation = Number.NEGATIVE_INFINITY;
  #person: Person;
  #lastInput = performance.now();
  #unansweredPings = 0;
  #ended = false;

  constructor(parts: GuestSessionParts) {
    this.#parts = parts;
    this.#person = parts.you;
    const { socket, presence, limits } = parts;
    this.#intake = new SessionIntake(socket);
    this.#terminals = new WatchedTerminals(parts, this);
    this.#leaveBacklog = parts.backlog.join(this);
    this.#live = parts.live({
      send: (message) => this.send(message),
      unread: () => this.unread,
      onInput: () => this.#onInput(),
    });
    socket.on("message", (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on("pong", () => {
      this.#unansweredPings = 0;
    });
    socket.on("error", (error) => parts.logger.debug({ reason: error.message }, "a guest's socket failed"));
    socket.once("close", () => this.#close());
    this.#timers = [
      setInterval(() => this.#ping(), pingInterval).unref(),
      setInterval(() => this.#endIfIdle(), Math.max(100, limits.idle / 10)).unref(),
    ];
    this.#welcome();
    this.#leaveRoom = presence.join(this);
  }

  get person(): Person {
    return this.#person;
  }

  get guest(): string {
    return this.#parts.guest;
  }

  /** Bytes that the page was sent and has not read. */
  get unread(): number {
    return this.#parts.socket.bufferedAmount;
  }

  /** The page has not read what it was sent. */
  get isBehind(): boolean {
    return this.unread > behind;
  }

  drop(): void {
    this.end("busy");
    // A page that does not read gets no close message either.
    this.#parts.socket.terminate();
  }

  send(message: ServerMessage): void {
    this.#sendText(JSON.stringify(message));
  }

  /** A message that replaces earlier ones of its kind: a page that is behind gets the newest only. */
  sendNewest(type: ServerMessage["type"], text: string): void {
    if (!this.isBehind) this.#sendText(text);
    else this.#late.set(type, text);
  }

  #sendText(text: string): void {
    const { socket, backlog } = this.#parts;
    if (this.#ended || socket.readyState !== socket.OPEN) return;
    if (this.unread > maxUnread) {
      this.drop();
      return;
    }
    socket.send(text, () => this.#sendLate());
    backlog.sent(text.length);
  }

  #sendLate(): void {
    if (this.isBehind) return;
    const late = [...this.#late.values()];
    this.#late.clear();
    for (const text of late) this.#sendText(text);
  }

  end(reason: SessionCloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    const { socket } = this.#parts;
    for (const request of this.#underWay.values()) request.abort();
    this.#live.close();
    socket.close(sessionClose[reason], reason);
    setTimeout(() => socket.terminate(), closeTimeout).unref();
  }

  #welcome(): void {
    const { limits, begins, presence, terminals } = this.#parts;
    const share = this.#parts.share();
    if (share === undefined) {
      this.end("revoked");
      return;
    }
    this.send({
      type: "welcome",
      protocol: sessionProtocol,
      you: this.#person,
      share,
      ...begins,
      limits: { read: limits.read, file: limits.file, requests: limits.requests },
      people: presence.peopleFor(this),
      terminals: terminals.list(),
    });
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return;
    const message = isBinary ? undefined : parseMessage(data.toString("utf8"));
    const answered = this.#intake.took(data.length);
    if (Value.Check(RequestMessageSchema, message)) this.#onRequest(message, answered);
    else if (isLiveMessage(message)) {
      const work = this.#live.take(message);
      if (work === undefined) answered();
      else void work.finally(answered);
    } else this.end("protocol");
  }

  /** @param answered call it when the request is done */
  #onRequest(message: RequestMessage, answered: () => void): void {
    const work = this.#workFor(message);
    if (work === undefined) answered();
    else void work.finally(answered);
  }

  /** @returns undefined if it is answered already */
  #workFor({ id, method, params }: RequestMessage): Promise<void> | undefined {
    const problem = problemOf(method, params);
    if (problem !== undefined) this.#fail(id, "INVALID", problem);
    else if (method === "presence") this.#onPresence(id, params as Params<"presence">);
    else if (method === "invite") this.#invite(id);
    else if (method === "watch-terminal") this.#watchTerminal(id, params as Params<"watch-terminal">);
    else if (method === "cancel") this.#cancel(id, params as Params<"cancel">);
    else if (this.#underWay.has(id)) this.#fail(id, "INVALID", "this id is in use");
    else if (this.#underWay.size >= this.#parts.limits.requests) this.#fail(id, "BUSY", "too many requests at once");
    else return this.#answer(id, method as LateMethod, params);
    return undefined;
  }

  async #answer(id: number, method: LateMethod, params: unknown): Promise<void> {
    const stop = new AbortController();
    this.#underWay.set(id, stop);
    try {
      // No more answers are made for a page that does not read them.
      await this.#intake.room();
      const result = await this.#resultOf(method, params, stop.signal);
      await this.#parts.recorded();
      // The share may have ended during the disk access: then nothing is sent.
      const actor = this.#parts.actor();
      if (actor.kind === "guest" && actor.state !== "live") throw new FileError("DENIED", "the share has ended");
      this.send({ type: "response", id, result });
    } catch (error) {
      this.#failWith(id, error);
    } finally {
      this.#underWay.delete(id);
    }
  }

  #resultOf(method: LateMethod, params: unknown, signal: AbortSignal): Promise<Result<Method>> {
    const { files, answers } = this.#parts;
    if (isAnswered(method)) return answers[method](params as never, signal);
    return files.handle(method, params as never, signal);
  }

  #onPresence(id: number, { path, visible, input, view, follows }: Params<"presence">): void {
    const { actor } = this.#parts;
    if (!computeAccess({ actor: actor(), operation: "presence" }).allowed) {
      this.#fail(id, "DENIED", "not permitted");
      return;
    }
    if (visible && input) this.#onInput();
    this.send({ type: "response", id, result: {} });
    this.#wanted.take({ path, ...(view !== undefined && { view }) });
    if (follows !== this.#person.follows)
      this.#become({ ...without(this.#person, "follows"), ...(follows && { follows }) });
  }

  #onInput(): void {
    this.#lastInput = performance.now();
    this.#parts.onInput();
  }

  /** Others learn only of places that this guest may see. However often a page moves, only one check runs at a time. */
  async #follow({ path, ...rest }: Pick<Person, "path" | "view">, isNewest: () => boolean): Promise<void> {
    const mayBeThere = path !== null && (await this.sees(path));
    // Somewhere else by now: that is what counts.
    if (isNewest()) this.#moveTo(mayBeThere ? { path, ...rest } : { path: null });
  }

  sees(path: string): Promise<boolean> {
    return seenIn(this.#parts.files, path);
  }

  #moveTo({ path, view }: Pick<Person, "path" | "view">): void {
    const { path: before, view: seen } = this.#person;
    if (path === before && JSON.stringify(view) === JSON.stringify(seen)) return;
    this.#become({ ...without(this.#person, "view"), path, ...(view !== undefined && { view }) });
  }

  #become(person: Person): void {
    this.#person = person;
    this.#parts.presence.changed(this);
  }

  #invite(id: number): void {
    const { actor, presence } = this.#parts;
    const now = performance.now();
    if (!computeAccess({ actor: actor(), operation: "presence" }).allowed) this.#fail(id, "DENIED", "not permitted");
    else if (now - this.#lastInvitation < invitationInterval) this.#fail(id, "BUSY", "you asked a moment ago");
    else {
      this.#lastInvitation = now;
      presence.invite(this);
      this.send({ type: "response", id, result: {} });
    }
  }

  #watchTerminal(id: number, params: Params<"watch-terminal">): void {
    const refusal = this.#terminals.watch(params);
    if (refusal !== undefined) this.#fail(id, refusal.code, refusal.message);
    else this.send({ type: "response", id, result: {} });
  }

  #cancel(id: number, { request }: Params<"cancel">): void {
    this.#underWay.get(request)?.abort();
    this.send({ type: "response", id, result: {} });
  }

  #failWith(id: number, error: unknown): void {
    this.send({ type: "error", id, error: failureOf(error, this.#parts.logger) });
  }

  #fail(id: number, code: SessionErrorCode, message: string): void {
    this.send({ type: "error", id, error: { code, message } });
  }

  #ping(): void {
    const { socket } = this.#parts;
    const max = this.unread > 0 ? maxUnansweredReading : maxUnanswered;
    this.#unansweredPings += 1;
    if (this.#unansweredPings >= max) socket.terminate();
    else socket.ping();
  }

  #endIfIdle(): void {
    if (performance.now() - this.#lastInput > this.#parts.limits.idle) this.end("idle");
  }

  #close(): void {
    this.#ended = true;
    this.#wanted.close();
    for (const timer of this.#timers) clearInterval(timer);
    for (const request of this.#underWay.values()) request.abort();
    this.#live.close();
    this.#intake.close();
    this.#late.clear();
    this.#terminals.close();
    this.#leaveRoom();
    this.#leaveBacklog();
    this.#parts.files.close();
  }
}
