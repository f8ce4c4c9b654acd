import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../../../src/base/errors.ts";
import { linkExtensions } from "../../../../src/ide/extensions/linked-extensions.ts";
import { inspectIdeServer } from "../../../../src/ide/install/ide-server.ts";
import { realIdeServer } from "../../../support/real-ide.ts";
import { zipOf } from "../../../support/zip.ts";

const warned: object[] = [];
const logger = { warn: (details: object) => warned.push(details) };

let root: string;
let owners: string;
let guests: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "waiide-linked-"));
  owners = join(root, "owner", "extensions");
  guests = join(root, "guest", "extensions");
  await mkdir(owners, { recursive: true });
  warned.length = 0;
});
afterEach(() => rm(root, { recursive: true, force: true }));

const manifestOf = (name: string, version: string) =>
  JSON.stringify({ name, publisher: "ada", version, engines: { vscode: "^1.60.0" }, main: "./main.js" });

/** As VS Code installs one. */
async function add(folder: string, name: string, version = "1.0.0", changes: Record<string, unknown> = {}) {
  const relativeLocation = `ada.${name}-${version}`;
  const path = join(folder, relativeLocation);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "package.json"), manifestOf(name, version));
  await writeFile(join(path, "main.js"), "");
  const location = { $mid: 1, path, scheme: "file" };
  const entry = { identifier: { id: `ada.${name}` }, version, location, relativeLocation, ...changes };
  await writeFile(join(folder, "extensions.json"), JSON.stringify([...(await listOf(folder)), entry]));
}

type Listed = { identifier: { id: string }; version: string; location: { path: string }; relativeLocation?: string };

async function listOf(folder: string): Promise<Listed[]> {
  const file = join(folder, "extensions.json");
  return existsSync(file) ? JSON.parse(await readFile(file, "utf8")) : [];
}

/** Every file, link and folder with its content and time of change. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode, mtimeMs } = await lstat(path);
    const content = entry.isFile()
      ? await readFile(path, "base64")
      : entry.isSymbolicLink()
        ? await readlink(path)
        : "";
    found[path] = `${mode} ${mtimeMs} ${content}`;
  }
  return found;
}

const idsOf = async (folder: string) => (await listOf(folder)).map(({ identifier }) => identifier.id).sort();

describe("R16 the owner's extensions in another server", () => {
  test("are linked, and listed as lying in its own folder", async () => {
    await add(owners, "engine", "1.0.0", { metadata: { pinned: true } });
    await linkExtensions(owners, guests, logger);
    const path = join(guests, "ada.engine-1.0.0");
    expect(await readlink(path)).toBe(join(owners, "ada.engine-1.0.0"));
    expect(await listOf(guests)).toEqual([
      {
        identifier: { id: "ada.engine" },
        version: "1.0.0",
        location: { $mid: 1, path, scheme: "file" },
        relativeLocation: "ada.engine-1.0.0",
        metadata: { pinned: true },
      },
    ]);
  });

  test("follow the owner's at the next start; what was installed there stays, and wins", async () => {
    await add(owners, "engine");
    await add(owners, "gone");
    await add(owners, "both");
    await linkExtensions(owners, guests, logger);
    await add(guests, "guest");
    await rm(join(guests, "ada.both-1.0.0"));
    await writeFile(
      join(guests, "extensions.json"),
      JSON.stringify((await listOf(guests)).filter(({ identifier }) => identifier.id !== "ada.both")),
    );
    await add(guests, "both", "2.0.0");
    await rm(join(owners, "ada.gone-1.0.0"), { recursive: true });
    await add(owners, "new");

    await linkExtensions(owners, guests, logger);
    expect(await idsOf(guests)).toEqual(["ada.both", "ada.engine", "ada.guest", "ada.new"]);
    expect((await readdir(guests)).sort()).toEqual([
      "ada.both-2.0.0",
      "ada.engine-1.0.0",
      "ada.guest-1.0.0",
      "ada.new-1.0.0",
      "extensions.json",
    ]);
  });

  test.each([
    ["no folder", async () => rm(owners, { recursive: true })],
    ["no list", async () => undefined],
    ["half a list", async () => writeFile(join(owners, "extensions.json"), '[{"identifier"')],
    ["another list", async () => writeFile(join(owners, "extensions.json"), '{"a":1}')],
    ["strange entries", async () => writeFile(join(owners, "extensions.json"), '[null,1,{},{"identifier":{"id":5}}]')],
    ["one that lies outside", async () => add(owners, "x", "1.0.0", { relativeLocation: "../../etc" })],
    ["one without a folder", async () => add(owners, "x", "1.0.0", { relativeLocation: "ada.nothing-1.0.0" })],
  ])("%s: none", async (_name, prepare) => {
    await prepare();
    await linkExtensions(owners, guests, logger);
    expect(await readdir(guests)).toEqual(["extensions.json"]);
    expect(await listOf(guests)).toEqual([]);
  });

  test.each(["", '[{"identifier"', '{"a":1}', "null"])("a damaged list is reported, and kept: %j", async (damaged) => {
    await mkdir(guests, { recursive: true });
    const [ofOwner, ofGuests] = [join(owners, "extensions.json"), join(guests, "extensions.json")];
    for (const file of [ofOwner, ofGuests]) await writeFile(file, damaged);
    await linkExtensions(owners, guests, logger);
    expect(await readFile(ofOwner, "utf8")).toBe(damaged);
    expect(await readFile(`${ofGuests}.damaged`, "utf8")).toBe(damaged);
    expect(await listOf(guests)).toEqual([]);
    expect(warned).toMatchObject([{ file: ofGuests, kept: `${ofGuests}.damaged` }, { file: ofOwner }]);
  });

  test("a link in place of the list is not written through", async () => {
    const file = join(root, "precious");
    await writeFile(file, "[]");
    await mkdir(guests, { recursive: true });
    await symlink(file, join(guests, "extensions.json"));
    await add(owners, "engine");
    await linkExtensions(owners, guests, logger);
    expect(await readFile(file, "utf8")).toBe("[]");
    expect(await idsOf(guests)).toEqual(["ada.engine"]);
  });

  test("a real server manages extensions there; the owner's folder is unchanged", async () => {
    const server = await inspectIdeServer(realIdeServer);
    if (server instanceof GatewayError) throw server;
    const { node, mainScript } = server;
    const run = async (...options: string[]) => {
      const data = ["--server-data-dir", join(root, "guest"), "--accept-server-license-terms"];
      return (await promisify(execFile)(node, [mainScript, ...data, ...options])).stdout;
    };
    const vsix = async (name: string, version: string) => {
      const file = join(root, `${name}.vsix`);
      const manifest = manifestOf(name, version);
      await writeFile(
        file,
        zipOf({ "extension/package.json": manifest, "extension/main.js": "", "extension.vsixmanifest": "" }),
      );
      return file;
    };
    for (const name of ["engine", "removed", "replaced"]) await add(owners, name);
    const before = await snapshot(owners);
    await linkExtensions(owners, guests, logger);

    expect((await run("--list-extensions", "--show-versions")).trim().split("\n").sort()).toEqual([
      "ada.engine@1.0.0",
      "ada.removed@1.0.0",
      "ada.replaced@1.0.0",
    ]);
    await run("--uninstall-extension", "ada.removed");
    await run("--install-extension", await vsix("replaced", "1.0.0"), "--force");
    await run("--install-extension", await vsix("engine", "2.0.0"), "--force");
    await run("--install-extension", await vsix("added", "1.0.0"));
    // It removes from the disk what was marked for removal when it starts the next time.
    expect((await run("--list-extensions", "--show-versions")).trim().split("\n").sort()).toEqual([
      "ada.added@1.0.0",
      "ada.engine@2.0.0",
      "ada.replaced@1.0.0",
    ]);
    expect(await snapshot(owners)).toEqual(before);
  });
});
