import { GatewayError } from "../../base/errors.ts";
import type { ShareStore } from "./store.ts";
import type { StoreChange } from "./stored.ts";

/** The store, opened on first use. */
export class LazyStore {
  readonly #openStore: () => Promise<ShareStore>;
  #opening: Promise<ShareStore | undefined> | undefined;
  #store: ShareStore | undefined;
  #closed = false;

  constructor(openStore: () => Promise<ShareStore>) {
    this.#openStore = openStore;
  }

  /** Undefined until it is open. */
  get current(): ShareStore | undefined {
    return this.#store;
  }

  /** Opens it once. Undefined where the gateway is closing. */
  open(): Promise<ShareStore | undefined> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** @throws GatewayError SHARING_UNAVAILABLE */
  async commit(changes: readonly StoreChange[]): Promise<void> {
    if (this.#store === undefined) throw new GatewayError("SHARING_UNAVAILABLE", { reason: "it is not ready yet" });
    await this.#store.commit(changes);
  }

  /** No store is opened from now on; an open one stays usable until `close`. */
  refuse(): void {
    this.#closed = true;
  }

  async close(): Promise<void> {
    this.refuse();
    const store = await this.#opening;
    await store?.close();
  }

  async #open(): Promise<ShareStore | undefined> {
    if (this.#closed) return undefined;
    this.#store = await this.#openStore();
    return this.#store;
  }
}
