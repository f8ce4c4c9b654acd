import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listDamage, missingExtensions } from "../../../../src/ide/extensions/missing-extensions.ts";
import { readVsixIdentity } from "../../../../src/ide/extensions/vsix.ts";
import { zipOf } from "../../../support/zip.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-extensions-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

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

describe("extensions that are not installed", () => {
  const names = async (wanted: readonly string[]) => (await missingExtensions(wanted, folder)).map(({ name }) => name);

  async function installed(text: string): Promise<void> {
    await mkdir(join(folder, "extensions"));
    await writeFile(join(folder, "extensions", "extensions.json"), text);
  }

  test("everything, in its order, where nothing is, or an empty list", async () => {
    expect(await names(["b.b", "a.a"])).toEqual(["b.b", "a.a"]);
    await installed("\n");
    expect(await names(["b.b", "a.a"])).toEqual(["b.b", "a.a"]);
    expect(await listDamage(folder)).toBeUndefined();
  });

  test.each(['[{"identifier":', '{"a": 1}', "null"])("nothing, and why, where the list is %j", async (text) => {
    await installed(text);
    const damage = await listDamage(folder);
    expect(damage).toContain(join(folder, "extensions", "extensions.json"));
    expect(damage).toContain("is damaged");
    expect(await missingExtensions(["b.b"], folder)).toEqual([{ name: "b.b", problem: damage }]);
    expect(await readFile(join(folder, "extensions", "extensions.json"), "utf8")).toBe(text);
  });

  test("ids in any case, versions if named, .vsix files by their content", async () => {
    const path = await vsix(zipOf({ "extension/package.json": manifest }));
    await installed(JSON.stringify([{ identifier: { id: "Ada.engine" }, version: "1.2.3" }, null, { version: 1 }]));
    expect(await names(["ADA.Engine", "ada.engine@1.2.3", "ada.engine@2.0.0", path])).toEqual(["ada.engine@2.0.0"]);
  });

  test("a .vsix that cannot be read is reported, not tried", async () => {
    const [missing] = await missingExtensions([join(folder, "no.vsix")], folder);
    expect(missing?.problem).toMatch(/ENOENT/);
  });
});
