import { loginEnded, serverEnds } from "@waiide/protocol";
import type { ProbeAnswer } from "./probe.ts";
import type { SocketListener } from "./sockets.ts";

/** What people are to be told of the connection. */
export type ConnectionState =
  | "connected"
  /** Nothing answers. */
  | "lost"
  /** The server answers, the IDE behind it is starting. */
  | "starting"
  /** The IDE behind it does not start. */
  | "failed"
  /** Another IDE server answers, which knows nothing of this page: only loading the page again helps. */
  | "restarted"
  | "stopped"
  | "unused"
  /** The login has ended. */
  | "login";

export interface ConnectionOptions {
  /** Names the IDE server that the page belongs to. */
  readonly run: string;
  readonly probe: () => Promise<ProbeAnswer>;
  readonly onState: (state: ConnectionState) => void;
  /** Milliseconds, always forward. */
  readonly clock: () => number;
  /** Calls back later. */
  readonly later: (callback: () => void, milliseconds: number) => void;
}

/** VS Code's server says something every 5 s at least (PersistentProtocol, KeepAlive): longer silence is looked into. */
const maxSilence = 7_000;
const tick = 1_000;
/** All sockets of a page close in one moment; one alone may be an extension host that ended. Milliseconds. */
const together = 50;
/** Between two questions: at first, after half a minute, and once server or login have ended. Milliseconds. */
const waits = { soon: 1_000, patient: 5_000, ended: 10_000 };
const impatience = 30_000;

/**
 * Follows the connection between the page and its IDE server. VS Code itself says nothing for half a minute, and asks to have
 * the page loaded again where that is needed.
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

  /** Looks at once: the browser says that something about the network changed, or the page is seen again. */
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

  /** Nothing comes through; asked again and again from now on. */
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
    // What was stopped does not answer; that is no news.
    else if (!this.#isStopped) this.#lose(answer.kind === "ended" ? "stopped" : "lost");
    if (answer.kind === "server") this.#heard = now;
  }

  #learnState({ run, state }: Extract<ProbeAnswer, { kind: "server" }>): void {
    if (state === "failed") this.#lose("failed");
    else if (state !== "ready") this.#lose("starting");
    else if (run !== this.#surroundings.run) this.#lose("restarted");
    else if (this.#open.size > 0) this.#enter("connected");
    // VS Code comes back by itself.
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
