import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { missingExtensions } from "../../../src/ide/extensions.ts";
import { readVsixIdentity } from "../../../src/ide/vsix.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-extensions-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A zip of these files, as much of one as a reader needs (APPNOTE.TXT 4.3). */
function zipOf(files: Readonly<Record<string, string>>, method: 0 | 8 = 8, comment = ""): Buffer {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = method === 8 ? deflateRawSync(text) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    entries.push(local, Buffer.from(name), data);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...entries, ...directory, end, Buffer.from(comment)]);
}

async function vsix(content: Buffer): Promise<string> {
  const path = join(folder, "some.vsix");
  await writeFile(path, content);
  return path;
}

const manifest = JSON.stringify({ publisher: "Ada", name: "Engine", version: "1.2.3" });

describe("which extension a .vsix holds", () => {
  test.each([0, 8] as const)("compressed by method %i, behind other files, with a comment", async (method) => {
    const path = await vsix(zipOf({ "a.txt": "a", "extension/package.json": manifest }, method, "a comment"));
    expect(await readVsixIdentity(path)).toEqual({ id: "ada.engine", version: "1.2.3" });
  });

  test.each([
    ["not a zip", Buffer.from("nonsense"), "not a zip file"],
    ["empty", Buffer.alloc(0), "not a zip file"],
    ["without a manifest", zipOf({ "other.txt": "" }), "no extension/package.json in it"],
    ["with half a manifest", zipOf({ "extension/package.json": "{}" }), "names no publisher"],
  ])("%s: refused", async (_name, content, message) => {
    await expect(readVsixIdentity(await vsix(content))).rejects.toThrow(message);
  });
});

describe("what is still to be installed", () => {
  const names = async (wanted: readonly string[]) => (await missingExtensions(wanted, folder)).map(({ name }) => name);

  async function installed(text: string): Promise<void> {
    await mkdir(join(folder, "extensions"));
    await writeFile(join(folder, "extensions", "extensions.json"), text);
  }

  test("everything, in its order, where nothing is or the list is broken", async () => {
    expect(await names(["b.b", "a.a"])).toEqual(["b.b", "a.a"]);
    await installed('[{"identifier":');
    expect(await names(["b.b"])).toEqual(["b.b"]);
  });

  test("ids in any case; versions where they are named; .vsix files by what is in them", async () => {
    const path = await vsix(zipOf({ "extension/package.json": manifest }));
    await installed(JSON.stringify([{ identifier: { id: "Ada.engine" }, version: "1.2.3" }, null, { version: 1 }]));
    expect(await names(["ADA.Engine", "ada.engine@1.2.3", "ada.engine@2.0.0", path])).toEqual(["ada.engine@2.0.0"]);
  });

  test("a .vsix that cannot be read is reported, not tried", async () => {
    const [missing] = await missingExtensions([join(folder, "no.vsix")], folder);
    expect(missing?.problem).toMatch(/ENOENT/);
  });
});
