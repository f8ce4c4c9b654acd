import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Column } from "@waiide/protocol";
import { CommentTables } from "./comment-tables.ts";
import { StoreError } from "./failure.ts";
import { checkVersion, migrate } from "./schema.ts";
import type {
  AuditQuery,
  ChangesQuery,
  LiveRecords,
  MessagesQuery,
  NewAuditEntry,
  StoreChange,
  StoreColumns,
  StoredAuditEntry,
  StoredChanges,
  StoredCompanion,
  StoredGrant,
  StoredLink,
  StoredMessage,
  StoredSession,
  StoredShare,
} from "./stored.ts";

/** What the store does by itself, besides what its user asks for: prune what ended before a time; write, only to see whether it can. */
export type OwnChange = { readonly type: "prune"; readonly before: number } | { readonly type: "touch" };
export type AnyChange = StoreChange | OwnChange;

/** How long opening waits for a lock, which a gateway that was just killed may still hold. Milliseconds. */
const openingPatience = 2_000;

/** SQLite's default, which nothing here changes. Bytes. */
const pageSize = 4096;

const linkFields = ["id", "share", "secretHash", "createdAt", "endedAt"];
const sessionFields = [
  "id",
  "share",
  "link",
  "cookieHash",
  "name",
  "color",
  "hubUser",
  "level",
  "enteredAt",
  "endedAt",
  "endReason",
];

const messageFields = ["share", "id", "at", "session", "name", "hubUser", "color", "text"];
const grantFields = ["id", "withUser", "withGroup", "endedAt"];
const companionFields = ["id", "share", "tokenId", "note", "created", "expiresAt", "purpose", "sealed", "endedAt"];

/** Changes by guests of one share that the history keeps, and after how many entries this is checked. */
const maxWrites = 50_000;
const thinningInterval = 1_000;

interface OpenOptions {
  readonly file: string;
  /** Identifies the writer: only the last one to open can commit. */
  readonly token: string;
  /** Of the file, in bytes; beyond, it counts as full. */
  readonly maxSize: number;
  /** It was there before: an empty one in its place would end all shares unseen. */
  readonly mustExist: boolean;
  readonly columns: StoreColumns;
}

/** The SQLite file. Everything here blocks: it belongs into the store's own thread. Errors are SQLite's. */
export class StoreDatabase {
  readonly #database: DatabaseSync;
  readonly #token: string;
  readonly #columns: StoreColumns;
  readonly #share: StatementSync;
  readonly #link: StatementSync;
  readonly #session: StatementSync;
  readonly #companion: StatementSync;
  readonly #grant: StatementSync;
  readonly #message: StatementSync;
  readonly #comments: CommentTables;
  readonly #audit: StatementSync;
  readonly #change: StatementSync;
  readonly #writer: StatementSync;

  private constructor(database: DatabaseSync, token: string, columns: StoreColumns) {
    this.#database = database;
    this.#token = token;
    this.#columns = columns;
    this.#share = database.prepare(upsert("shares", namesOf(columns.shares)));
    this.#link = database.prepare(upsert("links", linkFields));
    this.#session = database.prepare(upsert("sessions", sessionFields));
    this.#companion = database.prepare(upsert("companions", companionFields));
    this.#grant = database.prepare(upsert("grants", grantFields));
    this.#message = database.prepare(insert("messages", messageFields));
    this.#comments = new CommentTables(database);
    // SQLite gives entries their ids.
    this.#audit = database.prepare(
      insert(
        "audit",
        namesOf(columns.audit).filter((name) => name !== "id"),
      ),
    );
    this.#change = database.prepare(
      `INSERT INTO changes (share, path, entry, isNew) VALUES (:share, :path, :entry, :isNew)
       ON CONFLICT (share, path) DO UPDATE SET entry = excluded.entry`,
    );
    this.#writer = database.prepare("SELECT token FROM writer");
  }

  /**
   * Opens it, makes it where there is none, checks it and brings it up to date.
   * @throws StoreError; errors of SQLite and of the file system
   */
  static open({ file, token, maxSize, mustExist, columns }: OpenOptions): StoreDatabase {
    if (mustExist && !existsSync(file)) throw new StoreError("failed", `${file} was removed while it was in use`);
    makePrivate(file);
    const database = new DatabaseSync(file, { timeout: openingPatience, enableForeignKeyConstraints: true });
    try {
      checkVersion(database, file);
      checkContent(database, file);
      // A write-ahead log does not work on network file systems, and deleting the journal costs more than emptying it.
      // What people wrote to each other is overwritten when its share ends.
      database.exec("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
      migrate(database);
      database.exec(`PRAGMA max_page_count = ${Math.floor(maxSize / pageSize)}`);
      database
        .prepare("INSERT INTO writer VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET token = excluded.token")
        .run(token);
      // From now on a locked database fails at once: the thread must not block.
      database.exec("PRAGMA busy_timeout = 0");
      return new StoreDatabase(database, token, columns);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Takes all locks at once, so that only the disk can stop the commit later. */
  begin(): void {
    this.#database.exec("BEGIN EXCLUSIVE");
    const writer = this.#writer.get()?.token;
    if (writer !== this.#token) throw new StoreError("lost", "another gateway has taken the shares over");
  }

  commit(): void {
    this.#database.exec("COMMIT");
  }

  /** After some errors SQLite has done so by itself. */
  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
  }

  apply(change: AnyChange): void {
    switch (change.type) {
      case "share":
        this.#share.run(rowOf(change.share, this.#columns.shares));
        // A conversation ends with its share.
        if (change.share.endedAt !== null) this.#endConversation(change.share.id);
        break;
      case "link":
        this.#link.run(values(change.link));
        break;
      case "session":
        this.#session.run(values(change.session));
        break;
      case "companion":
        this.#companion.run(values(change.companion));
        break;
      case "grant":
        this.#grant.run(values(change.grant));
        break;
      case "message":
        this.#message.run(values(change.message));
        this.#deleteMessages(change.message.share, change.max);
        break;
      case "audit":
        this.#record(change.entry);
        break;
      case "prune":
        this.#prune(change.before);
        break;
      case "touch":
        this.#database.prepare("UPDATE writer SET token = ?").run(this.#token);
        break;
      default:
        this.#comments.apply(change);
    }
  }

  load(): LiveRecords {
    const all = (query: string) => this.#database.prepare(query).all();
    const ofLiveShares = "endedAt IS NULL AND share IN (SELECT id FROM shares WHERE endedAt IS NULL)";
    const shares = all("SELECT * FROM shares WHERE endedAt IS NULL ORDER BY createdAt, id");
    return {
      shares: recordsOf<StoredShare>(shares, this.#columns.shares),
      links: plain<StoredLink>(all(`SELECT * FROM links WHERE ${ofLiveShares} ORDER BY createdAt, id`)),
      ...this.#comments.load(),
      sessions: plain<StoredSession>(all(`SELECT * FROM sessions WHERE ${ofLiveShares} ORDER BY enteredAt, id`)),
      companions: plain<StoredCompanion>(all("SELECT * FROM companions WHERE endedAt IS NULL ORDER BY id")),
      grants: plain<StoredGrant>(all("SELECT * FROM grants WHERE endedAt IS NULL ORDER BY id")),
    };
  }

  /** Newest first. */
  audit({ before = Number.MAX_SAFE_INTEGER, share, limit }: AuditQuery): StoredAuditEntry[] {
    const rows = this.#database
      .prepare("SELECT * FROM audit WHERE id < ? AND share = ifnull(?, share) ORDER BY id DESC LIMIT ?")
      .all(before, share ?? null, limit);
    return recordsOf<StoredAuditEntry>(rows, this.#columns.audit);
  }

  /** Newest first. */
  messages({ share, before = Number.MAX_SAFE_INTEGER, limit }: MessagesQuery): StoredMessage[] {
    return plain(
      this.#database
        .prepare("SELECT * FROM messages WHERE share = ? AND id < ? ORDER BY id DESC LIMIT ?")
        .all(share, before, limit),
    );
  }

  changes({ share, offset, limit }: ChangesQuery): StoredChanges {
    const one = (query: string) => Object.values(this.#database.prepare(query).get(share) ?? {})[0];
    const root = one(
      "SELECT json_extract(details, '$.root') FROM audit WHERE share = ? AND event = 'create' ORDER BY id LIMIT 1",
    );
    const rows = this.#database
      .prepare(
        `SELECT audit.*, changes.isNew FROM changes JOIN audit ON audit.id = changes.entry
         WHERE changes.share = ? ORDER BY changes.isNew, changes.entry DESC LIMIT ? OFFSET ?`,
      )
      .all(share, limit, offset);
    return {
      root: typeof root === "string" ? root : undefined,
      total: Number(one("SELECT count(*) FROM changes WHERE share = ?")),
      changes: recordsOf<StoredAuditEntry & { isNew: number }>(rows, this.#columns.audit).map((row) => ({
        ...row,
        isNew: row.isNew === 1,
      })),
    };
  }

  close(): void {
    this.#database.close();
  }

  #endConversation(share: string): void {
    this.#deleteMessages(share, 0);
    this.#comments.end(share);
  }

  /** All but the newest of a share. */
  #deleteMessages(share: string, kept: number): void {
    this.#database
      .prepare(
        `DELETE FROM messages WHERE share = :share
         AND id <= (SELECT id FROM messages WHERE share = :share ORDER BY id DESC LIMIT 1 OFFSET :kept)`,
      )
      .run({ share, kept });
  }

  /** A guest's change of a file also becomes the newest of that file. */
  #record(entry: NewAuditEntry): void {
    const { lastInsertRowid } = this.#audit.run(rowOf(entry, this.#columns.audit));
    const { path, what } = entry.details;
    if (entry.event !== "write" || typeof path !== "string") return;
    this.#change.run({ share: entry.share, path, entry: lastInsertRowid, isNew: what === "create" ? 1 : 0 });
    if (Number(lastInsertRowid) % thinningInterval === 0) this.#thin(entry.share);
  }

  /** Of very many changes the history keeps the newest, and the newest of each file: guests must not fill the disk. */
  #thin(share: string): void {
    this.#database
      .prepare(
        `DELETE FROM audit WHERE share = :share AND event = 'write'
         AND id <= (SELECT id FROM audit WHERE share = :share AND event = 'write' ORDER BY id DESC LIMIT 1 OFFSET :most)
         AND id NOT IN (SELECT entry FROM changes WHERE share = :share)`,
      )
      .run({ share, most: maxWrites });
  }

  #prune(before: number): void {
    for (const table of ["grants", "companions", "sessions", "links", "shares"]) {
      this.#database.prepare(`DELETE FROM ${table} WHERE endedAt < ?`).run(before);
    }
    this.#database.prepare("DELETE FROM audit WHERE at < ?").run(before);
    this.#database.prepare("DELETE FROM changes WHERE entry NOT IN (SELECT id FROM audit)").run();
  }
}

/** SQLite gives its journal the mode of the database; a thread has no umask of its own. */
function makePrivate(file: string): void {
  closeSync(openSync(file, "a", 0o600));
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  if ((statSync(dirname(file)).mode & 0o077) !== 0) chmodSync(dirname(file), 0o700);
}

function checkContent(database: DatabaseSync, file: string): void {
  const [finding] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {});
  if (finding !== "ok") throw new StoreError("corrupt", `${file} is damaged (${finding}); it is left as it is`);
}

function insert(table: string, fields: readonly string[]): string {
  return `INSERT INTO ${table} (${fields.join(", ")}) VALUES (${fields.map((field) => `:${field}`).join(", ")})`;
}

/** `REPLACE` would delete the old row first, and with a share its links and sessions. */
function upsert(table: string, fields: readonly string[]): string {
  const updates = fields.filter((field) => field !== "id").map((field) => `${field} = excluded.${field}`);
  return `${insert(table, fields)} ON CONFLICT (id) DO UPDATE SET ${updates.join(", ")}`;
}

function namesOf(columns: readonly Column[]): string[] {
  return columns.map(({ name }) => name);
}

/** A record as the row of its table. */
function rowOf(record: object, columns: readonly Column[]): Record<string, SQLInputValue> {
  return mapped(values(record), columns, (value) => JSON.stringify(value));
}

/** The records of rows; see `plain`. */
function recordsOf<Kept>(rows: readonly Record<string, unknown>[], columns: readonly Column[]): Kept[] {
  return plain<Kept>(rows.map((row) => mapped(row, columns, (value) => JSON.parse(String(value)))));
}

/** With the values of JSON columns converted. */
function mapped<Value>(
  row: Record<string, Value>,
  columns: readonly Column[],
  convert: (value: Value | undefined) => Value,
): Record<string, Value> {
  const json = columns.filter((column) => column.json).map(({ name }) => [name, convert(row[name])] as const);
  return { ...row, ...Object.fromEntries(json) };
}

/** The fields of a record by name; SQLite refuses unknown ones. */
function values(record: object): Record<string, SQLInputValue> {
  return record as Record<string, SQLInputValue>;
}

/** Rows as records: the tables' types and checks, which opening has verified, make them such. */
function plain<Row>(rows: readonly object[]): Row[] {
  return rows.map((row) => ({ ...row }) as Row);
}
