import type { WebSocket } from "ws";

export interface IntakeLimits {
  /** Messages of a page that are taken at once, and how many more a second. */
  readonly burst: number;
  readonly perSecond: number;
  /** Bytes of what is asked and answered that may be under way. */
  readonly bytes: number;
}

/** A page that opens a large folder asks some hundred things at once, and then a few a second. */
export const intakeLimits: IntakeLimits = { burst: 500, perSecond: 100, bytes: 16 * 1024 * 1024 };

/** Between two looks whether what is under way has gone out. Milliseconds. */
const pause = 50;

/**
 * How much of a page's messages is taken: who sends more than is worked off is not read from, so that what they sent waits
 * with them and not in our memory (RULES R14). Nothing is refused for it.
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

  /** Whether what has been answered has gone out far enough for more to be made. */
  get hasRoom(): boolean {
    return this.#socket.bufferedAmount <= this.#limits.bytes;
  }

  /** Counts a message that came. @returns to be called when it has been answered */
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
