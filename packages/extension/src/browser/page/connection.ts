import { loginEnded, serverEnds } from "@waiide/protocol";
import type { ProbeAnswer } from "./probe.ts";
import type { SocketListener } from "./sockets.ts";

/** The state of the connection that people see. */
export type ConnectionState =
  | "connected"
  /** Nothing answers. */
  | "lost"
  /** The server answers, but its IDE is starting. */
  | "starting"
  /** The IDE does not start. */
  | "failed"
  /** Another IDE server answers, which does not know this page: only a reload helps. */
  | "restarted"
  | "stopped"
  | "unused"
  /** The login has ended. */
  | "login";

export interface ConnectionOptions {
  /** Identifies the IDE server of the page. */
  readonly run: string;
  readonly probe: () => Promise<ProbeAnswer>;
  readonly onState: (state: ConnectionState) => void;
  /** Milliseconds of a monotonic clock. */
  readonly clock: () => number;
  /** Calls back later. */
  readonly later: (callback: () => void, milliseconds: number) => void;
}

/** VS Code's server sends something at least every 5 s (PersistentProtocol, KeepAlive): a longer silence is checked. */
const maxSilence = 7_000;
const tick = 1_000;
/** A lost connection closes all sockets within this time; a single one may be an extension host that ended. Milliseconds. */
const together = 50;
/** Between two checks: at first, after half a minute, and after the server or the login has ended. Milliseconds. */
const waits = { soon: 1_000, patient: 5_000, ended: 10_000 };
const impatience = 30_000;

/**
 * Watches the connection between the page and its IDE server. VS Code says nothing for half a minute, and then asks for a
 * reload if that is needed.
 */
export class Connection {
  readonly listener: SocketListener;
  readonly #surroundings: ConnectionOptions;
  readonly #open = new Set<object>();
  #state: ConnectionState = "connected";
  #heard = 0;
  #lostAt = 0;
  #nextAsk = Number.POSITIVE_INFINITY;
  #asking = false;

  constructor(surroundings: ConnectionOptions) {
    this.#surroundings = surroundings;
    this.listener = {
      onOpen: (socket) => this.#opened(socket),
      onMessage: () => {
        this.#heard = surroundings.clock();
      },
      onClose: (socket, end, expected) => this.#closed(socket, end, expected),
    };
  }

  start(): void {
    this.#surroundings.later(() => this.#tick(), tick);
  }

  /** Checks at once: the network changed, or the page is visible again. */
  look(): void {
    if (this.#open.size > 0 || this.#state !== "connected") void this.#ask();
  }

  #opened(socket: object): void {
    this.#open.add(socket);
    this.#heard = this.#surroundings.clock();
    if (this.#state !== "connected") void this.#ask();
  }

  #closed(socket: object, end: Pick<CloseEvent, "code" | "reason">, expected: boolean): void {
    this.#open.delete(socket);
    const { stopped, unused } = serverEnds;
    if (end.code === stopped.code && end.reason === stopped.reason) this.#lose("stopped");
    else if (end.code === unused.code && end.reason === unused.reason) this.#lose("unused");
    else if (end.code === loginEnded.code) this.#lose("login");
    else if (!expected) this.#surroundings.later(() => this.#missed(), together);
  }

  #missed(): void {
    if (this.#state !== "connected") return;
    if (this.#open.size === 0) this.#lose("lost");
    else void this.#ask();
  }

  #tick(): void {
    const now = this.#surroundings.clock();
    const isSilent = this.#open.size > 0 && now - this.#heard > maxSilence;
    if (now >= this.#nextAsk || (this.#state === "connected" && isSilent)) void this.#ask();
    this.#surroundings.later(() => this.#tick(), tick);
  }

  /** Nothing arrives; checked repeatedly from now on. */
  #lose(state: ConnectionState): void {
    const now = this.#surroundings.clock();
    if (this.#state === "connected") this.#lostAt = now;
    this.#enter(state);
    this.#nextAsk = now + waits.soon;
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const answer = await this.#surroundings.probe();
    this.#asking = false;
    const now = this.#surroundings.clock();
    this.#learn(answer, now);
    if (this.#state === "connected") this.#nextAsk = Number.POSITIVE_INFINITY;
    else if (this.#isStopped || this.#state === "login") this.#nextAsk = now + waits.ended;
    else this.#nextAsk = now + (now - this.#lostAt > impatience ? waits.patient : waits.soon);
  }

  #learn(answer: ProbeAnswer, now: number): void {
    if (answer.kind === "server") this.#learnState(answer);
    else if (answer.kind === "login") this.#lose("login");
    // A stopped server does not answer; that is no news.
    else if (!this.#isStopped) this.#lose(answer.kind === "ended" ? "stopped" : "lost");
    if (answer.kind === "server") this.#heard = now;
  }

  #learnState({ run, state }: Extract<ProbeAnswer, { kind: "server" }>): void {
    if (state === "failed") this.#lose("failed");
    else if (state !== "ready") this.#lose("starting");
    else if (run !== this.#surroundings.run) this.#lose("restarted");
    else if (this.#open.size > 0) this.#enter("connected");
    // VS Code reconnects by itself.
    else this.#lose("lost");
  }

  get #isStopped(): boolean {
    return this.#state === "stopped" || this.#state === "unused";
  }

  #enter(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#surroundings.onState(state);
  }
}
