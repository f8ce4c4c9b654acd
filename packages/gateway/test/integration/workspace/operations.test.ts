import {
  chmodSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { versionOf } from "../../../src/workspace/documents/content.ts";
import { pictureOf, setUp, TestGuest } from "./harness.ts";

describe("what must work", () => {
  it("R9: list, stat and read", async () => {
    const { guest } = await setUp({ "a.txt": "one\n", "b/c.txt": "two", "data.bin": "\0\x01", "b/link": "->../a.txt" });
    expect(await guest.ask("list", { path: "" })).toEqual({
      entries: [
        { name: "a.txt", kind: "file", size: 4, modified: expect.any(Number), writable: true },
        { name: "b", kind: "folder", size: 0, modified: expect.any(Number), writable: true },
        { name: "data.bin", kind: "file", size: 2, modified: expect.any(Number), writable: true },
      ],
      next: null,
    });
    expect(await guest.names("b")).toEqual(["c.txt", "link"]);
    expect(await guest.ask("stat", { path: "" })).toMatchObject({ name: "", kind: "folder" });
    expect(await guest.ask("read", { path: "b/link" })).toMatchObject({
      content: "one\n",
      encoding: "utf8",
      version: versionOf("one\n"),
      size: 4,
      writable: true,
    });
    expect(await guest.ask("read", { path: "data.bin" })).toMatchObject({ content: "AAE=", encoding: "base64" });
    expect(await guest.outcome("read", { path: "b" })).toBe("NOT_A_FILE");
    expect(await guest.outcome("list", { path: "a.txt" })).toBe("INVALID");
  });

  it("R9, R13: write keeps the mode and replaces in one step; links are written through", async () => {
    const { root, guest } = await setUp({ "run.sh": "echo 1\n", link: "->run.sh" });
    chmodSync(join(root, "run.sh"), 0o640);
    const before = statSync(join(root, "run.sh"));
    const saved = await guest.change("link", "echo 2\n");
    expect(saved.version).toBe(versionOf("echo 2\n"));
    const after = statSync(join(root, "run.sh"));
    expect({ mode: after.mode, isAnother: after.ino !== before.ino }).toEqual({ mode: before.mode, isAnother: true });
    expect(readFileSync(join(root, "run.sh"), "utf8")).toBe("echo 2\n");
    expect(lstatSync(join(root, "link")).isSymbolicLink()).toBe(true);
    expect(guest.writes).toEqual([
      {
        path: "link",
        size: 7,
        kind: "write",
        before: versionOf("echo 1\n"),
        after: versionOf("echo 2\n"),
        original: Buffer.from("echo 1\n"),
        content: Buffer.from("echo 2\n"),
      },
    ]);
    expect(Object.keys(pictureOf(root))).toEqual(["link", "run.sh"]);
  });

  it("R11: create, rename and delete; nothing new can be run", async () => {
    const { root, guest } = await setUp({ d: null });
    expect(await guest.ask("create", { path: "d/x", kind: "folder" })).toMatchObject({ name: "x", kind: "folder" });
    expect(await guest.ask("create", { path: "d/x/new.sh", kind: "file" })).toMatchObject({ name: "new.sh", size: 0 });
    await guest.ask("write", { path: "d/x/more.sh", base: null, content: "#!/bin/sh\n", encoding: "utf8" });
    expect(await guest.ask("rename", { from: "d/x", to: "d/y" })).toMatchObject({ name: "y" });
    await guest.ask("rename", { from: "d/y/new.sh", to: "n.sh" });
    expect(pictureOf(root)).toEqual({
      d: "folder 755",
      "d/y": "folder 755",
      "d/y/more.sh": expect.stringContaining("file 644"),
      "n.sh": expect.stringContaining("file 644"),
    });
    expect(await guest.outcome("delete", { path: "d" })).toBe("NOT_EMPTY");
    await guest.ask("delete", { path: "d", recursive: true });
    await guest.ask("delete", { path: "n.sh" });
    expect(pictureOf(root)).toEqual({});
    expect(guest.writes.map(({ kind }) => kind)).toEqual([
      "create",
      "create",
      "write",
      "rename",
      "rename",
      "delete",
      "delete",
    ]);
  });

  it("nothing is ever replaced by create or rename", async () => {
    const { root, guest } = await setUp({ a: "1", b: "2", d: null, e: null });
    const before = pictureOf(root);
    expect(await guest.outcome("create", { path: "a", kind: "file" })).toBe("EXISTS");
    expect(await guest.outcome("create", { path: "d", kind: "folder" })).toBe("EXISTS");
    expect(await guest.outcome("write", { path: "a", base: null, content: "", encoding: "utf8" })).toBe("EXISTS");
    expect(await guest.outcome("rename", { from: "a", to: "b" })).toBe("EXISTS");
    expect(await guest.outcome("rename", { from: "d", to: "e" })).toBe("EXISTS");
    expect(await guest.outcome("rename", { from: "d", to: "d/inner" })).toBe("INVALID");
    expect(await guest.outcome("rename", { from: "a", to: "none/a" })).toBe("NOT_FOUND");
    expect(pictureOf(root)).toEqual(before);
  });
});

it("a read-only file has a reason", async () => {
  const { root, workspace, guest } = await setUp({ a: "1", c: "3", d: "4", ".vscode/x": "5", conftest: "6" });
  linkSync(join(root, "a"), join(root, "b"));
  chmodSync(join(root, "c"), 0o444);
  const why = async (path: string, asked = guest) => {
    const entry = await asked.ask("stat", { path });
    const reason = entry.read_only ?? "writable";
    const { entries } = await asked.ask("list", { path: path.includes("/") ? ".vscode" : "" });
    expect(entries.find(({ name }) => name === entry.name)).toEqual(entry);
    if (entry.kind === "file") expect((await asked.ask("read", { path })).read_only).toBe(entry.read_only);
    expect(entry.writable).toBe(reason === "writable");
    return reason;
  };
  expect(await why("d")).toBe("writable");
  expect([await why("a"), await why("b"), await why("c")]).toEqual(["linked", "linked", "locked"]);
  expect([await why(".vscode"), await why(".vscode/x")]).toEqual(["protected", "protected"]);
  const viewer = new TestGuest(workspace, { level: "view" });
  expect([await why("d", viewer), await why("c", viewer)]).toEqual(["level", "level"]);
});

it("R9: hard links and read-only files are not written", async () => {
  const { root, guest } = await setUp({ a: "1", c: "3" });
  linkSync(join(root, "a"), join(root, "b"));
  chmodSync(join(root, "c"), 0o444);
  const before = pictureOf(root);
  for (const path of ["a", "b", "c"]) {
    const { version, writable } = await guest.ask("read", { path });
    expect(writable).toBe(false);
    expect(await guest.outcome("write", { path, base: version, content: "x", encoding: "utf8" })).toBe("DENIED");
  }
  expect(pictureOf(root)).toEqual(before);
});

it("View Only looks and does not change", async () => {
  const { root, workspace } = await setUp({ "a.txt": "1", d: null });
  const viewer = new TestGuest(workspace, { level: "view" });
  const before = pictureOf(root);
  const { version, writable } = await viewer.ask("read", { path: "a.txt" });
  expect(writable).toBe(false);
  expect(await viewer.outcome("write", { path: "a.txt", base: version, content: "x", encoding: "utf8" })).toBe(
    "DENIED",
  );
  expect(await viewer.outcome("write", { path: "new", base: null, content: "x", encoding: "utf8" })).toBe("DENIED");
  expect(await viewer.outcome("create", { path: "new", kind: "file" })).toBe("DENIED");
  expect(await viewer.outcome("rename", { from: "a.txt", to: "b.txt" })).toBe("DENIED");
  expect(await viewer.outcome("delete", { path: "d" })).toBe("DENIED");
  expect(await viewer.outcome("delete", { path: ".git" })).toBe("NOT_FOUND");
  expect(pictureOf(root)).toEqual(before);
});

it("R13: a change of the same size is seen, and conflicts", async () => {
  const { root, guest } = await setUp({ "a.txt": "one\n" });
  const { version } = await guest.ask("read", { path: "a.txt" });
  writeFileSync(join(root, "a.txt"), "two\n");
  await expect(
    guest.ask("write", { path: "a.txt", base: version, content: "six\n", encoding: "utf8" }),
  ).rejects.toMatchObject({ code: "CONFLICT", version: versionOf("two\n") });
  expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("two\n");
});

describe("R9: a scope is a path", () => {
  it("a shared file is gone if renamed or made a link, but not if saved by renaming", async () => {
    const { root, workspace } = await setUp({ "d/a.txt": "1", "d/other.txt": "2", "e/a.txt": "3" });
    const guest = new TestGuest(workspace, { scope: { kind: "file", path: "d/a.txt" } });
    expect(await guest.read("d/a.txt")).toBe("1");
    expect(await guest.outcome("list", { path: "d" })).toBe("NOT_FOUND");
    expect(await guest.outcome("rename", { from: "d/a.txt", to: "d/b.txt" })).toBe("DENIED");
    expect(await guest.outcome("delete", { path: "d/a.txt" })).toBe("DENIED");
    await guest.change("d/a.txt", "1 by guest");
    renameSync(join(root, "d/other.txt"), join(root, "d/a.txt"));
    expect(await guest.read("d/a.txt")).toBe("2");
    renameSync(join(root, "d/a.txt"), join(root, "d/b.txt"));
    expect(await guest.outcome("read", { path: "d/a.txt" })).toBe("NOT_FOUND");
    symlinkSync("b.txt", join(root, "d/a.txt"));
    expect(await guest.outcome("read", { path: "d/a.txt" })).toBe("NOT_FOUND");
    const write = { path: "d/a.txt", content: "x", encoding: "utf8" as const };
    expect(await guest.outcome("write", { ...write, base: versionOf("2") })).toBe("NOT_FOUND");
    // The share of a single file permits no new files anywhere.
    expect(await guest.outcome("write", { ...write, base: null })).toBe("DENIED");
    rmSync(join(root, "d"), { recursive: true });
    symlinkSync("e", join(root, "d"));
    expect(await guest.outcome("read", { path: "d/a.txt" })).toBe("NOT_FOUND");
    expect(pictureOf(root)).toEqual({ d: "link e", e: "folder 755", "e/a.txt": expect.stringContaining("file 644") });
  });

  it("a shared folder is neither renamed nor deleted, and nothing leaves it", async () => {
    const { root, workspace } = await setUp({ "pub/a.txt": "1", "pub/d/x": "1", "priv/b.txt": "2" });
    const guest = new TestGuest(workspace, { scope: { kind: "folder", path: "pub" } });
    const before = pictureOf(root);
    expect(await guest.outcome("rename", { from: "pub", to: "pub2" })).toBe("DENIED");
    expect(await guest.outcome("delete", { path: "pub", recursive: true })).toBe("DENIED");
    expect(await guest.outcome("rename", { from: "pub/a.txt", to: "a.txt" })).toBe("NOT_FOUND");
    expect(await guest.outcome("rename", { from: "pub/d", to: "priv/d" })).toBe("NOT_FOUND");
    expect(await guest.outcome("rename", { from: "priv/b.txt", to: "pub/b.txt" })).toBe("NOT_FOUND");
    expect(await guest.outcome("stat", { path: "" })).toBe("NOT_FOUND");
    expect(await guest.outcome("create", { path: "new", kind: "file" })).toBe("NOT_FOUND");
    expect(pictureOf(root)).toEqual(before);
  });
});

it("rights are checked for each operation: a change of the share applies at once", async () => {
  const { root, guest } = await setUp({ "a.txt": "1", "d/b.txt": "2" });
  const write = { path: "a.txt", base: versionOf("1"), content: "x", encoding: "utf8" as const };
  for (const state of ["expired", "revoked", "removed"] as const) {
    guest.actor = { kind: "guest", level: "edit", scope: { kind: "workspace" }, state };
    for (const path of ["a.txt", "none", ".env"]) expect(await guest.outcome("read", { path })).toBe("DENIED");
    expect(await guest.outcome("write", write)).toBe("DENIED");
  }
  guest.actor = { kind: "guest", level: "view", scope: { kind: "workspace" }, state: "live" };
  expect(await guest.outcome("write", write)).toBe("DENIED");
  guest.actor = { kind: "guest", level: "edit", scope: { kind: "folder", path: "d" }, state: "live" };
  expect(await guest.outcome("write", write)).toBe("NOT_FOUND");
  expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("1");
});

it("a level that is lowered while a save is under way keeps it from ending", async () => {
  const { root, workspace } = await setUp({ "a.txt": "1" });
  let asked = 0;
  const guest: TestGuest = new TestGuest(workspace, {
    onAsked: () => {
      asked += 1;
      // The first two times to find the file, the third right before it would be replaced.
      if (asked === 3) guest.actor = { kind: "guest", level: "view", scope: { kind: "workspace" }, state: "live" };
    },
  });
  const write = { path: "a.txt", base: versionOf("1"), content: "x", encoding: "utf8" as const };
  expect(await guest.outcome("write", write)).toBe("DENIED");
  expect(asked).toBe(3);
  expect(pictureOf(root)).toEqual({ "a.txt": expect.stringContaining("file 644") });
  expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("1");
});

it("nothing stays open", async () => {
  const { guest, workspace } = await setUp({ "a.txt": "1", "d/b.txt": "2", "d/link": "->../a.txt", out: "->/etc" });
  const open = () => readdirSync("/proc/self/fd").length;
  const everything = async () => {
    for (const path of ["", "a.txt", "d", "d/b.txt", "d/link", "out", "out/passwd", "none", "d/none/x", ".env"]) {
      await guest.outcome("list", { path });
      await guest.outcome("read", { path });
      await guest.outcome("write", { path, base: "0", content: "x", encoding: "utf8" });
      await guest.outcome("create", { path, kind: "folder" });
      await guest.outcome("rename", { from: path, to: `${path}/x` });
      await guest.outcome("watch", { path });
      await guest.outcome("unwatch", { path });
      const opened = await guest.workspace.open(path).catch(() => undefined);
      await opened?.close();
    }
    await guest.change("a.txt", "2");
    await guest.change("a.txt", "1");
  };
  await everything();
  const before = open();
  await everything();
  expect(open()).toBe(before);
  await workspace.close();
  expect(open()).toBeLessThan(before);
  expect(await guest.outcome("read", { path: "a.txt" })).toBe("CANCELLED");
});

it("R14: one guest's many deletions delay another's rename by one of them", async () => {
  const folders = ["d1", "d2", "d3", "d4"];
  const files = folders.flatMap((name) => Array.from({ length: 200 }, (_, number) => [`${name}/${number}`, ""]));
  const { root, guest, workspace } = await setUp({ ...Object.fromEntries(files), "a.txt": "a" });
  const other = new TestGuest(workspace, { session: "two" });
  const ended: string[] = [];
  const note = (what: string) => (outcome: string) => ended.push(`${what} ${outcome}`);
  await Promise.all([
    ...folders.map((path) => guest.outcome("delete", { path, recursive: true }).then(note(path))),
    other.outcome("rename", { from: "a.txt", to: "b.txt" }).then(note("rename")),
  ]);
  expect(ended.toSorted()).toEqual([...folders.map((path) => `${path} done`), "rename done"]);
  expect(ended.indexOf("rename done")).toBeLessThan(3);
  expect(pictureOf(root)).toEqual({ "b.txt": expect.stringContaining("file") });
  await workspace.close();
});
