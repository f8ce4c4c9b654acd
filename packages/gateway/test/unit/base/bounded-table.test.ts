import { expect, it } from "vitest";
import { BoundedTable } from "../../../src/base/bounded-table.ts";

it("a full table drops its oldest entry, however often that one was read", () => {
  const table = new BoundedTable<string, number>(2);
  table.set("a", 1).set("b", 2);
  expect(table.get("a")).toBe(1);
  table.set("c", 3);
  expect([...table]).toEqual([
    ["b", 2],
    ["c", 3],
  ]);
});

it("an entry that is set again is the youngest", () => {
  const table = new BoundedTable<string, number>(2);
  table.set("a", 1).set("b", 2).set("a", 4).set("c", 3);
  expect([...table]).toEqual([
    ["a", 4],
    ["c", 3],
  ]);
});
