import { expect, it } from "vitest";
import type { Guest } from "../../../src/share/shares.ts";
import { guestsOnline, recipientFacts, scopeFacts } from "../../../src/words/share-facts.ts";

it.each([
  ["the workspace", { kind: "workspace" }, { name: "project", path: "", lines: undefined, opens: undefined }],
  [
    "a first file",
    { kind: "workspace", opens: "a.md" },
    { name: "project", path: "", lines: undefined, opens: "a.md" },
  ],
  [
    "a folder",
    { kind: "folder", path: "src/ä b" },
    { name: "ä b", path: "src/ä b", lines: undefined, opens: undefined },
  ],
  [
    "a file",
    { kind: "file", path: "a.py", line: 3 },
    { name: "a.py", path: "a.py", lines: undefined, opens: undefined },
  ],
  [
    "one line",
    { kind: "selection", path: "src/a.py", line: 3, col: 0, end_line: 3, end_col: null },
    { name: "a.py", path: "src/a.py", lines: { first: 3, last: 3, isOne: true }, opens: undefined },
  ],
  [
    "lines",
    { kind: "selection", path: "a.py", line: 3, col: 0, end_line: 5, end_col: 2 },
    { name: "a.py", path: "a.py", lines: { first: 3, last: 5, isOne: false }, opens: undefined },
  ],
] as const)("%s has a name, a path, lines and a first file", (_what, scope, facts) => {
  expect(scopeFacts(scope, "project")).toEqual(facts);
});

it("a share is for a user, for a group, or for anyone with the link", () => {
  expect(recipientFacts({ with: { user: "bob" } })).toEqual({ kind: "user", name: "bob" });
  expect(recipientFacts({ with: { group: "lab" } })).toEqual({ kind: "group", name: "lab" });
  expect([recipientFacts({ with: null }), recipientFacts({})]).toEqual([{ kind: "link" }, { kind: "link" }]);
});

it("guests are online who have a page open, in any of the shares", () => {
  const guest = (name: string, present: boolean) => ({ name, present }) as Guest;
  const shares = [{ guests: [guest("a", true), guest("b", false)] }, { guests: [guest("c", true)] }];
  expect(guestsOnline(...shares).map(({ name }) => name)).toEqual(["a", "c"]);
});
