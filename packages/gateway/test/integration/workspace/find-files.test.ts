import { lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { findFiles, identityOf } from "../../../src/workspace/tree/file-identity.ts";
import { Folder } from "../../../src/workspace/tree/folder.ts";

function folderWith(...paths: string[]): { folder: string; place: (path: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), "waiide-find-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const place = (path: string) => join(folder, path);
  for (const path of paths) {
    mkdirSync(dirname(place(path)), { recursive: true });
    writeFileSync(place(path), path);
  }
  return { folder, place };
}

const identityAt = (place: string) => identityOf(lstatSync(place, { bigint: true })) ?? "";

async function find(folder: string, ...identities: string[]): Promise<string[]> {
  await using root = await Folder.open(folder);
  const found = await findFiles(root, new Set(identities));
  return identities.map((identity) => found.get(identity) ?? "");
}

it("a file is found under its new name, also after it was written in place", async () => {
  const { folder, place } = folderWith("a.py", "b.py", "deep/er/c.py");
  const [a, c] = [identityAt(place("a.py")), identityAt(place("deep/er/c.py"))];
  renameSync(place("a.py"), place("deep/er/a.py"));
  renameSync(place("deep"), place("far"));
  writeFileSync(place("far/er/a.py"), "other");
  expect(await find(folder, a, c)).toEqual(["far/er/a.py", "far/er/c.py"]);
});

it("a new file in the inode of a deleted one is another file", async () => {
  const { folder, place } = folderWith("a.py");
  const a = identityAt(place("a.py"));
  const born = (path: string) => lstatSync(place(path), { bigint: true }).birthtimeNs;
  // A file system's clock has steps of some milliseconds.
  await vi.waitFor(() => {
    rmSync(place("later.py"), { force: true });
    writeFileSync(place("later.py"), "");
    expect(born("later.py")).not.toBe(born("a.py"));
  });
  rmSync(place("a.py"));
  writeFileSync(place("b.py"), "new");
  expect(await find(folder, a)).toEqual([""]);
});

it("links, .git and node_modules are not looked into", async () => {
  const outside = folderWith("secret.py");
  const { folder, place } = folderWith(".git/a.py", "node_modules/b.py", "c.py");
  symlinkSync(outside.folder, place("link"));
  const all = [".git/a.py", "node_modules/b.py"].map((path) => identityAt(place(path)));
  const secret = identityAt(outside.place("secret.py"));
  expect(await find(folder, ...all, secret, identityAt(place("c.py")))).toEqual(["", "", "", "c.py"]);
});
