import type { Params } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { Bases } from "../../../src/documents/bases.ts";
import { Saves, type SavingSession } from "../../../src/documents/saves.ts";
import { SessionError } from "../../../src/session/session-error.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A file whose saves go as the test says. */
function setUp(...answers: (object | SessionError)[]) {
  const asked: { readonly method: string; readonly params: Params<"write"> }[] = [];
  const session = {
    async request(method: string, params: Params<"write">) {
      asked.push({ method, params });
      const answer = answers.shift();
      if (answer === undefined) throw new Error("nothing more was expected");
      if (answer instanceof SessionError) throw answer;
      return answer;
    },
  } as SavingSession;
  const bases = new Bases();
  return { bases, asked, saves: new Saves(session, bases) };
}

describe("R13: a save names the version that its text is based on", () => {
  it("and gives the text of that version, so that the gateway can merge", async () => {
    const { bases, asked, saves } = setUp({ version: "v2" });
    bases.set("a", { version: "v1", text: "old" });
    expect(await saves.save("a", bytes("new"), { overwrite: false })).toEqual({
      isMerged: false,
      selection: undefined,
    });
    expect(asked[0]?.params).toEqual({
      path: "a",
      base: "v1",
      content: "new",
      encoding: "utf8",
      base_content: "old",
    });
    expect(bases.get("a")).toEqual({ version: "v2", text: "new" });
  });

  it("after a merge, changes are based on what was sent, until the merged text is read", async () => {
    const { bases, saves } = setUp({ version: "v3", merged: "new and theirs" });
    bases.set("a", { version: "v1", text: "old" });
    expect(await saves.save("a", bytes("new"), { overwrite: false })).toMatchObject({ isMerged: true });
    expect(bases.get("a")).toEqual({ version: "0".repeat(64), text: "new" });
  });

  it("Overwrite replaces the version that was compared with, and no later one", async () => {
    const conflict = new SessionError("CONFLICT", "changed", "v2");
    const again = new SessionError("CONFLICT", "changed", "v3");
    const { bases, asked, saves } = setUp(conflict, again, { version: "v4" });
    bases.set("a", { version: "v1", text: "old" });
    await expect(saves.save("a", bytes("new"), { overwrite: false })).rejects.toBe(conflict);
    await expect(saves.save("a", bytes("new"), { overwrite: true })).rejects.toBe(again);
    await saves.save("a", bytes("new"), { overwrite: true });
    expect(asked.map(({ params }) => [params.base, "base_content" in params])).toEqual([
      ["v1", true],
      ["v2", false],
      ["v3", false],
    ]);
  });

  it("a conflict leaves the base as it was: trying again does not overwrite", async () => {
    const conflict = new SessionError("CONFLICT", "changed", "v2");
    const { bases, saves } = setUp(conflict);
    bases.set("a", { version: "v1", text: "old" });
    await expect(saves.save("a", bytes("new"), { overwrite: false })).rejects.toBe(conflict);
    expect(bases.get("a")).toEqual({ version: "v1", text: "old" });
  });

  it("a new file must not exist; a deleted one is created again", async () => {
    const missing = new SessionError("NOT_FOUND", "gone");
    const { bases, asked, saves } = setUp(missing, { version: "v1" }, missing, { version: "v2" });
    await saves.save("a", bytes(""), { overwrite: false });
    bases.set("b", { version: "v9", text: "old" });
    await saves.save("b", bytes("new"), { overwrite: false });
    const writes = asked.filter(({ method }) => method === "write").map(({ params }) => [params.path, params.base]);
    expect(writes).toEqual([
      ["a", null],
      ["b", "v9"],
      ["b", null],
    ]);
  });

  it("a file that is not UTF-8 is sent as bytes, and never merged", async () => {
    const { bases, asked, saves } = setUp({ version: "v2" });
    bases.set("a", { version: "v1", text: undefined });
    await saves.save("a", Uint8Array.of(0xff, 0xfe, 0x00), { overwrite: false });
    expect(asked[0]?.params).toEqual({ path: "a", base: "v1", content: "//4A", encoding: "base64" });
  });

  it("a byte order mark stays", async () => {
    const { asked, saves, bases } = setUp({ version: "v2" });
    bases.set("a", { version: "v1", text: "\uFEFFold" });
    await saves.save("a", bytes("\uFEFFnew"), { overwrite: false });
    expect(asked[0]?.params.content).toBe("\uFEFFnew");
  });
});
