import { GatewayError, reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Timer } from "../../base/timer.ts";
import type { ShareStore } from "../store/store.ts";
import type { StoreChange } from "../store/stored.ts";

/** What could not be written is tried again so often. Milliseconds. */
const retryInterval = 5_000;

/**
 * Brings changes to the store in their order. What takes rights away holds in memory before it comes here: where the store
 * cannot take it, it is kept and tried again until it can.
 */
export class ShareWriter {
  readonly #logger: Logger;
  readonly #retry = new Timer();
  /** What holds already and the store has not taken yet. */
  #waiting: StoreChange[] = [];
  #store: ShareStore | undefined;
  #closed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  use(store: ShareStore): void {
    this.#store = store;
  }

  get waiting(): readonly StoreChange[] {
    return this.#waiting;
  }

  /** For what gives rights. @throws GatewayError SHARING_UNAVAILABLE: nothing of it is stored */
  async write(changes: readonly StoreChange[]): Promise<void> {
    await this.#flush();
    await this.#commit(changes);
  }

  /** For what holds already. @throws GatewayError SHARING_UNAVAILABLE: it is kept, and tried again */
  async keep(changes: readonly StoreChange[]): Promise<void> {
    this.#waiting.push(...changes);
    await this.#flush();
  }

  /** As `keep`, for what nobody waits for. */
  keepLater(changes: readonly StoreChange[]): void {
    this.keep(changes).catch((error: unknown) => {
      this.#logger.warn({ reason: reasonOf(error) }, "changes of shares could not be written yet");
    });
  }

  /** Tries once more; what is lost then is logged. */
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
      await this.#commit(changes);
    } catch (error) {
      this.#waiting = [...changes, ...this.#waiting];
      if (!this.#closed) this.#retry.set(retryInterval, () => this.keepLater([]));
      throw error;
    }
  }

  async #commit(changes: readonly StoreChange[]): Promise<void> {
    if (this.#store === undefined) throw new GatewayError("SHARING_UNAVAILABLE", { reason: "it is not ready yet" });
    await this.#store.commit(changes);
  }
}
