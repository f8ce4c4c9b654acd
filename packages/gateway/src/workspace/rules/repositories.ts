import { lstat, readdir, readFile, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { errorCodeOf } from "../../base/error-code.ts";
import { expandHome, homeFolder } from "../../system/home-folder.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { parseGitConfiguration, placesIn } from "./git-configuration.ts";
import type { KnownPlaces } from "./known-places.ts";

/** How long a result is valid for reads; a change reads anew. Milliseconds. */
const keptFor = 1_000;

/** Includes within includes; as in git. */
const maxDepth = 10;

/** Entries of the root that are checked for working trees. */
const maxFoldersBelow = 1_000;

/** Larger files are no configuration. Bytes. */
const maxFileSize = 4 * 1024 * 1024;

interface Read {
  readonly at: number;
  /** Of all files that it came from, whether they were there or not. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * The working trees below and around a root: all that their `.git` files, `commondir`, alternates and configuration name is
 * hidden or protected, anywhere in the root (RULES R10, R11).
 */
export class Repositories {
  readonly #root: string;
  readonly #places: KnownPlaces;
  readonly #read = new Map<string, Read>();
  /** Folders above the root that have a `.git`. Absolute. */
  #above: readonly string[] = [];

  /** @param root absolute, without links */
  constructor(root: string, places: KnownPlaces) {
    this.#root = root;
    this.#places = places;
  }

  async lookAbove(): Promise<void> {
    const above: string[] = [];
    for (let folder = this.#root; folder !== dirname(folder); ) {
      folder = dirname(folder);
      if ((await signatureOf(join(folder, ".git"))) !== "") above.push(folder);
    }
    this.#above = above;
    await this.refreshAbove(true);
    await this.#lookBelow();
  }

  /** Working trees right below the root name places beside themselves, which guests may come to first. */
  async #lookBelow(): Promise<void> {
    const names = await readdir(this.#root).catch(() => []);
    for (const name of names.slice(0, maxFoldersBelow)) {
      if ((await signatureOf(join(this.#root, name, ".git"))) !== "") await this.look(name, true);
    }
  }

  async refreshAbove(isToChange: boolean): Promise<void> {
    for (const folder of this.#above) await this.#refresh(folder, isToChange);
  }

  /** @param path of a working tree, relative to the root */
  look(path: string, isToChange: boolean): Promise<void> {
    return this.#refresh(join(this.#root, path), isToChange);
  }

  /** It has no `.git` (any more). */
  forget(path: string): void {
    const top = join(this.#root, path);
    if (this.#read.delete(top)) this.#places.setNamed(top, { hidden: [], protected: [] });
  }

  async #refresh(top: string, isToChange: boolean): Promise<void> {
    const before = this.#read.get(top);
    if (before !== undefined && !isToChange && Date.now() - before.at < keptFor) return;
    if (before !== undefined && (await isStill(before.sources))) {
      this.#read.set(top, { ...before, at: Date.now() });
      return;
    }
    const reading = new Reading(top);
    await reading.run();
    const hidden = await this.#inRoot(reading.hidden, top);
    const kept = await this.#inRoot(reading.protected, top);
    this.#places.setNamed(top, { hidden, protected: kept });
    this.#read.set(top, { at: Date.now(), sources: reading.sources });
  }

  /** Those below the root, relative to it; also where their links lead. The working tree itself is none of them. */
  async #inRoot(paths: ReadonlySet<string>, top: string): Promise<string[]> {
    const found = new Set<string>();
    for (const path of paths) {
      const real = await unlessMissing(realpath(path)).catch(() => undefined);
      for (const place of [path, real]) {
        if (place === undefined || isInside(top, place)) continue;
        const below = relative(this.#root, place);
        if (below !== "" && below !== ".." && !below.startsWith("../")) found.add(below);
      }
    }
    return [...found];
  }
}

/** The git files of one working tree. */
class Reading {
  readonly sources = new Map<string, string>();
  /** Absolute paths. */
  readonly hidden = new Set<string>();
  readonly protected = new Set<string>();
  readonly #top: string;

  constructor(top: string) {
    this.#top = top;
  }

  async run(): Promise<void> {
    const folder = await this.#gitFolder();
    const common = resolve(folder, (await this.#text(join(folder, "commondir")))?.trim() || ".");
    this.hidden.add(folder).add(common);
    const alternates = await this.#text(join(common, "objects/info/alternates"));
    for (const line of (alternates ?? "").split("\n")) {
      if (line !== "" && !line.startsWith("#")) this.hidden.add(resolve(common, "objects", line));
    }
    const own = [join(common, "config"), join(folder, "config.worktree")];
    for (const file of [...ownerFiles(), ...own]) await this.#readConfiguration(file, common, 0);
  }

  /** `.git`, or where it leads, as a file (gitrepository-layout(5)) or a link. */
  async #gitFolder(): Promise<string> {
    const place = join(this.#top, ".git");
    const text = await this.#text(place);
    const [, named] = /^gitdir: *(.+?)\r?\n*$/s.exec(text ?? "") ?? [];
    return named === undefined ? place : resolve(this.#top, named);
  }

  async #readConfiguration(file: string, common: string, depth: number): Promise<void> {
    if (depth > maxDepth || (depth > 0 && this.sources.has(file))) return;
    const text = await this.#text(file);
    for (const setting of parseGitConfiguration(text ?? "")) {
      // A file with git's logins, and the keys that it uses: hidden, not only protected.
      if (holdsSecrets.test(setting.name)) for (const place of placesIn(setting)) this.#hide(place);
      const isInclude = /^include(if\..*)?\.path$/.test(setting.name);
      if (isInclude) {
        const included = resolve(dirname(file), expandHome(setting.value));
        this.protected.add(included);
        // Whatever its condition: a path too many is only protected.
        await this.#readConfiguration(included, common, depth + 1);
        continue;
      }
      for (const place of placesIn(setting)) this.#add(place, common);
    }
  }

  #hide(place: string): void {
    this.hidden.add(resolve(this.#top, expandHome(place)));
  }

  /** Git runs hooks and filters at the top of the working tree; some paths are relative to its own folder. */
  #add(place: string, common: string): void {
    const path = expandHome(place);
    if (isAbsolute(path)) this.protected.add(resolve(path));
    else for (const folder of [this.#top, common]) this.protected.add(resolve(folder, path));
  }

  async #text(file: string): Promise<string | undefined> {
    if (!this.sources.has(file)) this.sources.set(file, await signatureOf(file));
    try {
      const { size } = await lstat(file);
      return size > maxFileSize ? undefined : await readFile(file, "utf8");
    } catch (error) {
      // Missing, a folder, or not ours to read: then git, which runs as the same user, reads nothing there either.
      if (errorCodeOf(error) === undefined) throw error;
      return undefined;
    }
  }
}

const holdsSecrets = /^(credential\..*helper|http\.(.*\.)?(cookiefile|sslkey))$/;

/** The owner's and the machine's own configuration (git-config(1), “Files”). */
function ownerFiles(): string[] {
  const { GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM, XDG_CONFIG_HOME } = process.env;
  const home = homeFolder();
  return [
    GIT_CONFIG_SYSTEM || "/etc/gitconfig",
    ...(GIT_CONFIG_GLOBAL
      ? [GIT_CONFIG_GLOBAL]
      : [join(XDG_CONFIG_HOME || join(home, ".config"), "git/config"), join(home, ".gitconfig")]),
  ];
}

/** Empty where there is nothing. */
async function signatureOf(file: string): Promise<string> {
  const stats = await unlessMissing(lstat(file, { bigint: true })).catch(() => undefined);
  return stats === undefined ? "" : [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(":");
}

async function isStill(sources: ReadonlyMap<string, string>): Promise<boolean> {
  for (const [file, signature] of sources) {
    if ((await signatureOf(file)) !== signature) return false;
  }
  return true;
}

/** Whether `path` lies in `place` or is it: what holds the whole working tree is not protected for being named. */
function isInside(path: string, place: string): boolean {
  return path === place || path.startsWith(place.endsWith("/") ? place : `${place}/`);
}
