import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { describe, expect, it, vi } from "vitest";
import { versionOf } from "../../../src/workspace/documents/content.ts";
import { findRipgrep } from "../../../src/workspace/search/find-ripgrep.ts";
import { outcomeOf, setUp, TestGuest } from "./harness.ts";

const content = "secret 1\nsecret 2\nshared A\nshared B\nsecret 3\n";
const range = { line: 3, col: 0, end_line: 4, end_col: null };
const selected = "shared A\nshared B";

async function setUpSelection(text = content) {
  const ripgrep = await findRipgrep(undefined, process.env);
  const { root, workspace } = await setUp({ "a.txt": text, "b.txt": "secret 4" }, { ripgrep });
  const selection = await workspace.select("a.txt", range);
  const guest = new TestGuest(workspace, { scope: { kind: "selection", path: "a.txt" }, selection });
  const file = join(root, "a.txt");
  return { root, file, workspace, guest, write: (next: string) => writeFileSync(file, next) };
}

describe("R12: through every door only the selected lines are seen", () => {
  it("read, stat, download", async () => {
    const { guest } = await setUpSelection();
    const version = versionOf(selected);
    expect(await guest.ask("read", { path: "a.txt" })).toEqual({
      content: selected,
      encoding: "utf8",
      version,
      size: 17,
      modified: expect.any(Number),
      writable: true,
      selection: { ...range, outdated: false },
    });
    expect(await guest.ask("stat", { path: "a.txt" })).toMatchObject({ size: 17, kind: "file" });
    const opened = await guest.workspace.open("a.txt");
    expect({ size: opened.size, version: opened.version }).toEqual({ size: 17, version });
    expect(await textOf(opened.stream(0, 16))).toBe(selected);
    expect(await textOf(opened.stream(2, 3))).toBe("ar");
    expect(await textOf(opened.stream(0, 1_000))).toBe(selected);
    await opened.close();
  });

  it("list, other paths and changes of the file itself are refused", async () => {
    const { root, guest } = await setUpSelection();
    expect(await guest.outcome("list", { path: "" })).toBe("NOT_FOUND");
    expect(await guest.outcome("read", { path: "b.txt" })).toBe("NOT_FOUND");
    expect(await outcomeOf(guest.workspace.open("b.txt"))).toBe("NOT_FOUND");
    expect(await guest.outcome("delete", { path: "a.txt" })).toBe("DENIED");
    expect(await guest.outcome("rename", { from: "a.txt", to: "c.txt" })).toBe("DENIED");
    expect(await guest.outcome("create", { path: "c.txt", kind: "file" })).toBe("NOT_FOUND");
    expect(readFileSync(join(root, "a.txt"), "utf8")).toBe(content);
  });

  it("search", async () => {
    const { guest } = await setUpSelection();
    const found = async (pattern: string) => (await guest.ask("search", { pattern, regexp: true })).files;
    expect(await found("secret")).toEqual([]);
    expect(await found("shared [AB]")).toEqual([
      {
        path: "a.txt",
        matches: [
          { line: 1, text: "shared A", start: 0, end: 8, offset: 0 },
          { line: 2, text: "shared B", start: 0, end: 8, offset: 0 },
        ],
      },
    ]);
    expect(await guest.ask("find", { pattern: "" })).toEqual({ paths: ["a.txt"], incomplete: false });
  });

  it("watch: changes elsewhere in the file are not told", async () => {
    const { guest, write, workspace } = await setUpSelection();
    const witness = new TestGuest(workspace);
    await witness.ask("watch", { path: "a.txt" });
    await guest.ask("watch", { path: "a.txt" });
    const seen = (count: number) => vi.waitFor(() => expect(witness.changes).toHaveLength(count), { timeout: 20_000 });
    write(content.replace("secret 3", "secret three"));
    await seen(1);
    write(content.replace("secret 2", "secret 2\nsecret 2.5"));
    await seen(2);
    expect(guest.changes).toEqual([]);
    write(content.replace("shared B", "shared inner\nshared B"));
    await vi.waitFor(() => expect(guest.changes).toHaveLength(1), { timeout: 20_000 });
    const version = versionOf("shared A\nshared inner\nshared B");
    expect(guest.changes).toEqual([{ path: "a.txt", kind: "changed", version }]);
    write("secret only");
    await vi.waitFor(() => expect(guest.changes).toHaveLength(2), { timeout: 20_000 });
    expect(await guest.ask("read", { path: "a.txt" })).toMatchObject({
      content: "shared A\nshared inner\nshared B",
      writable: false,
      read_only: "outdated",
      selection: { outdated: true },
    });
    expect(await guest.ask("stat", { path: "a.txt" })).toMatchObject({ writable: false, read_only: "outdated" });
  });
});

describe("R12: writing", () => {
  const write = (base: string, text: string, base_content?: string) => ({
    path: "a.txt",
    base,
    content: text,
    encoding: "utf8" as const,
    ...(base_content === undefined ? {} : { base_content }),
  });

  it("replaces only the range, at its current place", async () => {
    const { guest, file, write: change } = await setUpSelection();
    change(`top\n${content}`);
    const saved = await guest.ask("write", write(versionOf(selected), "shared X\nshared Y\nshared Z"));
    expect(saved).toMatchObject({
      version: versionOf("shared X\nshared Y\nshared Z"),
      size: 26,
      selection: { line: 4, end_line: 6, outdated: false },
    });
    expect(saved).not.toHaveProperty("merged");
    expect(readFileSync(file, "utf8")).toBe("top\nsecret 1\nsecret 2\nshared X\nshared Y\nshared Z\nsecret 3\n");
    expect(await guest.read("a.txt")).toBe("shared X\nshared Y\nshared Z");
  });

  it("R13: a conflict names the selection's version; both changes are merged where possible", async () => {
    const { guest, file, write: change } = await setUpSelection(content.replace("shared B", "1\n2\n3\nshared B"));
    const selection = "shared A\n1";
    expect(await guest.read("a.txt")).toBe(selection);
    change(content.replace("shared B", "x\nshared B").replace("shared A", "shared a"));
    await expect(guest.ask("write", write(versionOf(selection), "other"))).rejects.toMatchObject({ code: "OUTDATED" });
    change(`new\n${content.replace("shared B", "1\n2\n3\nshared B")}`);
    await expect(guest.ask("write", write(versionOf("older"), "other"))).rejects.toMatchObject({
      code: "CONFLICT",
      version: versionOf(selection),
    });
    const merged = await guest.ask("write", write(versionOf("shared A\n1\nx"), "shared Z\n1\nx", "shared A\n1\nx"));
    expect(merged.merged).toBe("shared Z\n1");
    expect(readFileSync(file, "utf8")).toBe("new\nsecret 1\nsecret 2\nshared Z\n1\n2\n3\nshared B\nsecret 3\n");
  });

  it("is refused, and changes nothing, where the place is not certain", async () => {
    const { guest, file, write: change } = await setUpSelection();
    change("secret only");
    await expect(guest.ask("write", write(versionOf(selected), "x"))).rejects.toMatchObject({ code: "OUTDATED" });
    expect(readFileSync(file, "utf8")).toBe("secret only");
  });

  it("keeps the file's line endings and byte order mark", async () => {
    const { guest, file } = await setUpSelection(`\ufeff${content.replaceAll("\n", "\r\n")}`);
    const { version } = await guest.ask("read", { path: "a.txt" });
    expect(version).toBe(versionOf("shared A\r\nshared B"));
    const saved = await guest.ask("write", write(version, "1\n2"));
    expect(saved).toMatchObject({ merged: "1\r\n2", version: versionOf("1\r\n2") });
    expect(readFileSync(file, "utf8")).toBe("\ufeffsecret 1\r\nsecret 2\r\n1\r\n2\r\nsecret 3\r\n");
  });

  it("View Only does not write", async () => {
    const { guest, file } = await setUpSelection();
    guest.actor = { kind: "guest", level: "view", scope: { kind: "selection", path: "a.txt" }, state: "live" };
    expect(await guest.outcome("write", write(versionOf(selected), "x"))).toBe("DENIED");
    expect(readFileSync(file, "utf8")).toBe(content);
  });
});

describe("R9, R12: the file itself", () => {
  it("renamed, or replaced by a link or a folder: gone", async () => {
    const { root, guest, file } = await setUpSelection();
    renameSync(file, join(root, "c.txt"));
    expect(await guest.outcome("read", { path: "a.txt" })).toBe("NOT_FOUND");
    symlinkSync("c.txt", file);
    expect(await guest.outcome("read", { path: "a.txt" })).toBe("NOT_FOUND");
    renameSync(file, join(root, "link"));
    mkdirSync(file);
    expect(await guest.outcome("read", { path: "a.txt" })).not.toBe("done");
  });

  it("no text left: the last text stays, out of date", async () => {
    const { guest, write } = await setUpSelection();
    write("\0");
    expect(await guest.ask("read", { path: "a.txt" })).toMatchObject({
      content: selected,
      selection: { outdated: true },
    });
    write(content);
    expect(await guest.ask("read", { path: "a.txt" })).toMatchObject({ selection: { outdated: false } });
  });

  it("without what follows the lines nothing is seen at all", async () => {
    const { workspace } = await setUpSelection();
    const guest = new TestGuest(workspace, { scope: { kind: "selection", path: "a.txt" } });
    for (const method of ["read", "stat"] as const) {
      expect(await guest.outcome(method, { path: "a.txt" })).toBe("NOT_FOUND");
    }
    expect(await outcomeOf(guest.workspace.open("a.txt"))).toBe("NOT_FOUND");
    expect((await guest.ask("search", { pattern: "secret" })).files).toEqual([]);
  });
});
