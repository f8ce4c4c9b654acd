import { describe, expect, it } from "vitest";
import { pageSize, Rows } from "../../../src/viewers/rows.ts";

describe("the delimiter is found", () => {
  it.each([
    ["a,b\n1,2\n", ","],
    ["a;b\n1,5;2,5\n", ";"],
    ["a\tb\n1\t2\n", "\t"],
    ["a|b\n1|2\n", "|"],
    ["alone\n1\n", ","],
  ])("%j", (text, delimiter) => {
    expect(new Rows(text).delimiter).toBe(delimiter);
  });
});

it("quotes hold delimiters and line ends; a byte order mark is not in the header", () => {
  const rows = new Rows('\uFEFFname,said\r\n"Doe, Jane","one\r\ntwo"\r\n"x","""quoted"""\r\n');
  expect(rows.header).toEqual(["name", "said"]);
  expect(rows.page(0)).toEqual({
    rows: [
      ["Doe, Jane", "one\r\ntwo"],
      ["x", '"quoted"'],
    ],
    first: 0,
    isLast: true,
  });
});

it("a large file is taken apart a page at a time, and each row is on one page", () => {
  const lines = Array.from({ length: 3 * pageSize + 7 }, (_, index) => `${index},"a\n${index}"`);
  const rows = new Rows(`number,text\n${lines.join("\n")}\n`);
  const pages = [0, 1, 2, 3].map((number) => rows.page(number));
  expect(pages.map((page) => [page.rows.length, page.first, page.isLast])).toEqual([
    [pageSize, 0, false],
    [pageSize, pageSize, false],
    [pageSize, 2 * pageSize, false],
    [7, 3 * pageSize, true],
  ]);
  expect(pages.flatMap((page) => page.rows.map(([first]) => Number(first)))).toEqual(lines.map((_, index) => index));
  expect(rows.page(99).first).toBe(3 * pageSize);
});

it("a file of many millions of characters is shown at once", () => {
  const rows = new Rows(`a,b\n${"1,2\n".repeat(5_000_000)}`);
  const begin = performance.now();
  expect(rows.page(0).rows).toHaveLength(pageSize);
  expect(performance.now() - begin).toBeLessThan(1_000);
});

it("an empty file, and one without rows", () => {
  expect(new Rows("").page(0)).toEqual({ rows: [], first: 0, isLast: true });
  expect(new Rows("a,b\n").page(0)).toEqual({ rows: [], first: 0, isLast: true });
});
