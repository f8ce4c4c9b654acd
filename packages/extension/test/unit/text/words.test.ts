import { type Level, type Scope, timeLeftWords } from "@waiide/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { reasonOf } from "../../../src/gateway/gateway.ts";
import { translateWith } from "../../../src/text/translation.ts";
import {
  durationInWords,
  firstFileInWords,
  guestInWords,
  harmless,
  kindInWords,
  plainText,
  scopeInWords,
  shareInWords,
  timeLeftInWords,
} from "../../../src/text/words.ts";

const evil = "[x](command:workbench.action.terminal.new)";
const hidden = { kind: "file", path: evil } as const;

describe("R17: what others wrote", () => {
  it.each([evil, "$(zap) $(loading~spin)", "<b>x</b>", "a\u202Eb\u0007c\nd", "`code` **bold**"])(
    "loses what makes it an icon, link or markup: %j",
    (text) => {
      for (const sign of ["[", "]", "(", ")", "$", "<", ">", ":", "`", "*", "\n", "\u202E", "\u0007"]) {
        expect(harmless(text)).not.toContain(sign);
        expect(guestInWords({ name: text, hub_user: null })).not.toContain(sign);
      }
    },
  );

  it("a message of the gateway stays one sentence, without links, icons or markup", () => {
    const plain = "an administrator permits links up to Full Access; “x.py” (line 3) is hidden: see /docs.";
    expect(plainText(plain)).toBe(plain);
    expect(plainText(`no such file: ${evil}`)).toBe("no such file: x (command:workbench.action.terminal.new)");
    for (const text of [
      evil,
      "$(zap)",
      "<b>x</b>",
      "a\u202Eb\u0007c\nd",
      "`code` **bold**",
      "[x](https://evil.example)",
    ]) {
      for (const sign of ["[", "]", "$", "<", ">", "`", "*", "\n", "\u202E", "\u0007"]) {
        expect(plainText(text)).not.toContain(sign);
      }
      expect(reasonOf(new Error(text))).toBe(plainText(text));
    }
  });

  it("names of files are not in messages", () => {
    expect(kindInWords(hidden)).toBe("a file");
    // In a tree's label, which is plain text, it stands as it is.
    expect(scopeInWords(hidden)).toBe(evil);
  });
});

it("says what is shared", () => {
  const scopes: Scope[] = [
    { kind: "workspace" },
    { kind: "workspace", opens: "a.py" },
    { kind: "folder", path: "src" },
    { kind: "selection", path: "a.py", line: 2, col: 0, end_line: 2, end_col: null },
    { kind: "selection", path: "a.py", line: 2, col: 0, end_line: 4, end_col: 1 },
  ];
  expect(scopes.map(scopeInWords)).toEqual([
    "Workspace",
    "Workspace, opens a.py",
    "Folder src",
    "a.py, line 2",
    "a.py, lines 2–4",
  ]);
});

it("the file that guests see first is named separately, except for Terminal Access", () => {
  const workspace: Scope = { kind: "workspace", opens: "a.py" };
  const folder: Scope = { kind: "folder", path: "src", opens: "src/b.py" };
  const row = (level: Level, scope: Scope) => shareInWords({ level, scope });
  expect([row("view", workspace), row("edit", folder)]).toEqual(["Workspace", "Folder src"]);
  expect(row("terminal", workspace)).toBe("Workspace, opens a.py");
  const scopes: Scope[] = [workspace, folder, { kind: "workspace" }, { kind: "file", path: "a.py" }];
  const first = ["Opens a.py first", "Opens src/b.py first", undefined, undefined];
  expect(scopes.map((scope) => firstFileInWords({ scope }))).toEqual(first);
});

it.each([
  [3_600, "1 hour"],
  [86_400, "24 hours"],
  [604_800, "7 days"],
  [2_592_000, "30 days"],
  [5_400, "90 minutes"],
])("a limit of %d seconds is %s", (seconds, words) => {
  expect(durationInWords(seconds)).toBe(words);
});

it("the owner reads the time that is left as the guest does", () => {
  const day = 86_400_000;
  for (const left of [null, 0, 59_000, 60_000, 7_199_000, day - 20_000, day, 2 * day - 1, 30 * day]) {
    const expires_at = left === null ? null : new Date(left).toISOString();
    expect(timeLeftInWords({ expires_at }, 0)).toBe(timeLeftWords(left));
  }
});

describe("in another language", () => {
  afterEach(() => translateWith());
  it("every message goes through the translation", () => {
    translateWith((message) => `«${message}»`);
    expect(kindInWords(hidden)).toBe("«a file»");
  });
});
