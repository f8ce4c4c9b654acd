import { chmodSync, linkSync, lstatSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { versionOf } from "../../../src/workspace/content.ts";
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
    chmodSync(join(root, "run.sh"), 0o750);
    const before = statSync(join(root, "run.sh"));
    const saved = await guest.change("link", "echo 2\n");
    expect(saved.version).toBe(versionOf("echo 2\n"));
    const after = statSync(join(root, "run.sh"));
    expect({ mode: after.mode, isAnother: after.ino !== before.ino }).toEqual({ mode: before.mode, isAnother: true });
    expect(readFileSync(join(root, "run.sh"), "utf8")).toBe("echo 2\n");
    expect(lstatSync(join(root, "link")).isSymbolicLink()).toBe(true);
    expect(guest.writes).toEqual([
      { path: "link", size: 7, kind: "write", before: versionOf("echo 1\n"), after: versionOf("echo 2\n") },
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
