import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { setUp, TestGuest } from "./harness.ts";

const shiftJis = Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x0a]);
const utf16 = Buffer.from("\ufeffcafé\n", "utf16le");
const inAnotherEncoding = {
  "latin-1": Buffer.from("a\ncaf\xe9\nb\n", "latin1"),
  "Shift-JIS": shiftJis,
  "a log with two bad bytes": Buffer.concat([Buffer.from("start\n".repeat(200)), Buffer.from([0xff, 0xfe, 0x0a])]),
  "a cut character": Buffer.from("caf\u00e9").subarray(0, 4),
};

async function setUpBytes(bytes: Buffer) {
  const { root, workspace, guest } = await setUp({ "a.txt": "" });
  const file = join(root, "a.txt");
  writeFileSync(file, bytes);
  return { file, workspace, guest, now: () => readFileSync(file) };
}

describe("R13: no byte of a text is changed that the guest did not change", () => {
  it.each(Object.entries(inAnotherEncoding))(
    "what is not UTF-8 is read-only, with the reason: %s",
    async (_, bytes) => {
      const { guest, now } = await setUpBytes(bytes);
      const read = await guest.ask("read", { path: "a.txt" });
      expect(read).toMatchObject({ encoding: "base64", writable: false, read_only: "encoding" });
      expect(Buffer.from(read.content, "base64")).toEqual(bytes);
      const decoded = `x${bytes.toString("utf8")}`;
      const edited = Buffer.concat([Buffer.from("x"), bytes]).toString("base64");
      const base = read.version;
      const saves = [
        { path: "a.txt", base, content: decoded, encoding: "utf8" },
        { path: "a.txt", base, content: decoded, encoding: "utf8", base_content: bytes.toString("utf8") },
        { path: "a.txt", base, content: edited, encoding: "base64" },
        { path: "a.txt", base, content: "", encoding: "utf8" },
      ] as const;
      for (const save of saves) expect(await guest.outcome("write", save)).not.toBe("done");
      expect(now()).toEqual(bytes);
      expect(guest.writes).toEqual([]);
    },
  );

  it.each(Object.entries({ "UTF-16": utf16, bytes: Buffer.from([0, 0xff, 0xfe, 0x80]) }))(
    "other bytes are replaced as a whole, never by what an editor makes of them: %s",
    async (_, bytes) => {
      const { guest, now } = await setUpBytes(bytes);
      const { version, writable } = await guest.ask("read", { path: "a.txt" });
      expect(writable).toBe(true);
      const decoded = { path: "a.txt", base: version, content: bytes.toString("utf8"), encoding: "utf8" } as const;
      expect(await guest.outcome("write", decoded)).toBe("DENIED");
      expect(now()).toEqual(bytes);
      const next = Buffer.concat([bytes, bytes]);
      await guest.ask("write", { path: "a.txt", base: version, content: next.toString("base64"), encoding: "base64" });
      expect(now()).toEqual(next);
    },
  );

  it("a file that another program saves in another encoding becomes read-only", async () => {
    const { file, guest, now } = await setUpBytes(Buffer.from("one\ntwo\n"));
    const { version } = await guest.ask("read", { path: "a.txt" });
    const bytes = Buffer.from("one\ntw\xf6\n", "latin1");
    writeFileSync(file, bytes);
    const save = { path: "a.txt", base: version, content: "1\ntwo\n", encoding: "utf8" } as const;
    expect(await guest.outcome("write", save)).toBe("CONFLICT");
    // Overwriting it after a comparison does not, either.
    const { version: latest } = await guest.ask("read", { path: "a.txt" });
    expect(await guest.outcome("write", { ...save, base: latest })).toBe("DENIED");
    expect(now()).toEqual(bytes);
  });

  it("a byte order mark stays where it was, also through a merge", async () => {
    const { file, guest, now } = await setUpBytes(Buffer.from("\ufeffone\ntwo\nthree\n"));
    const { version, content } = await guest.ask("read", { path: "a.txt" });
    expect(content.startsWith("\ufeff")).toBe(true);
    writeFileSync(file, "\ufeffone\ntwo\n3\n");
    await guest.ask("write", { path: "a.txt", base: version, content: content.replace("one", "1"), encoding: "utf8" });
    expect(now().toString()).toBe("\ufeff1\ntwo\n3\n");
  });

  it("lines of such a file are not shared by themselves", async () => {
    const { workspace } = await setUpBytes(inAnotherEncoding["latin-1"]);
    const range = { line: 1, col: 0, end_line: 1, end_col: null };
    await expect(workspace.select("a.txt", range)).rejects.toMatchObject({ code: "INVALID" });
    const guest = new TestGuest(workspace);
    await guest.ask("delete", { path: "a.txt" });
    expect(guest.writes).toMatchObject([{ kind: "delete", original: inAnotherEncoding["latin-1"] }]);
  });
});
