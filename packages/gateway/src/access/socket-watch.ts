import { loginEnded } from "@waiide/protocol";
import type { Logger } from "../base/log.ts";
import { Timer } from "../base/timer.ts";

/** Checks whether a socket's login is still valid. `unknown`: the hub does not answer. */
export type Recheck = () => Promise<"ok" | "refused" | "unknown">;

/** As long as identities are cached. Milliseconds. */
const defaultInterval = 60_000;

interface Closeable {
  close(code: number, reason: string): void;
}

/**
 * Rechecks the logins of open sockets at an interval (RULES R1). A refusal closes the socket; a missing answer does not.
 * The timer runs only while a socket is open.
 */
export class SocketWatch {
  readonly #logger: Logger;
  readonly #interval: number;
  readonly #sockets = new Map<Closeable, Recheck>();
  readonly #timer = new Timer();
  #waiting = false;
  #closed = false;

  /** @param interval milliseconds between two checks */
  constructor({ logger, interval = defaultInterval }: { readonly logger: Logger; readonly interval?: number }) {
    this.#logger = logger;
    this.#interval = interval;
  }

  /** @returns a function to call when the socket has closed */
  add(socket: Closeable, recheck: Recheck): () => void {
    this.#sockets.set(socket, recheck);
    this.#arm();
    return () => {
      this.#sockets.delete(socket);
    };
  }

  close(): void {
    this.#closed = true;
    this.#timer.stop();
    this.#sockets.clear();
  }

  #arm(): void {
    if (this.#waiting || this.#closed || this.#sockets.size === 0) return;
    this.#waiting = true;
    this.#timer.set(this.#interval, () => {
      void this.#checkAll().finally(() => {
        this.#waiting = false;
        this.#arm();
      });
    });
  }

  async #checkAll(): Promise<void> {
    await Promise.all([...this.#sockets].map(([socket, recheck]) => this.#check(socket, recheck)));
  }

  async #check(socket: Closeable, recheck: Recheck): Promise<void> {
    const answer = await recheck().catch((error: unknown) => {
      this.#logger.error({ err: error }, "a login could not be checked again");
      return "unknown" as const;
    });
    if (answer !== "refused" || !this.#sockets.delete(socket)) return;
    this.#logger.info("a WebSocket is closed: its login has ended");
    socket.close(loginEnded.code, loginEnded.reason);
  }
}
