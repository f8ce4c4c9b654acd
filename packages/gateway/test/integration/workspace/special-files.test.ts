import { execFileSync } from "node:child_process";
import { constants, linkSync, mkdirSync, openSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { versionOf } from "../../../src/workspace/documents/content.ts";
import { openWorkspace, outcomeOf, pictureOf, setUp, TestGuest } from "./harness.ts";

describe("R9: entries that are neither files nor folders are absent", () => {
  it("FIFOs and sockets, and nothing of them is woken up", async () => {
    const { root, guest } = await setUp({ "a.txt": "a", "d/b.txt": "b" });
    execFileSync("mkfifo", [join(root, "fifo"), join(root, "d/fifo")]);
    const server = createServer().listen(join(root, "socket"));
    onTestFinished(() => void server.close());
    let connections = 0;
    server.on("connection", () => {
      connections += 1;
    });
    const before = pictureOf(root);
    for (const path of ["fifo", "socket", "d/fifo"]) {
      expect(await guest.outcome("read", { path })).toBe("NOT_FOUND");
      expect(await guest.outcome("stat", { path })).toBe("NOT_FOUND");
      expect(await guest.outcome("write", { path, base: "0", content: "x", encoding: "utf8" })).toBe("NOT_FOUND");
      expect(await guest.outcome("write", { path, base: null, content: "x", encoding: "utf8" })).toBe("NOT_FOUND");
      expect(await guest.outcome("create", { path, kind: "folder" })).toBe("NOT_FOUND");
      expect(await guest.outcome("rename", { from: path, to: "x" })).toBe("NOT_FOUND");
      expect(await guest.outcome("rename", { from: "a.txt", to: path })).toBe("NOT_FOUND");
      expect(await guest.outcome("delete", { path })).toBe("NOT_FOUND");
      expect(await guest.outcome("list", { path: `${path}/x` })).toBe("NOT_FOUND");
      expect(await outcomeOf(guest.workspace.open(path))).toBe("NOT_FOUND");
    }
    expect(await guest.outcome("delete", { path: "d", recursive: true })).toBe("DENIED");
    expect(await guest.names("")).toEqual(["a.txt", "d"]);
    expect(pictureOf(root)).toEqual(before);
    expect(connections).toBe(0);
    // A FIFO that nobody reads cannot be opened for writing without waiting (fifo(7)).
    expect(() => openSync(join(root, "fifo"), constants.O_WRONLY | constants.O_NONBLOCK)).toThrow("ENXIO");
  });

  it("devices", async () => {
    const guest = new TestGuest(await openWorkspace("/dev"));
    for (const path of ["null", "zero", "full", "random", "tty"]) {
      expect(await guest.outcome("read", { path })).toBe("NOT_FOUND");
      expect(await guest.outcome("write", { path, base: "0", content: "x", encoding: "utf8" })).toBe("NOT_FOUND");
    }
    expect(await guest.names("")).not.toContain("zero");
  });
});

describe("R14: large files", () => {
  it("1 GB is neither read nor written; if permitted, ranges download it", async () => {
    const { root, guest } = await setUp({ big: "begin" });
    const size = 1024 ** 3;
    truncateSync(join(root, "big"), size);
    expect(await guest.ask("stat", { path: "big" })).toMatchObject({ size });
    expect(await guest.outcome("read", { path: "big" })).toBe("TOO_LARGE");
    expect(await guest.outcome("write", { path: "big", base: "0", content: "x", encoding: "utf8" })).toBe("TOO_LARGE");
    await expect(guest.workspace.open("big")).rejects.toMatchObject({ code: "TOO_LARGE" });
    const permitting = new TestGuest(await openWorkspace(root, { limits: { file: size } }));
    const opened = await permitting.workspace.open("big");
    expect(opened.size).toBe(size);
    const bytes = async (start: number, end: number) => {
      let count = 0;
      for await (const chunk of opened.stream(start, end)) count += (chunk as Buffer).length;
      return count;
    };
    expect(String(await opened.stream(0, 4).toArray())).toBe("begin");
    expect(await bytes(size - 10, size - 1)).toBe(10);
    expect(await bytes(5, 4)).toBe(0);
    const before = process.memoryUsage().arrayBuffers;
    let [most, chunks] = [0, 0];
    for await (const _ of opened.stream(size / 2, size - 1)) {
      chunks += 1;
      if (chunks % 100 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    expect(most - before).toBeLessThan(200 * 1024 ** 2);
    await opened.close();
  });

  it("between the limits: written, though not read", async () => {
    const { root, guest } = await setUp({}, { limits: { read: 1_000, file: 10_000 } });
    writeFileSync(join(root, "a"), Buffer.alloc(5_000, "a"));
    writeFileSync(join(root, "b"), Buffer.alloc(10_001, "a"));
    expect(await guest.outcome("read", { path: "a" })).toBe("TOO_LARGE");
    const write = { content: "x", encoding: "utf8" as const };
    expect(await guest.outcome("write", { path: "a", base: "0", ...write })).toBe("CONFLICT");
    expect(await guest.outcome("write", { path: "a", base: versionOf(Buffer.alloc(5_000, "a")), ...write })).toBe(
      "done",
    );
    expect(await guest.outcome("write", { path: "b", base: versionOf(Buffer.alloc(10_001, "a")), ...write })).toBe(
      "TOO_LARGE",
    );
    const content = "x".repeat(1_001);
    expect(await guest.outcome("write", { path: "c", base: null, content, encoding: "utf8" })).toBe("TOO_LARGE");
    expect(Object.keys(pictureOf(root))).toEqual(["a", "b"]);
  });

  it.each([{ minimumFree: Number.MAX_SAFE_INTEGER }, { minimumFreePart: 1 }])("almost full: %j", async (limits) => {
    const { root, guest } = await setUp({ "a.txt": "a" }, { limits });
    const { version } = await guest.ask("read", { path: "a.txt" });
    const before = pictureOf(root);
    const write = { content: "x", encoding: "utf8" as const };
    expect(await guest.outcome("write", { path: "a.txt", base: version, ...write })).toBe("NO_SPACE");
    expect(await guest.outcome("write", { path: "b.txt", base: null, ...write })).toBe("NO_SPACE");
    expect(await guest.outcome("create", { path: "b.txt", kind: "file" })).toBe("NO_SPACE");
    expect(pictureOf(root)).toEqual(before);
    expect(await guest.outcome("delete", { path: "a.txt" })).toBe("done");
  });
});

it("R14: 100,000 files are listed page by page, in order, each once", async () => {
  const { root, workspace } = await setUp({});
  mkdirSync(join(root, "many"));
  const count = 100_000;
  // Names of a few files only: five times as fast to make, and a file may have 65,000 of them.
  for (let index = 0; index < count; index += 1) {
    const [first, place] = [join(root, `many/f${index - (index % 50_000)}`), join(root, `many/f${index}`)];
    if (first === place) writeFileSync(place, "");
    else linkSync(first, place);
  }
  const guest = new TestGuest(workspace, { level: "view" });
  const first = await guest.ask("list", { path: "many" });
  expect({ entries: first.entries.length, next: first.next }).toEqual({
    entries: 1_000,
    next: first.entries.at(-1)?.name,
  });
  const names = await guest.names("many");
  expect(names.length).toBe(count);
  expect(names).toEqual(Array.from({ length: count }, (_, index) => `f${index}`).sort());
  expect((await guest.ask("list", { path: "many", cursor: "zzz" })).entries).toEqual([]);
  expect((await guest.ask("list", { path: "many", cursor: "f99998" })).entries.map(({ name }) => name)).toEqual([
    "f99999",
  ]);
}, 600_000);
