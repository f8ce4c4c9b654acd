import { lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { ownExtensionId } from "./own-extension.ts";

/** An entry of `extensions.json` as VS Code writes it (extensionsProfileScannerService.ts); the rest is passed on. */
interface Entry {
  readonly identifier: { readonly id: string };
  readonly location?: { readonly path?: string };
  readonly relativeLocation?: string;
}

/**
 * Gives another IDE server the extensions that are in `from`, all but the gateway's own, by links, and a list of its own: what is installed, updated
 * or removed there changes nothing in `from`. Called again, it takes over what changed in `from` and keeps what was
 * installed in `to`. A list that cannot be read is logged; that of `to` is kept beside the new one.
 * @param from extensions folder of one server; need not be there
 * @param to extensions folder of the other, which must not run
 */
export async function linkExtensions(from: string, to: string, logger: Pick<Logger, "warn">): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  await removeLinks(to);
  const own = await asyncFilter(await readEntries(to, (reason) => putAside(to, reason, logger)), (entry) =>
    isFolder(join(to, folderNameOf(entry) ?? "")),
  );
  const ownIds = new Set(own.map(idOf));
  const linked: Entry[] = [];
  const listed = await readEntries(from, (reason) => {
    logger.warn({ file: listOf(from), reason }, "guests get no extensions: the list of the owner's is damaged");
  });
  for (const entry of listed) {
    const name = folderNameOf(entry);
    if (name === undefined || ownIds.has(idOf(entry)) || idOf(entry) === ownExtensionId) continue;
    const target = entry.relativeLocation === undefined ? (entry.location?.path ?? "") : join(from, name);
    const path = join(to, name);
    if (!(await isFolder(target)) || (await isThere(path))) continue;
    await symlink(target, path);
    const location = { $mid: 1, path, scheme: "file" };
    linked.push({ ...entry, location, relativeLocation: name });
  }
  await writeFile(listOf(to), JSON.stringify([...own, ...linked]), { mode: 0o600 });
}

async function removeLinks(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(folder, entry.name));
  }
}

function idOf(entry: Entry): string {
  return entry.identifier.id.toLowerCase();
}

/** The extension's folder, one step below that of all; undefined where it can be none. */
function folderNameOf({ relativeLocation, location }: Entry): string | undefined {
  const name = relativeLocation ?? basename(location?.path ?? "");
  return name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0") ? undefined : name;
}

function listOf(folder: string): string {
  return join(folder, "extensions.json");
}

/** What guests installed can still be found in it. */
async function putAside(folder: string, reason: string, logger: Pick<Logger, "warn">): Promise<void> {
  const file = listOf(folder);
  const kept = `${file}.damaged`;
  await rename(file, kept);
  logger.warn(
    { file, kept, reason },
    "the list of a share's extensions is damaged; a copy is kept, and a new list begins",
  );
}

async function readEntries(folder: string, tellDamage: (reason: string) => void | Promise<void>): Promise<Entry[]> {
  const text = await unlessMissing(readFile(listOf(folder), "utf8"));
  if (text === undefined) return [];
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) throw new TypeError("it is not a JSON array");
    return list.filter(isEntry);
  } catch (error) {
    await tellDamage(reasonOf(error));
    return [];
  }
}

function isEntry(value: unknown): value is Entry {
  const { identifier, location, relativeLocation } = (value ?? {}) as Record<string, Record<string, unknown>>;
  const isText = (part: unknown) => part === undefined || typeof part === "string";
  return typeof identifier?.id === "string" && isText(location?.path) && isText(relativeLocation);
}

async function asyncFilter<Item>(items: readonly Item[], test: (item: Item) => Promise<boolean>): Promise<Item[]> {
  const passed = await Promise.all(items.map(test));
  return items.filter((_item, index) => passed[index]);
}

async function isFolder(path: string): Promise<boolean> {
  return (await unlessMissing(stat(path)))?.isDirectory() ?? false;
}

async function isThere(path: string): Promise<boolean> {
  return (await unlessMissing(lstat(path))) !== undefined;
}
