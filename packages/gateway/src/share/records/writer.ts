import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Timer } from "../../base/timer.ts";
import type { LazyStore } from "../store/lazy-store.ts";
import type { StoreChange } from "../store/stored.ts";

/** Between attempts to write what could not be written. Milliseconds. */
const retryInterval = 5_000;

/**
 * Writes changes to the store in their order. Changes that take rights away apply in memory first; if the store cannot
 * write them, the writer keeps them and retries until it can.
 */
export class ShareWriter {
  readonly #store: Pick<LazyStore, "commit">;
  readonly #logger: Logger;
  readonly #retry = new Timer();
  /** Changes that apply already and are not written yet. */
  #waiting: StoreChange[] = [];
  #closed = false;

  constructor(store: Pick<LazyStore, "commit">, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  get waiting(): readonly StoreChange[] {
    return this.#waiting;
  }

  /** For changes that give rights. @throws GatewayError SHARING_UNAVAILABLE: none of them is stored */
  async write(changes: readonly StoreChange[]): Promise<void> {
    await this.#flush();
    await this.#store.commit(changes);
  }

  /** For changes that apply already. @throws GatewayError SHARING_UNAVAILABLE: they are kept, and retried */
  async keep(changes: readonly StoreChange[]): Promise<void> {
    this.#waiting.push(...changes);
    await this.#flush();
  }

  /** As `keep`, in the background. */
  keepLater(changes: readonly StoreChange[]): void {
    this.keep(changes).catch((error: unknown) => {
      this.#logger.warn({ reason: reasonOf(error) }, "changes of shares could not be written yet");
    });
  }

  /** Tries once more, and logs what is then lost. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retry.stop();
    await this.#flush().catch((error: unknown) => {
      this.#logger.error({ reason: reasonOf(error) }, "the last changes of shares could not be written");
    });
  }

  async #flush(): Promise<void> {
    const changes = this.#waiting;
    if (changes.length === 0) return;
    this.#waiting = [];
    try {
      await this.#store.commit(changes);
    } catch (error) {
      this.#waiting = [...changes, ...this.#waiting];
      if (!this.#closed) this.#retry.set(retryInterval, () => this.keepLater([]));
      throw error;
    }
  }
}
