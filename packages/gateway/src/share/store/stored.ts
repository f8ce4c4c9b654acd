import type { auditFields, Column, Details, RecordOf, shareFields } from "@waiide/protocol";
import type { GuestSession } from "../../access/guests.ts";

/** What the store keeps, one record a row. Times in milliseconds since 1970. Secrets are kept as hashes alone. */
export type StoredShare = RecordOf<typeof shareFields>;

export interface StoredLink {
  readonly id: string;
  readonly share: string;
  readonly secretHash: string;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** A row of the sessions. */
export type StoredSession = GuestSession;

/** A token at the hub that stands for a link (DESIGN §3.3). */
export interface StoredCompanion {
  /** The link's. */
  readonly id: string;
  readonly share: string;
  readonly tokenId: string;
  /** Together with the id they distinguish it from a later token of the same id; as the hub sends them. */
  readonly note: string;
  readonly created: string;
  /** When the hub ends it by itself; null: never. */
  readonly expiresAt: number | null;
  /** What it was made for: level, note and end of the share then. */
  readonly purpose: string;
  /** The token, under a key that only the link's secret gives; null: it is kept nowhere. */
  readonly sealed: string | null;
  /** When it was gone at the hub; null: it may still be there. */
  readonly endedAt: number | null;
}

/** A share at the hub that this gateway made so that named people can log in; removed when no share needs it. */
export interface StoredGrant {
  /** `user:bob`, `group:team`. */
  readonly id: string;
  readonly withUser: string | null;
  readonly withGroup: string | null;
  /** When it was gone at the hub; null: it may still be there. */
  readonly endedAt: number | null;
}

/** A message of a share's conversation. */
export interface StoredMessage {
  /** A time, made unique: growing with time. */
  readonly id: number;
  readonly share: string;
  readonly at: number;
  /** The guest's; null: the owner. */
  readonly session: string | null;
  readonly name: string;
  readonly hubUser: string | null;
  /** Empty: the owner. */
  readonly color: string;
  readonly text: string;
}

/** Comments on lines of a file. */
export interface StoredThread {
  readonly id: number;
  readonly share: string;
  /** Relative to the share's root. */
  readonly path: string;
  /** The file's absolute path after links. */
  readonly place: string;
  /** Where it is, as JSON (`comments/anchor.ts`). */
  readonly anchor: string;
  /** null: it is not. */
  readonly resolvedAt: number | null;
}

/** A message with a place. */
export interface StoredComment extends StoredMessage {
  readonly thread: number;
  /** Whose it is: as `guestOf` names guests, or `owner`. */
  readonly author: string;
}

export interface MessagesQuery {
  readonly share: string;
  /** Only messages with a smaller id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export type AuditDetails = Details;
export type StoredAuditEntry = RecordOf<typeof auditFields>;
export type NewAuditEntry = Omit<StoredAuditEntry, "id">;

/** The columns of the tables whose fields the protocol lists. */
export interface StoreColumns {
  readonly shares: readonly Column[];
  readonly audit: readonly Column[];
}

/** A record is inserted or replaces the one of its id; audit entries are only ever added. */
export type StoreChange =
  | { readonly type: "share"; readonly share: StoredShare }
  | { readonly type: "link"; readonly link: StoredLink }
  | { readonly type: "session"; readonly session: StoredSession }
  | { readonly type: "grant"; readonly grant: StoredGrant }
  | { readonly type: "companion"; readonly companion: StoredCompanion }
  /** `max`: of the share; older messages go. */
  | { readonly type: "message"; readonly message: StoredMessage; readonly max: number }
  /** A new one; nothing once the share has ended. */
  | { readonly type: "thread"; readonly thread: StoredThread }
  /** What has changed of one that is there. */
  | { readonly type: "thread-changed"; readonly thread: StoredThread }
  | { readonly type: "thread-gone"; readonly share: string; readonly id: number }
  /** A new one; nothing once its thread is gone. */
  | { readonly type: "comment"; readonly comment: StoredComment }
  | { readonly type: "comment-gone"; readonly share: string; readonly id: number }
  | { readonly type: "audit"; readonly entry: NewAuditEntry };

/** Shares that have not ended, with their links and sessions that have not. */
export interface LiveRecords {
  readonly shares: StoredShare[];
  readonly links: StoredLink[];
  readonly sessions: StoredSession[];
  readonly threads: StoredThread[];
  /** The oldest first. */
  readonly comments: StoredComment[];
  /** All that may still be at the hub, also of ended shares. */
  readonly companions: StoredCompanion[];
  readonly grants: StoredGrant[];
}

/** The newest change of each file by guests of a share. */
export interface ChangesQuery {
  readonly share: string;
  readonly offset: number;
  readonly limit: number;
}

export interface StoredChanges {
  /** Of the share's creation; undefined: there is no such share. */
  readonly root: string | undefined;
  readonly total: number;
  /** What was there before guests came first, then what they made; the newest first. */
  readonly changes: readonly (StoredAuditEntry & { readonly isNew: boolean })[];
}

export interface AuditQuery {
  /** Only entries with a smaller id. */
  readonly before?: number;
  /** Only entries of this share. */
  readonly share?: string;
  readonly limit: number;
}

/**
 * Why the store cannot be used. `held`: another gateway uses it; `lost`: another one took it over from us; `full`,
 * `read-only`, `corrupt`: as the file system and SQLite say; `newer`: written by a later version; `stalled`: it does not
 * answer; `failed`: anything else; `opening`, `closed`: not yet, no longer.
 */
export type StoreTrouble =
  | "opening"
  | "held"
  | "lost"
  | "full"
  | "read-only"
  | "corrupt"
  | "newer"
  | "stalled"
  | "failed"
  | "closed";

export type StoreStatus =
  | {
      readonly kind: "ready";
      /**
       * Counts how often the database was opened. Where it has grown since `load()`, another gateway may have written
       * meanwhile, or a commit that was refused when the thread died may have landed: load again.
       */
      readonly opening: number;
    }
  | {
      readonly kind: "unavailable";
      readonly trouble: StoreTrouble;
      /** In words, for people. */
      readonly reason: string;
    };
