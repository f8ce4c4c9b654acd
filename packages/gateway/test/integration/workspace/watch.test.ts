import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { FileChange } from "@waiide/protocol";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { versionOf } from "../../../src/workspace/documents/content.ts";
import { Allowance } from "../../../src/workspace/limits.ts";
import { maxWatchedByGuest } from "../../../src/workspace/watch/guest-watch.ts";
import { setUp, TestGuest } from "./harness.ts";

/** Waits for this change, and takes all that came so far. */
async function next(guest: TestGuest, wanted: Partial<FileChange>): Promise<FileChange[]> {
  await vi.waitFor(() => expect(guest.changes).toContainEqual(expect.objectContaining(wanted)), { timeout: 20_000 });
  return guest.changes.splice(0);
}

/** No file is on the disk until it is released; or never, with `fail`. */
async function holdDisk() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  await using handle = await open(import.meta.filename);
  const sync = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, "sync").mockReturnValue(promise);
  onTestFinished(() => sync.mockRestore());
  return { release: resolve, fail: reject };
}

describe("R14: watching", () => {
  it("a folder's direct entries", async () => {
    const { root, guest } = await setUp({ "d/a.txt": "1", "d/deep/x": "1", other: "1" });
    await guest.ask("watch", { path: "d" });
    writeFileSync(join(root, "d/new.txt"), "1");
    expect(await next(guest, { path: "d/new.txt" })).toEqual([{ path: "d/new.txt", kind: "created" }]);
    writeFileSync(join(root, "d/a.txt"), "2");
    expect(await next(guest, { path: "d/a.txt" })).toEqual([{ path: "d/a.txt", kind: "changed" }]);
    writeFileSync(join(root, "other"), "2");
    writeFileSync(join(root, "d/deep/x"), "2");
    unlinkSync(join(root, "d/a.txt"));
    expect(await next(guest, { path: "d/a.txt" })).toEqual([{ path: "d/a.txt", kind: "deleted" }]);
    await guest.ask("unwatch", { path: "d" });
  });

  it("R13: notifies of open files' versions, and of the guest who changed them", async () => {
    const { root, guest, workspace } = await setUp({ "a.txt": "1" });
    const other = new TestGuest(workspace, { session: "guest-2" });
    await guest.ask("read", { path: "a.txt" });
    await guest.ask("watch", { path: "a.txt" });
    writeFileSync(join(root, "a.txt"), "22");
    expect(await next(guest, {})).toEqual([{ path: "a.txt", kind: "changed", version: versionOf("22") }]);
    await other.change("a.txt", "333");
    expect(await next(guest, {})).toEqual([
      { path: "a.txt", kind: "changed", version: versionOf("333"), origin: "guest-2" },
    ]);
    // As editors save: a new file, renamed over the old one. The watch goes on.
    writeFileSync(join(root, "a.tmp"), "4444");
    renameSync(join(root, "a.tmp"), join(root, "a.txt"));
    expect(await next(guest, {})).toEqual([{ path: "a.txt", kind: "changed", version: versionOf("4444") }]);
    writeFileSync(join(root, "a.txt"), "55555");
    expect(await next(guest, {})).toEqual([{ path: "a.txt", kind: "changed", version: versionOf("55555") }]);
  });

  it("creations, renames and deletions by guests name the guest", async () => {
    const { guest, workspace } = await setUp({});
    const other = new TestGuest(workspace, { session: "guest-2" });
    await guest.ask("watch", { path: "" });
    await other.ask("create", { path: "a", kind: "file" });
    expect(await next(guest, {})).toMatchObject([{ path: "a", kind: "created", origin: "guest-2" }]);
    await other.ask("create", { path: "d", kind: "folder" });
    expect(await next(guest, {})).toMatchObject([{ path: "d", kind: "created", origin: "guest-2" }]);
    await other.ask("rename", { from: "a", to: "b" });
    const changes = [...(await next(guest, { path: "b" }))];
    if (changes.length < 2) changes.push(...(await next(guest, { path: "a" })));
    expect(changes).toContainEqual({ path: "a", kind: "deleted", origin: "guest-2" });
    expect(changes).toContainEqual(expect.objectContaining({ path: "b", kind: "created", origin: "guest-2" }));
    await other.ask("delete", { path: "b" });
    expect(await next(guest, {})).toEqual([{ path: "b", kind: "deleted", origin: "guest-2" }]);
  });

  it("a guest's new file names the guest at once, even on a slow disk", async () => {
    const { guest, workspace } = await setUp({});
    const other = new TestGuest(workspace, { session: "guest-2" });
    await guest.ask("watch", { path: "" });
    const disk = await holdDisk();
    const made = other.ask("write", { path: "a", base: null, content: "1", encoding: "utf8" });
    const seen = await next(guest, { path: "a" });
    disk.release();
    await made;
    expect(seen).toMatchObject([{ path: "a", kind: "created", origin: "guest-2" }]);
  });

  it("what a guest could not make is no reason for what the owner makes there", async () => {
    const { root, guest, workspace } = await setUp({});
    const other = new TestGuest(workspace, { session: "guest-2" });
    await guest.ask("watch", { path: "" });
    const disk = await holdDisk();
    const made = other.outcome("write", { path: "a", base: null, content: "1", encoding: "utf8" });
    await next(guest, { path: "a", kind: "created" });
    disk.fail(Object.assign(new Error("no space"), { code: "ENOSPC" }));
    expect(await made).toBe("NO_SPACE");
    await next(guest, { path: "a", kind: "deleted" });
    writeFileSync(join(root, "a"), "1");
    const seen = await next(guest, { path: "a", kind: "created" });
    expect(seen.filter(({ origin }) => origin !== undefined)).toEqual([]);
  });

  it("a folder that goes and comes back", async () => {
    const { root, guest } = await setUp({ "d/a": "1" });
    await guest.ask("watch", { path: "d" });
    rmSync(join(root, "d"), { recursive: true });
    expect(await next(guest, {})).toEqual([{ path: "d/a", kind: "deleted" }]);
    mkdirSync(join(root, "d"));
    writeFileSync(join(root, "d/b"), "1");
    expect(await next(guest, {})).toEqual([{ path: "d/b", kind: "created" }]);
    writeFileSync(join(root, "d/c"), "1");
    expect(await next(guest, {})).toEqual([{ path: "d/c", kind: "created" }]);
  });
});

describe("R10: watching tells nothing of", () => {
  it("hidden, outside or not a file", async () => {
    const { folder, root, guest } = await setUp({ d: null });
    await guest.ask("watch", { path: "d" });
    for (const name of [".env", "id_rsa", ".git"]) writeFileSync(join(root, "d", name), "secret");
    symlinkSync(folder, join(root, "d/out"));
    symlinkSync(join(root, "d/.env"), join(root, "d/env"));
    unlinkSync(join(root, "d/out"));
    unlinkSync(join(root, "d/.env"));
    writeFileSync(join(root, "d/last"), "");
    expect(await next(guest, { path: "d/last" })).toEqual([{ path: "d/last", kind: "created" }]);
  });

  it("files beside a shared file, and a folder that was moved out of the scope", async () => {
    const { root, workspace } = await setUp({ "pub/a.txt": "1", "priv/x": "1" });
    const guest = new TestGuest(workspace, { scope: { kind: "file", path: "pub/a.txt" } });
    const other = new TestGuest(workspace, { scope: { kind: "folder", path: "pub" } });
    expect(await guest.outcome("watch", { path: "pub" })).toBe("NOT_FOUND");
    expect(await other.outcome("watch", { path: "" })).toBe("NOT_FOUND");
    await guest.ask("watch", { path: "pub/a.txt" });
    await other.ask("watch", { path: "pub" });
    writeFileSync(join(root, "pub/b.txt"), "1");
    writeFileSync(join(root, "pub/a.txt"), "2");
    expect(await next(guest, {})).toEqual([{ path: "pub/a.txt", kind: "changed" }]);
    await next(other, { path: "pub/a.txt" });
    renameSync(join(root, "pub"), join(root, "priv/pub"));
    writeFileSync(join(root, "priv/pub/secret"), "1");
    expect((await next(other, {})).sort((first, second) => (first.path < second.path ? -1 : 1))).toEqual([
      { path: "pub/a.txt", kind: "deleted" },
      { path: "pub/b.txt", kind: "deleted" },
    ]);
  });

  it("anything, once the share has ended or the scope is another", async () => {
    const { root, guest, workspace } = await setUp({ d: null, e: null });
    const witness = new TestGuest(workspace);
    for (const somebody of [guest, witness]) await somebody.ask("watch", { path: "d" });
    guest.actor = { kind: "guest", level: "edit", scope: { kind: "workspace" }, state: "revoked" };
    writeFileSync(join(root, "d/a"), "");
    await next(witness, { path: "d/a" });
    guest.actor = { kind: "guest", level: "edit", scope: { kind: "folder", path: "e" }, state: "live" };
    writeFileSync(join(root, "d/b"), "");
    await next(witness, { path: "d/b" });
    expect(guest.changes).toEqual([]);
  });
});

it("R14: watched folders count once over all workspaces, and are released", async () => {
  const watchedFolders = new Allowance(2);
  const { guest, workspace } = await setUp({ "a/x": "", b: null, c: null }, { limits: { watchedFolders } });
  const other = new TestGuest(workspace);
  await guest.ask("watch", { path: "a" });
  await guest.ask("watch", { path: "a/x" });
  await other.ask("watch", { path: "a" });
  await other.ask("watch", { path: "b" });
  expect(await guest.outcome("watch", { path: "c" })).toBe("BUSY");
  expect(watchedFolders.used).toBe(2);
  other.workspace.close();
  await guest.ask("watch", { path: "c" });
  expect(watchedFolders.used).toBe(2);
  await workspace.close();
  expect(watchedFolders.used).toBe(0);
});

it("R14: all pages of one guest watch a part of the limit; another guest still can", async () => {
  const names = Array.from({ length: maxWatchedByGuest + 2 }, (_, number) => `d/${number}`);
  const { guest, workspace } = await setUp({ ...Object.fromEntries(names.map((name) => [name, ""])), e: null });
  const secondPage = new TestGuest(workspace, { session: "one" });
  const firstPage = new TestGuest(workspace, { session: "one" });
  const watch = async (page: TestGuest, some: readonly string[]) => {
    const outcomes: string[] = [];
    for (const path of some) outcomes.push(await page.outcome("watch", { path }));
    return outcomes;
  };
  expect(new Set(await watch(firstPage, names.slice(0, 600)))).toEqual(new Set(["done"]));
  expect(new Set(await watch(secondPage, names.slice(600, maxWatchedByGuest)))).toEqual(new Set(["done"]));
  expect(await watch(secondPage, names.slice(maxWatchedByGuest))).toEqual(["BUSY", "BUSY"]);
  expect(await watch(firstPage, ["e", names[0] ?? ""])).toEqual(["BUSY", "done"]);
  expect(await watch(guest, ["e"])).toEqual(["done"]);
  await firstPage.ask("unwatch", { path: names[0] ?? "" });
  expect(await watch(secondPage, ["e", "d"])).toEqual(["done", "BUSY"]);
  firstPage.workspace.close();
  expect(await watch(secondPage, ["d"])).toEqual(["done"]);
  await workspace.close();
});
