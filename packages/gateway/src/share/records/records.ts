import type { Logger } from "../../base/log.ts";
import type { CompanionTokens } from "../../hub/companion-tokens.ts";
import { AuditLog } from "../audit/audit-log.ts";
import { Guests } from "../guests/guests.ts";
import { WaitingRoom, type WaitingRoomOptions } from "../guests/waiting-room.ts";
import { Companions } from "../hub-link/companions.ts";
import { ShareEvents } from "../share-events.ts";
import { LazyStore } from "../store/lazy-store.ts";
import type { ShareStore } from "../store/store.ts";
import { ShareEndings } from "./endings.ts";
import { Links } from "./links.ts";
import type { PolicySettings } from "./policy.ts";
import { SessionRecords } from "./sessions.ts";
import { Shares } from "./shares.ts";
import { ShareStorage } from "./storage.ts";
import { ShareTable } from "./table.ts";
import { ShareWriter } from "./writer.ts";

export interface ShareRecordsOptions {
  readonly policy: PolicySettings;
  /** Name of the owner, for the audit. */
  readonly owner: string;
  /** The owner as the hub names them; undefined without a hub. */
  readonly hubOwner?: string | undefined;
  readonly logger: Logger;
  readonly openStore: () => Promise<ShareStore>;
  /** Earlier gateways may have left shares. */
  readonly hasEarlier?: boolean;
  /** Why this server can never share anything; undefined: it can. */
  readonly impossible?: string | undefined;
  /** Behind a hub that can list the links. */
  readonly tokens?: CompanionTokens | undefined;
  /** People who wait until the owner lets them in. */
  readonly waiting?: Pick<WaitingRoomOptions, "max" | "timeout">;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

const defaultWaiting = { max: 20, timeout: 900_000 };

/** The records of shares, links and sessions, and everything that reads, changes and ends them. */
export interface ShareRecords {
  readonly events: ShareEvents;
  readonly table: ShareTable;
  readonly storage: ShareStorage;
  readonly writer: ShareWriter;
  readonly audit: AuditLog;
  readonly guests: Guests;
  readonly waiting: WaitingRoom;
  readonly sessions: SessionRecords;
  readonly endings: ShareEndings;
  readonly shares: Shares;
  /** Undefined without a hub. */
  readonly companions: Companions | undefined;
  /** No store is opened from now on. */
  readonly dismiss: () => void;
  readonly close: () => Promise<void>;
}

/** Builds the records bottom-up: each part gets what stands below it, and notifies the others by the events. */
export function createRecords(options: ShareRecordsOptions): ShareRecords {
  const { owner, logger, tokens, hasEarlier = false, impossible, clock = Date.now } = options;
  const events = new ShareEvents();
  const guests = new Guests(events, clock);
  const table = new ShareTable(options.policy, clock, options.hubOwner);
  const store = new LazyStore(options.openStore);
  const writer = new ShareWriter(store, logger);
  const audit = new AuditLog((changes) => writer.keepLater(changes), clock);
  const companions = tokens && new Companions({ tokens, table, writer, events, logger, clock });
  const links = new Links({ table, writer, companions });
  const parts = { table, writer, audit, guests, events, owner, clock };
  const waiting = new WaitingRoom({ ...parts, ...(options.waiting ?? defaultWaiting) });
  const sessions = new SessionRecords(parts);
  const endings = new ShareEndings({ ...parts, sessions });
  const storage = new ShareStorage({ store, hasEarlier, impossible, table, writer, endings, events, logger, clock });
  const shares = new Shares({ ...parts, sessions, endings, storage, links });
  const close = async () => {
    endings.close();
    audit.flush();
    await companions?.close();
    await writer.close();
    await store.close();
  };
  const dismiss = () => {
    waiting.close();
    store.refuse();
  };
  const records = { events, table, storage, writer, audit, guests, waiting, sessions, endings, shares, companions };
  return { ...records, dismiss, close };
}
