/** A page that messages are sent to. */
export interface Listener {
  /** Bytes that it was sent and has not read. */
  readonly unread: number;
  drop(): void;
}

/** Bytes that all guests of a gateway together may leave unread. */
const maxUnread = 256 * 1024 * 1024;
/** Bytes sent between two checks. */
const interval = 1024 * 1024;

/** What guests were sent and do not read: of all of them together it is bounded, and the largest goes first (RULES R14). */
export class Backlog {
  readonly #max: number;
  readonly #listeners = new Set<Listener>();
  #sinceLook = 0;

  constructor(max = maxUnread) {
    this.#max = max;
  }

  /** @returns call it when the page has closed */
  join(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  sent(bytes: number): void {
    this.#sinceLook += bytes;
    if (this.#sinceLook < interval) return;
    this.#sinceLook = 0;
    const unread = [...this.#listeners].map((listener) => ({ listener, bytes: listener.unread }));
    let all = unread.reduce((sum, one) => sum + one.bytes, 0);
    for (const one of unread.sort((first, second) => second.bytes - first.bytes)) {
      if (all <= this.#max) return;
      all -= one.bytes;
      one.listener.drop();
    }
  }
}
