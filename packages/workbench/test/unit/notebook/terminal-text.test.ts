import { expect, it } from "vitest";
import { terminalText } from "../../../src/notebook/terminal-text.ts";

it.each([
  ["a progress bar shows its last state", "10 %\r50 %\r100 %\n", "100 %\n"],
  ["what is shorter leaves the rest, as in a terminal", "loading\rdone", "doneing"],
  ["Windows line ends are line ends", "a\r\nb\r\n", "a\nb\n"],
  ["backspace goes back one place", "abc\b\bX", "aXc"],
  ["erase to the end of the line", "loading\r\u001b[Kdone", "done"],
  ["erase the whole line", "loading\u001b[2K\rok", "ok"],
  ["two bars, moved up to and written anew", "a 1\nb 1\n\u001b[2Aa 2\nb 2\n", "a 2\nb 2\n"],
  ["to the previous line's begin", "one\ntwo\u001b[1FONE", "ONE\ntwo"],
  ["to a column", "abcdef\u001b[3GX", "abXdef"],
  ["colours stay with their characters", "\u001b[31mred\u001b[0m\rR", "R\u001b[31med\u001b[0m"],
  ["titles of windows and links say nothing", "\u001b]0;title\u0007a\u001b]8;;https://x\u001b\\b", "ab"],
  ["what is no sequence is left out", "a\u001b(Bb\u001b=c\rA", "Abc"],
])("%s", (_name, written, shown) => {
  expect(terminalText(written)).toBe(shown);
});

it("plain text and colors stay unchanged", () => {
  const text = "a\u001b[1;31mb\u001b[0m\n\tc";
  expect(terminalText(text)).toBe(text);
});

it("no sequence takes memory or time", () => {
  expect(terminalText("\u001b[999999999Bx").length).toBeLessThan(20_000);
  const many = `${"\r".repeat(100_000)}x`;
  expect(terminalText(many)).toBe("x");
});
