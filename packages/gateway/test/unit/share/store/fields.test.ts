import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  askedValues,
  auditFields,
  changeProperties,
  columnsOf,
  createProperties,
  detailsOf,
  field,
  type RecordFields,
  shareFields,
  viewOf,
  viewProperties,
} from "@waiide/protocol";
import { Command } from "commander";
import { Type } from "typebox";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fieldsOfFlags, withShareFields } from "../../../../src/cli/share-flags.ts";
import { StoreDatabase } from "../../../../src/share/store/database.ts";
import { migrate } from "../../../../src/share/store/schema.ts";
import type { StoreColumns } from "../../../../src/share/store/stored.ts";
import { auditChange, makeShare } from "../../../support/share-records.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-fields-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(columns: StoreColumns): StoreDatabase {
  return StoreDatabase.open({
    file: join(folder, "shares.sqlite"),
    token: "one",
    maxSize: 2 ** 24,
    mustExist: false,
    columns,
  });
}

const columns = { shares: columnsOf(shareFields), audit: columnsOf(auditFields) };

/** What a migration of the new field does. */
function addColumns(...statements: string[]): void {
  open(columns).close();
  const database = new DatabaseSync(join(folder, "shares.sqlite"));
  for (const statement of statements) database.exec(statement);
  database.close();
}

it("a field added to a share's list is in requests, flags, store, answers and audit", () => {
  const Color = Type.String({ maxLength: 20 });
  const more = {
    ...shareFields,
    labelColor: field({
      record: Type.String(),
      view: { label_color: Color },
      show: (color) => ({ label_color: color }),
      asked: {
        create: { label_color: Type.Optional(Color) },
        change: { label_color: Type.Optional(Color) },
        initial: "red",
        flag: "the color of its label",
      },
      audit: (color) => ({ label_color: color }),
    }),
  };
  expect(viewProperties(more).label_color).toBe(Color);
  expect(createProperties(more)).toHaveProperty("label_color");
  expect(changeProperties(more)).toHaveProperty("label_color");

  const command = withShareFields(new Command(), more);
  expect(command.helpInformation()).toMatch(/--label-color <text> +the color of its label/);
  command.parse(["--label-color", "blue", "--max-guests", "3", "--approve"], { from: "user" });
  expect(fieldsOfFlags(command.opts(), more)).toEqual({ label_color: "blue", max_guests: 3, approve: true });

  const share = { ...makeShare("s"), ...askedValues(more, { note: "n" }) };
  expect(share).toMatchObject({ note: "n", maxGuests: null, labelColor: "red" });
  const changed = { ...share, ...askedValues(more, { label_color: "blue", max_guests: 3 }, share) };
  expect(changed).toMatchObject({ note: "n", maxGuests: 3, labelColor: "blue" });

  addColumns("ALTER TABLE shares ADD COLUMN labelColor TEXT NOT NULL DEFAULT ''");
  const store = open({ ...columns, shares: columnsOf(more) });
  store.begin();
  store.apply({ type: "share", share: changed });
  store.commit();
  expect(store.load().shares).toEqual([changed]);
  store.close();

  expect(viewOf(more, changed)).toMatchObject({ id: "s", max_guests: 3, label_color: "blue" });
  expect(detailsOf(more, changed)).toMatchObject({ max_guests: 3, label_color: "blue" });
});

it("a column added to the audit's list is in the store and in answers", () => {
  const more = {
    ...auditFields,
    address: field({
      record: Type.String(),
      view: { address: Type.String() },
      show: (address) => ({ address }),
    }),
  };
  expect(viewProperties(more)).toHaveProperty("address");
  addColumns("ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT ''");
  const store = open({ ...columns, audit: columnsOf(more) });
  const change = auditChange("s", { path: "a" });
  if (change.type !== "audit") throw new Error("it is an entry");
  const entry = { ...change.entry, address: "10.0.0.1" };
  store.begin();
  store.apply({ type: "audit", entry });
  store.commit();
  const [stored] = store.audit({ limit: 1 });
  expect(stored).toEqual({ id: 1, ...entry });
  expect(viewOf(more, { id: 1, ...entry })).toMatchObject({ at: "1970-01-01T00:00:01.000Z", address: "10.0.0.1" });
  store.close();
});

const tables: readonly (readonly [string, RecordFields])[] = [
  ["shares", shareFields],
  ["audit", auditFields],
];

it.each(tables)("the table “%s” has exactly the listed columns, of the listed types", (table, fields) => {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  const rows = database.prepare(`SELECT name, type, "notnull" AS needed FROM pragma_table_info('${table}')`).all();
  const stored = rows.map(({ name, type, needed }) => ({ name, type, isNullable: name !== "id" && needed === 0 }));
  const listed = Object.entries(fields).map(([name, { record, json }]) => {
    const parts = "anyOf" in record && json !== true ? (record.anyOf as { type?: string }[]) : [record];
    const isNullable = parts.some((part) => "type" in part && part.type === "null");
    const isNumber = parts.some((part) => "type" in part && part.type === "integer");
    return { name, type: isNumber ? "INTEGER" : "TEXT", isNullable };
  });
  const byName = (one: { readonly name: unknown }, other: { readonly name: unknown }) =>
    String(one.name).localeCompare(String(other.name));
  expect(listed.sort(byName)).toEqual(stored.sort(byName));
});
