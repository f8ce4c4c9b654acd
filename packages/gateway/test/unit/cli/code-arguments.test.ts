import { expect, it } from "vitest";
import { codeArguments } from "../../../src/cli/code/command.ts";

const commands = ["serve", "code", "share"];
const here = import.meta.filename;

it.each([
  [
    ["code", "-g", "a.py:3"],
    ["-g", "a.py:3"],
  ],
  [["code"], []],
  [
    ["notes.txt", "--wait"],
    ["notes.txt", "--wait"],
  ],
  [["."], ["."]],
  [[here], [here]],
])("%j opens something in the IDE", (given, expected) => {
  expect(codeArguments(given, commands)).toEqual(expected);
});

it.each([[[]], [["--port", "1"]], [["share", "create", "a.txt"]], [["shrae"]]])("%j is no file", (given) => {
  expect(codeArguments(given, commands)).toBeUndefined();
});
