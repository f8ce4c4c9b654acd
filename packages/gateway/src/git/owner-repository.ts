import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { unlessMissing } from "../system/missing-file.ts";
import { GitError } from "./git-error.ts";
import type { PlaceCheck } from "./places.ts";

/** Of files that name other places, and of git's configuration, of which only the format is read. Bytes. */
const maxPointer = 64 * 1024;
const maxConfiguration = 1024 * 1024;
/** As git does. */
const maxAlternates = 5;
/** Entries of `refs` that are looked at. */
const maxRefs = 200_000;

/** A repository of the owner. Nothing in it is ever given to git as a git directory (RULES R25). All paths are absolute, without links. */
export interface OwnerRepository {
  /** The folder of its files; of a bare repository, the repository. */
  readonly folder: string;
  /** What belongs to this working tree alone: its HEAD. */
  readonly gitFolder: string;
  /** What all working trees of the repository have in common. */
  readonly commonFolder: string;
  /** Folders of objects, its own first. */
  readonly objects: readonly string[];
  readonly format: "sha1" | "sha256";
}

/**
 * The repository that a folder lies in. Reads files only; every place that they name must be one that may be shared.
 * @param folder absolute, without links
 * @throws GitError
 */
export async function findRepository(folder: string, places: PlaceCheck): Promise<OwnerRepository> {
  for (let at = folder; ; at = dirname(at)) {
    const found = (await workingTree(at, places)) ?? (await bare(at));
    if (found !== undefined) return examined(at, found, places);
    if (at === dirname(at)) throw new GitError("refused", "the folder lies in no git repository");
  }
}

async function workingTree(folder: string, places: PlaceCheck): Promise<string | undefined> {
  const path = join(folder, ".git");
  const stats = await unlessMissing(stat(path));
  if (stats?.isDirectory()) return places.real(path);
  if (stats?.isFile() !== true) return undefined;
  // A further working tree, or a submodule.
  const [, named] = /^gitdir: (.+)$/m.exec((await small(path)) ?? "") ?? [];
  return named === undefined ? undefined : places.real(resolve(folder, named.trimEnd()));
}

async function bare(folder: string): Promise<string | undefined> {
  const isThere = await Promise.all(["HEAD", "objects", "refs"].map((name) => unlessMissing(stat(join(folder, name)))));
  return isThere.every((one) => one !== undefined) ? folder : undefined;
}

async function examined(folder: string, gitFolder: string, places: PlaceCheck): Promise<OwnerRepository> {
  await places.real(folder);
  const common = await small(join(gitFolder, "commondir"));
  const commonFolder =
    common === undefined ? gitFolder : await required(places.real(resolve(gitFolder, common.trimEnd())));
  const configuration = (await small(join(commonFolder, "config"), maxConfiguration)) ?? "";
  const hasTable = (await unlessMissing(lstat(join(commonFolder, "reftable")))) !== undefined;
  if (hasTable || /^\s*refstorage\s*=\s*reftable/im.test(configuration)) {
    throw new GitError("refused", "it keeps its branches in the “reftable” format, which WAIIDE does not read");
  }
  await Promise.all(["packed-refs", "shallow"].map((name) => places.real(join(commonFolder, name))));
  await places.real(join(gitFolder, "HEAD"));
  await requireRefsInside(await required(places.real(join(commonFolder, "refs"))), places);
  const objects = await objectFolders(join(commonFolder, "objects"), places, 0);
  const format = /^\s*objectformat\s*=\s*"?sha256/im.test(configuration) ? "sha256" : "sha1";
  return { folder, gitFolder, commonFolder, objects, format };
}

/** The folder of objects, and those that it names as further ones. */
async function objectFolders(path: string, places: PlaceCheck, depth: number): Promise<string[]> {
  const folder = await required(places.real(path));
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await places.real(join(folder, entry.name));
  }
  const packs = (await unlessMissing(readdir(join(folder, "pack"), { withFileTypes: true }))) ?? [];
  for (const entry of packs) if (entry.isSymbolicLink()) await places.real(join(folder, "pack", entry.name));
  const named = ((await small(join(folder, "info", "alternates"), maxConfiguration)) ?? "").split("\n");
  const others = named.filter((line) => line !== "" && !line.startsWith("#"));
  if (others.length > 0 && depth >= maxAlternates) throw new GitError("refused", "its objects lie in too many places");
  if (others.some((line) => line.startsWith('"')))
    throw new GitError("refused", "its objects lie in a folder of an odd name");
  const found: string[] = [folder];
  for (const other of others) {
    const further = await objectFolders(resolve(folder, other), places, depth + 1);
    found.push(...further.filter((one) => !found.includes(one)));
  }
  return found;
}

/** Git follows links among its refs. */
async function requireRefsInside(refs: string, places: PlaceCheck): Promise<void> {
  const entries = await readdir(refs, { withFileTypes: true, recursive: true });
  if (entries.length > maxRefs) throw new GitError("limit", "it has more branches and tags than WAIIDE handles");
  for (const entry of entries) if (entry.isSymbolicLink()) await places.real(join(entry.parentPath, entry.name));
}

async function required(finding: Promise<string | undefined>): Promise<string> {
  const path = await finding;
  if (path === undefined) throw new GitError("refused", "a part of the repository is missing");
  return path;
}

/** The text of a file, if it is a small file. */
async function small(path: string, max = maxPointer): Promise<string | undefined> {
  const stats = await unlessMissing(stat(path));
  if (stats?.isFile() !== true) return undefined;
  if (stats.size > max) throw new GitError("refused", "a part of the repository is larger than git makes it");
  return unlessMissing(readFile(path, "utf8"));
}
