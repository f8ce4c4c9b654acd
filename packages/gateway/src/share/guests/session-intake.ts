import type { WebSocket } from "ws";

export interface IntakeLimits {
  /** Messages of a page that are taken at once, and how many more a second. */
  readonly burst: number;
  readonly perSecond: number;
  /** Bytes of requests and answers that may be under way. */
  readonly bytes: number;
}

/** A page that opens a large folder asks some hundred things at once, and then a few a second. */
export const intakeLimits: IntakeLimits = { burst: 500, perSecond: 100, bytes: 16 * 1024 * 1024 };

/** Between two checks whether the answers under way were sent. Milliseconds. */
const pause = 50;

/**
 * Limits how many messages of a page are read. A page that sends faster than its requests are answered is not read for a
 * while, so that its messages wait on its side and not in our memory (RULES R14). No message is refused.
 */
export class SessionIntake {
  readonly #socket: WebSocket;
  readonly #limits: IntakeLimits;
  #allowed: number;
  #countedAt = performance.now();
  #asked = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, limits: IntakeLimits = intakeLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.#allowed = limits.burst;
  }

  /** Whether enough of the answers was sent to make more of them. */
  get hasRoom(): boolean {
    return this.#socket.bufferedAmount <= this.#limits.bytes;
  }

  /** Counts an incoming message. @returns call it when the message has been answered */
  took(bytes: number): () => void {
    this.#refill();
    this.#allowed -= 1;
    this.#asked += bytes;
    this.#readOrWait();
    return () => {
      this.#asked -= bytes;
      this.#readOrWait();
    };
  }

  /** Resolves once there is room, or the socket has closed. */
  async room(): Promise<void> {
    while (!this.hasRoom && this.#socket.readyState === this.#socket.OPEN) {
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, pause);
      await promise;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #readOrWait(): void {
    const mayRead = this.#allowed > 0 && this.#asked <= this.#limits.bytes && this.hasRoom;
    if (mayRead) {
      this.close();
      if (this.#socket.isPaused) this.#socket.resume();
      return;
    }
    if (!this.#socket.isPaused) this.#socket.pause();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#refill();
      this.#readOrWait();
    }, pause).unref();
  }

  #refill(): void {
    const now = performance.now();
    const fresh = ((now - this.#countedAt) / 1_000) * this.#limits.perSecond;
    this.#allowed = Math.min(this.#limits.burst, this.#allowed + fresh);
    this.#countedAt = now;
  }
}
