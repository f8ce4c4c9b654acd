import { describe, expect, it } from "vitest";
import { CloneTokens } from "../../../../src/share/commits/clone-tokens.ts";
import { makeLink, makeSession, makeShare } from "../../../support/share-records.ts";

function tokens() {
  let now = 1_000;
  const share = makeShare("s");
  const session = makeSession("bob", makeLink("l", "s"));
  const made = new CloneTokens({
    table: { session: () => session, timeLeft: () => null, shareFor: () => share },
    clock: () => now,
  });
  const asked = (password: string) => ({
    headers: { authorization: `Basic ${Buffer.from(`s:${password}`).toString("base64")}` },
  });
  const pass = (time: number) => {
    now += time;
  };
  return { made, session, asked, pass };
}

describe("R28: passwords for git", () => {
  it("one ends after a day, and opens no other share before", () => {
    const { made, session, asked, pass } = tokens();
    const { password } = made.make(session, "/share/s/repo.git");
    expect(made.sessionOf(asked(password), "s")).toBe(session);
    expect(made.sessionOf(asked(password), "other")).toBeUndefined();
    pass(86_400_000);
    expect(made.sessionOf(asked(password), "s")).toBeUndefined();
  });

  it("a guest has eight of them, and the oldest ends first", () => {
    const { made, session, asked } = tokens();
    const all = Array.from({ length: 9 }, () => made.make(session, "/").password);
    expect(all.map((password) => made.sessionOf(asked(password), "s") !== undefined)).toEqual([
      false,
      ...Array(8).fill(true),
    ]);
  });
});
