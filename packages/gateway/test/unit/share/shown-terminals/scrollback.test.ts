import { expect, it } from "vitest";
import { Scrollback } from "../../../../src/share/shown-terminals/scrollback.ts";

it("keeps everything while it is short", () => {
  const scrollback = new Scrollback(1_000);
  scrollback.add("$ ls\r\n");
  scrollback.add("a  b\r\n");
  expect(scrollback.settle()).toBe("$ ls\r\na  b\r\n");
});

it("keeps the last lines, whole ones", () => {
  const scrollback = new Scrollback(1_000);
  for (let line = 0; line < 1_000; line += 1) scrollback.add(`line ${line}\r\n`);
  const kept = scrollback.settle();
  expect(kept.length).toBeLessThanOrEqual(1_000);
  expect(kept.length).toBeGreaterThan(900);
  expect(kept).toMatch(/^line \d+\r\n/);
  expect(kept).toMatch(/line 999\r\n$/);
});

it("cuts no escape sequence in two, and remembers the modes that it cut off", () => {
  const scrollback = new Scrollback(1_000);
  scrollback.add("\u001b[?1049h\u001b[?25;1000l");
  for (let step = 0; step < 500; step += 1) scrollback.add(`\u001b[${step % 20};1Habcdefgh`);
  scrollback.add("\u001b[?25h");
  const kept = scrollback.settle();
  const remembered = "\u001b[?1049h\u001b[?25l\u001b[?1000l";
  expect(kept.startsWith(remembered)).toBe(true);
  expect(kept.slice(remembered.length).split("\u001b", 2)).toEqual(["", expect.stringMatching(/^\[\d+;1Habcdefgh$/)]);
  expect(kept.endsWith("\u001b[?25h")).toBe(true);
});
