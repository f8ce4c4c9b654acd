import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { checkVersion, migrate, migrations } from "../../../../src/share/store/schema.ts";

function version(database: DatabaseSync): unknown {
  return database.prepare("PRAGMA user_version").get()?.user_version;
}

const [first = ""] = migrations;
const oneMore = [...migrations, "ALTER TABLE shares ADD COLUMN color TEXT NOT NULL DEFAULT 'red'"];

function insertShare(database: DatabaseSync): void {
  database.exec(`INSERT INTO shares (id, level, root, scope, note, createdAt, createdBy)
    VALUES ('s', 'view', '/', '{"kind":"workspace"}', '', 1, 'alice')`);
}

describe("R21 migrations", () => {
  it("bring an older version with its content to the newest", () => {
    const database = new DatabaseSync(":memory:");
    migrate(database);
    expect(version(database)).toBe(migrations.length);
    insertShare(database);
    checkVersion(database, "f", oneMore);
    migrate(database, oneMore);
    expect(version(database)).toBe(migrations.length + 1);
    expect(database.prepare("SELECT id, color FROM shares").all()).toMatchObject([{ id: "s", color: "red" }]);
    migrate(database, oneMore);
  });

  it("that fail leave the version before, complete", () => {
    const database = new DatabaseSync(":memory:");
    migrate(database);
    insertShare(database);
    const broken = [...migrations, "DELETE FROM shares; CREATE TABLE audit (x)"];
    expect(() => migrate(database, broken)).toThrow("already exists");
    expect(version(database)).toBe(migrations.length);
    expect(database.isTransaction).toBe(false);
    expect(database.prepare("SELECT count(*) AS count FROM shares").get()).toMatchObject({ count: 1 });
  });

  it("are refused for a newer version, and for another program's database", () => {
    const newer = new DatabaseSync(":memory:");
    migrate(newer, oneMore);
    expect(() => checkVersion(newer, "f")).toThrow(
      `(format ${oneMore.length}; this one knows up to ${migrations.length})`,
    );
    const others = new DatabaseSync(":memory:");
    others.exec(first);
    expect(() => checkVersion(others, "f")).toThrow("of another program");
    checkVersion(new DatabaseSync(":memory:"), "f");
  });
});

describe("R21 the tables take only records", () => {
  const refused: readonly [string, string][] = [
    ["level", "'owner'"],
    ["scope", "'no JSON'"],
    ["scope", "'{}'"],
    ["scope", `'{"kind":"file"}'`],
    ["scope", `'{"kind":"file","path":1}'`],
    ["selection", "'no JSON'"],
    ["createdAt", "'yesterday'"],
    ["endReason", "'revoked'"],
    ["endedAt", "5"],
  ];
  it.each(refused)("a share whose %s is %s is refused", (column, value) => {
    const database = new DatabaseSync(":memory:");
    migrate(database);
    insertShare(database);
    expect(() => database.exec(`UPDATE shares SET ${column} = ${value}`)).toThrow();
  });
});
