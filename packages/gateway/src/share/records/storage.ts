import { GatewayError, reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { ShareEvents } from "../share-events.ts";
import type { LazyStore } from "../store/lazy-store.ts";
import type { ShareStore } from "../store/store.ts";
import type { StoreChange } from "../store/stored.ts";
import type { ShareEndings } from "./endings.ts";
import type { ShareTable } from "./table.ts";
import type { ShareWriter } from "./writer.ts";

export interface ShareStorageOptions {
  readonly store: LazyStore;
  /** Earlier gateways may have left shares, whether they can be read or not. */
  readonly hasEarlier: boolean;
  /** Why this server can never share anything; undefined: it can. */
  readonly impossible: string | undefined;
  readonly table: ShareTable;
  readonly writer: ShareWriter;
  readonly endings: ShareEndings;
  readonly events: ShareEvents;
  readonly logger: Logger;
  readonly clock: () => number;
}

/** Reads the store into the table, again whenever it was opened anew, and says whether shares can be used now. */
export class ShareStorage {
  readonly #options: ShareStorageOptions;
  #opening: Promise<void> | undefined;
  /** Which opening of the store the table was read from; 0: none. */
  #loaded = 0;

  constructor(options: ShareStorageOptions) {
    this.#options = options;
  }

  get hasEarlier(): boolean {
    return this.#options.hasEarlier;
  }

  /** Whether there can be shares, as far as is known without opening the store. */
  get isUnused(): boolean {
    return this.#opening === undefined && !this.hasEarlier;
  }

  /** Why this server can never share anything, whatever the store does. */
  get impossible(): string | undefined {
    return this.#options.impossible;
  }

  /** Why there is no sharing at the moment, in words; undefined: there is. */
  get unavailable(): string | undefined {
    const status = this.#options.store.current?.status;
    if (this.impossible !== undefined) return this.impossible;
    if (status === undefined) return "it is not ready yet";
    if (status.kind === "unavailable") return status.reason;
    return this.#loaded === status.opening ? undefined : "it is not ready yet";
  }

  /** There are earlier shares, but they cannot be read now: the server is starting, or its disk fails. */
  get isUnread(): boolean {
    return this.hasEarlier && this.unavailable !== undefined;
  }

  /** @throws GatewayError SHARING_UNAVAILABLE with the reason */
  requireAvailable(): void {
    const reason = this.unavailable;
    if (reason !== undefined) throw new GatewayError("SHARING_UNAVAILABLE", { reason });
  }

  /** Opens the store and reads it, once. A folder that cannot be used makes sharing unavailable, and nothing else. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Resolves when the store is open, if anything has asked for it. */
  async settled(): Promise<void> {
    await this.#opening;
  }

  /** The store, once it can be used. @throws GatewayError SHARING_UNAVAILABLE */
  async requireStore(): Promise<ShareStore> {
    await this.open();
    this.requireAvailable();
    return this.#options.store.current as ShareStore;
  }

  async #open(): Promise<void> {
    if (this.impossible !== undefined) return;
    const store = await this.#options.store.open();
    if (store === undefined) return;
    store.on("change", () => this.#follow(store));
    store.on("late", (changes) => this.#undo(changes));
    try {
      await this.#load(store);
    } catch (error) {
      this.#options.logger.error({ err: error }, "shares could not be read");
    }
  }

  async #load(store: ShareStore): Promise<void> {
    const { table, writer, events, endings } = this.#options;
    if (store.status.kind !== "ready" || store.status.opening === this.#loaded) return;
    const { opening } = store.status;
    const stored = await store.load();
    table.load(stored);
    // Shares that ended here while the store could not be written stay ended.
    for (const change of writer.waiting) if (change.type === "share") table.remove(change.share.id);
    this.#loaded = opening;
    events.emit("loaded", stored);
    endings.expire();
    events.emit("change");
  }

  #follow(store: ShareStore): void {
    const { status } = store;
    if (status.kind === "unavailable" && status.trouble === "lost") this.#giveUp();
    this.#load(store).catch((error: unknown) => {
      this.#options.logger.error({ reason: reasonOf(error) }, "shares could not be read");
    });
    this.#options.events.emit("change");
  }

  /** Another gateway decides about these shares now: this one would not see what that one ends. */
  #giveUp(): void {
    const { table, endings } = this.#options;
    for (const { id } of table.shares) endings.closeParts(id, "stopped");
    table.clear();
    this.#loaded = 0;
  }

  /** The store has written a share after its creation failed: nobody has its link, so it ends. */
  #undo(changes: readonly StoreChange[]): void {
    const { table, writer, clock } = this.#options;
    const endedAt = clock();
    writer.keepLater(
      changes.flatMap((change): StoreChange[] => {
        if (change.type !== "share" || change.share.endedAt !== null) return [];
        if (table.find(change.share.id) !== undefined) return [];
        return [{ type: "share", share: { ...change.share, endedAt, endReason: "revoked" } }];
      }),
    );
  }
}
