import { EventEmitter } from "node:events";
import { GatewayError } from "../../src/base/errors.ts";
import type { ShareStore } from "../../src/share/store/store.ts";
import type { LiveRecords, StoreChange, StoredAuditEntry, StoreStatus } from "../../src/share/store/stored.ts";

/** A store in memory for what is tested above it: it can be made to fail or to wait. */
export class MemoryStore extends EventEmitter {
  status: StoreStatus = { kind: "ready", opening: 1 };
  readonly changes: StoreChange[] = [];
  /** Set: commits wait for it. */
  gate: Promise<void> | undefined;
  failing = false;
  closed = false;

  async load(): Promise<LiveRecords> {
    const shares = new Map(this.changes.flatMap((one) => (one.type === "share" ? [[one.share.id, one.share]] : [])));
    const links = new Map(this.changes.flatMap((one) => (one.type === "link" ? [[one.link.id, one.link]] : [])));
    const sessions = new Map(
      this.changes.flatMap((one) => (one.type === "session" ? [[one.session.id, one.session]] : [])),
    );
    const live = [...shares.values()].filter(({ endedAt }) => endedAt === null);
    const isLive = (id: string) => live.some((share) => share.id === id);
    return {
      shares: live,
      links: [...links.values()].filter(({ share, endedAt }) => endedAt === null && isLive(share)),
      grants: [
        ...new Map(this.changes.flatMap((one) => (one.type === "grant" ? [[one.grant.id, one.grant]] : []))).values(),
      ].filter(({ endedAt }) => endedAt === null),
      companions: [
        ...new Map(
          this.changes.flatMap((one) => (one.type === "companion" ? [[one.companion.id, one.companion]] : [])),
        ).values(),
      ].filter(({ endedAt }) => endedAt === null),
      threads: [],
      comments: [],
      sessions: [...sessions.values()].filter(({ share, endedAt }) => endedAt === null && isLive(share)),
    };
  }

  async commit(changes: readonly StoreChange[]): Promise<void> {
    await this.gate;
    if (this.failing) throw new GatewayError("SHARING_UNAVAILABLE", { reason: "the disk is full" });
    this.changes.push(...changes);
  }

  async audit(): Promise<StoredAuditEntry[]> {
    return this.entries.map((entry, id) => ({ ...entry, id })).toReversed();
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  get entries() {
    return this.changes.flatMap((one) => (one.type === "audit" ? [one.entry] : []));
  }

  become(status: StoreStatus): void {
    this.status = status;
    this.emit("change", status);
  }

  asStore(): ShareStore {
    return this as unknown as ShareStore;
  }
}
