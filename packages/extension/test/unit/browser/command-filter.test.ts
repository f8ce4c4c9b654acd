import { expect, it } from "vitest";
import { CommandFilter } from "../../../src/browser/terminals/command-filter.ts";

const filtered = (...parts: string[]) => {
  const filter = new CommandFilter();
  return parts.map((part) => filter.take(part)).join("");
};

it.each([
  ["a title", "a\x1b]0;evil\x07b", "ab"],
  ["the clipboard", "a\x1b]52;c;ZXZpbA==\x1b\\b", "ab"],
  ["a link", "\x1b]8;;https://evil.example/\x1b\\text\x1b]8;;\x1b\\", "text"],
  ["in one character", "a\x9d0;evil\x9cb", "ab"],
  ["one after the other", "\x1b]0;a\x07\x1b]0;b\x07c", "c"],
  ["one that another begins", "a\x1b]0;x\x1b]52;c;evil\x07b", "ab"],
  ["an escape before it", "a\x1b\x1b]0;evil\x07b", "a\x1bb"],
])("R17: commands of a watched terminal do nothing: %s", (_what, written, shown) => {
  expect(filtered(written)).toBe(shown);
  expect(filtered(...written)).toBe(shown);
});

it.each([
  ["colors", "\x1b[31mred\x1b[0m"],
  ["a reset", "\x1bc"],
  ["text with brackets", "a ] b [c]"],
])("everything else stays: %s", (_what, written) => {
  expect(filtered(written)).toBe(written);
  expect(filtered(...written)).toBe(written);
});

it("a color that breaks a command off is shown", () => {
  expect(filtered("a\x1b]0;evil\x1b[31mred")).toBe("a\x1b[31mred");
});
