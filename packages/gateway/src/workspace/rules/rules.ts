import type { NameGroup } from "../../config/names/name-groups.ts";
import { protectedGroups } from "../../config/names/protected-names.ts";
import { KnownPlaces, type PlaceKind } from "./known-places.ts";
import { fold, foldedSegments, NameList } from "./name-list.ts";

/** Temporary files while a guest saves. */
const temporaryName = /^\.waiide-[0-9a-f]+\.part$/;

export function temporaryFileName(random: string): string {
  return `.waiide-${random}.part`;
}

export interface FileRulesOptions {
  /** Names or globs; one with a slash means several segments in a row, at any depth. */
  readonly hidden: readonly string[];
  readonly protected: readonly string[];
  /** The share's root is a home folder: every dot-entry at its top is hidden, but for what the owner ticked. */
  readonly isHome: boolean;
  /** Absolute path of the share's root, without links: the lists apply to it and its parents, too. */
  readonly root?: string;
  /** Absolute paths of home folders, without links. */
  readonly homes?: readonly string[];
}

const homeKind = { isHidden: false, isHome: true, protection: undefined };

const homeWhy = "it holds the settings of the home folder's programs";

/**
 * The lists of RULES R10 and R11 for paths relative to the share's root: by names, and by the kinds of the folders on the
 * way (`FolderKinds`), which come before names.
 */
export class FileRules {
  /** The hidden patterns as they were given. */
  readonly hidden: readonly string[];
  readonly #hidden: NameList;
  readonly #protected: NameList;
  readonly places = new KnownPlaces();
  /** What the folders that hold the root are. */
  above: Pick<PlaceKind, "isHidden" | "protection"> = { isHidden: false, protection: undefined };
  /** Devices whose file systems keep no modes: executable bits mean nothing there. */
  readonly withoutModes = new Set<bigint>();
  /** The root's own segments, folded. */
  readonly #root: readonly string[];
  readonly #isRootHidden: boolean;
  readonly #rootProtection: string | undefined;
  /** Of the root, the name right below a home folder that it is, or lies in. */
  readonly #rootDotName: string | undefined;

  constructor(options: FileRulesOptions) {
    this.hidden = options.hidden;
    this.#hidden = new NameList(options.hidden);
    this.#protected = new NameList(options.protected);
    this.#root = foldedSegments(options.root ?? "");
    this.#isRootHidden = this.#hidden.match(this.#root) !== undefined;
    const pattern = this.#protected.match(this.#root);
    this.#rootProtection = pattern === undefined ? undefined : whyProtected(pattern);
    this.#rootDotName = dotNameIn(options.root ?? "", options.homes ?? []);
    if (options.isHome) this.places.set("", homeKind);
    for (const home of options.homes ?? []) this.#addHome(home, options.root);
  }

  /**
   * Whether a path, or a folder it lies in, is hidden.
   * @param shown names at the top of home folders that the owner ticked
   */
  isHidden(path: string, shown: readonly string[] = []): boolean {
    if (this.#isRootHidden || this.above.isHidden || this.isRootInHome(shown)) return true;
    const names = path === "" ? [] : path.split("/");
    if (names.some((name) => temporaryName.test(name))) return true;
    if (this.#isHiddenPlace(names, shown)) return true;
    return this.#hidden.match([...this.#root, ...names.map(fold)], this.#root.length) !== undefined;
  }

  /** Whether the root lies in a hidden folder at the top of a home folder. */
  isRootInHome(shown: readonly string[]): boolean {
    return this.#rootDotName !== undefined && !isShown(this.#rootDotName, shown);
  }

  /** The dot-name below a home folder that the root lies in. */
  get rootDotName(): string | undefined {
    return this.#rootDotName;
  }

  /** Whether a path, or a folder it lies in, is protected. */
  isProtected(path: string): boolean {
    return this.whyProtected(path) !== undefined;
  }

  /** Why a path is protected, as the end of a sentence. */
  whyProtected(path: string): string | undefined {
    const above = this.#rootProtection ?? this.above.protection;
    if (above !== undefined) return above;
    if (this.#rootDotName !== undefined) return homeWhy;
    const names = path === "" ? [] : path.split("/");
    const place = this.#protectedPlace(names);
    if (place !== undefined) return place;
    const pattern = this.#protected.match([...this.#root, ...names.map(fold)], this.#root.length);
    return pattern === undefined ? undefined : whyProtected(pattern);
  }

  #isHiddenPlace(names: readonly string[], shown: readonly string[]): boolean {
    const { places } = this;
    if (places.isEmpty) return false;
    return someFolder(names, (path, next) => {
      if (places.isHidden(path)) return true;
      return next !== undefined && isDotName(next) && places.isHome(path) && !isShown(next, shown);
    });
  }

  #protectedPlace(names: readonly string[]): string | undefined {
    const { places } = this;
    if (places.isEmpty) return undefined;
    let why: string | undefined;
    someFolder(names, (path, next) => {
      why = places.whyProtected(path);
      if (why === undefined && next !== undefined && isDotName(next) && places.isHome(path)) why = homeWhy;
      return why !== undefined;
    });
    return why;
  }

  #addHome(home: string, root: string | undefined): void {
    if (root === undefined) return;
    if (home === root) this.places.set("", homeKind);
    const beginning = root === "/" ? "/" : `${root}/`;
    if (home.startsWith(beginning) && home !== root) this.places.set(home.slice(beginning.length), homeKind);
  }
}

/** Asks about each folder of a path, the root first, and the path itself, with the name that follows. */
function someFolder(names: readonly string[], test: (path: string, next: string | undefined) => boolean): boolean {
  let path = "";
  for (let index = 0; index <= names.length; index += 1) {
    if (test(path, names[index])) return true;
    path = path === "" ? (names[index] ?? "") : `${path}/${names[index] ?? ""}`;
  }
  return false;
}

function isDotName(name: string): boolean {
  return fold(name).startsWith(".");
}

function isShown(name: string, shown: readonly string[]): boolean {
  return shown.some((other) => fold(other) === fold(name));
}

function dotNameIn(root: string, homes: readonly string[]): string | undefined {
  const names = homes
    .filter((home) => root.startsWith(home === "/" ? "/" : `${home}/`))
    .map((home) => root.slice(home === "/" ? 1 : home.length + 1).split("/")[0] ?? "");
  return names.find(isDotName);
}

const groupByName: ReadonlyMap<string, NameGroup> = new Map(
  protectedGroups.flatMap((group) => group.names.map((name) => [name, group] as const)),
);

/** An administrator's own names have no other reason. */
function whyProtected(pattern: string): string {
  return groupByName.get(pattern)?.why ?? "it is on this server's list of protected names";
}
