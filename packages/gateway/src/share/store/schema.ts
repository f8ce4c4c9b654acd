import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "./failure.ts";

/** “WAII”: distinguishes our files from other SQLite databases (sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x57414949;

/**
 * Each entry leads from the version of its index to the next; `user_version` counts how many were applied. Published
 * entries are never changed, only followed by new ones. Columns bear the names of the records' fields. The checks make
 * `quick_check` find rows that are not records.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE shares (
    id TEXT PRIMARY KEY,
    level TEXT NOT NULL CHECK (level IN ('view', 'edit', 'terminal')),
    root TEXT NOT NULL,
    -- A check that is null counts as passed.
    scope TEXT NOT NULL CHECK ((json_valid(scope) AND (scope ->> 'kind' = 'workspace' OR
      scope ->> 'kind' IN ('folder', 'file', 'selection') AND json_type(scope, '$.path') = 'text')) IS TRUE),
    selection TEXT CHECK (json_valid(selection)),
    note TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    createdBy TEXT NOT NULL,
    createdDuring TEXT,
    expiresAt INTEGER,
    maxGuests INTEGER,
    endedAt INTEGER,
    endReason TEXT CHECK (endReason IN ('expired', 'revoked')),
    CHECK ((endedAt IS NULL) = (endReason IS NULL))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE links (
    id TEXT PRIMARY KEY,
    share TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    secretHash TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    endedAt INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX linksOfShare ON links (share);

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    share TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    link TEXT NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    cookieHash TEXT NOT NULL,
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    enteredAt INTEGER NOT NULL,
    endedAt INTEGER,
    endReason TEXT CHECK (endReason IN ('left', 'removed', 'share')),
    CHECK ((endedAt IS NULL) = (endReason IS NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessionsOfShare ON sessions (share);
  CREATE INDEX sessionsOfLink ON sessions (link);

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    share TEXT NOT NULL,
    who TEXT NOT NULL,
    details TEXT NOT NULL CHECK (json_valid(details) AND json_type(details) = 'object')
  ) STRICT;

  -- Whose turn it is to write: see StoreDatabase.claim.
  CREATE TABLE writer (one INTEGER PRIMARY KEY CHECK (one = 1), token TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE companions (
    id TEXT PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    share TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    tokenId TEXT NOT NULL,
    note TEXT NOT NULL,
    created TEXT NOT NULL,
    expiresAt INTEGER,
    purpose TEXT NOT NULL,
    sealed TEXT,
    endedAt INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX companionsOfShare ON companions (share);
  `,
  "ALTER TABLE sessions ADD COLUMN hubUser TEXT",
  `
  ALTER TABLE shares ADD COLUMN withUser TEXT;
  ALTER TABLE shares ADD COLUMN withGroup TEXT CHECK (withUser IS NULL OR withGroup IS NULL);
  CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    withUser TEXT,
    withGroup TEXT,
    endedAt INTEGER,
    CHECK ((withUser IS NULL) <> (withGroup IS NULL))
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- The newest change of each file by guests: however many there are, none pushes another out.
  CREATE TABLE changes (
    share TEXT NOT NULL,
    path TEXT NOT NULL,
    entry INTEGER NOT NULL,
    isNew INTEGER NOT NULL,
    PRIMARY KEY (share, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX auditOfShare ON audit (share, event);
  INSERT INTO changes
    SELECT share, json_extract(details, '$.path'), max(id), max(json_extract(details, '$.what') = 'create')
    FROM audit WHERE event = 'write' AND json_type(details, '$.path') = 'text'
    GROUP BY share, json_extract(details, '$.path');
  CREATE INDEX changesInOrder ON changes (share, isNew, entry);
  `,
  "ALTER TABLE shares ADD COLUMN approve TEXT NOT NULL DEFAULT 'false' CHECK (approve IN ('true', 'false'))",
  "ALTER TABLE sessions ADD COLUMN level TEXT CHECK (level IN ('view', 'edit', 'terminal'))",
  `
  CREATE TABLE messages (
    share TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    session TEXT,
    name TEXT NOT NULL,
    hubUser TEXT,
    color TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (share, id)
  ) STRICT, WITHOUT ROWID;
  `,
  "ALTER TABLE shares ADD COLUMN shownCommit TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(shownCommit))",
  `
  -- Running apps. A column's check can only change with its column; copying the table would delete what refers to it.
  ALTER TABLE shares ADD COLUMN newLevel TEXT NOT NULL DEFAULT 'view' CHECK (newLevel IN ('view', 'edit', 'terminal', 'app'));
  UPDATE shares SET newLevel = level;
  ALTER TABLE shares DROP COLUMN level;
  ALTER TABLE shares RENAME COLUMN newLevel TO level;
  ALTER TABLE shares ADD COLUMN newScope TEXT NOT NULL DEFAULT '{"kind":"workspace"}' CHECK ((json_valid(newScope) AND (
    newScope ->> 'kind' = 'workspace' OR
    newScope ->> 'kind' = 'app' AND json_type(newScope, '$.name') = 'text' OR
    newScope ->> 'kind' IN ('folder', 'file', 'selection') AND json_type(newScope, '$.path') = 'text')) IS TRUE);
  UPDATE shares SET newScope = scope;
  ALTER TABLE shares DROP COLUMN scope;
  ALTER TABLE shares RENAME COLUMN newScope TO scope;
  ALTER TABLE shares ADD COLUMN app TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(app));
  `,
  `
  CREATE TABLE threads (
    share TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    path TEXT NOT NULL,
    place TEXT NOT NULL,
    anchor TEXT NOT NULL CHECK (json_valid(anchor)),
    resolvedAt INTEGER,
    PRIMARY KEY (share, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE comments (
    share TEXT NOT NULL,
    id INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    at INTEGER NOT NULL,
    session TEXT,
    author TEXT NOT NULL,
    name TEXT NOT NULL,
    hubUser TEXT,
    color TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (share, id),
    FOREIGN KEY (share, thread) REFERENCES threads (share, id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX commentsOfThread ON comments (share, thread);
  `,
  "ALTER TABLE shares ADD COLUMN copy TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(copy))",
];

/**
 * Checks that this version can use the database, before anything is written.
 * @throws StoreError `newer`, or `corrupt` for a database of another program
 */
export function checkVersion(database: DatabaseSync, file: string, steps: readonly string[] = migrations): void {
  const version = pragma(database, "user_version");
  const application = pragma(database, "application_id");
  if (application === 0 && version === 0 && isEmpty(database)) return;
  if (application !== applicationId) {
    throw new StoreError("corrupt", `${file} is a database of another program; it is left as it is`);
  }
  if (version > steps.length) {
    throw new StoreError(
      "newer",
      `${file} was written by a newer version of WAIIDE (format ${version}; this one knows up to ${steps.length})`,
    );
  }
}

/** Brings the database to the newest version, all or nothing: each transaction waits for the disk several times. */
export function migrate(database: DatabaseSync, steps: readonly string[] = migrations): void {
  const version = pragma(database, "user_version");
  if (version >= steps.length) return;
  database.exec("BEGIN EXCLUSIVE");
  try {
    for (const step of steps.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}; COMMIT`);
  } finally {
    if (database.isTransaction) database.exec("ROLLBACK");
  }
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
}
