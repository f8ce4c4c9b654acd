import { BoundedTable } from "../../base/bounded-table.ts";
import { foldedSegments } from "./name-list.ts";

/** The kind of a folder, by its contents and its place. */
export interface PlaceKind {
  /** A git directory: guests do not see it. */
  readonly isHidden: boolean;
  /** A home folder: guests do not see the dot-names at its top. */
  readonly isHome: boolean;
  /** Why guests do not write in it; as `NameGroup.why`. */
  readonly protection: string | undefined;
}

/** What git's files name: hidden are its own folders, protected is what it would run. Paths relative to the root. */
export interface NamedPlaces {
  readonly hidden: readonly string[];
  readonly protected: readonly string[];
}

/** Places that went are recognized again on the way to them. */
const maxPlaces = 20_000;

function foldedPath(path: string): string {
  return foldedSegments(path).join("/");
}

/** Why, where the configuration of a repository names it. */
const namedWhy = "git is configured to run it";

/**
 * The kinds of a root's folders, as far as they were visited. Every walk to a place checks its folders (`FolderKinds`)
 * before it reads this. A deleted folder keeps its kind, so that its end reveals nothing either.
 */
export class KnownPlaces {
  readonly #kinds = new BoundedTable<string, PlaceKind>(maxPlaces);
  /** By the working tree whose git files name them. */
  readonly #named = new Map<string, NamedPlaces>();
  /** Folded, as some file systems do; the kinds of folders are found out for each spelling. */
  #hiddenNames = new Set<string>();
  #protectedNames = new Set<string>();

  /** Grows with each change: answers of an earlier revision are out of date. */
  revision = 0;

  set(path: string, kind: PlaceKind): void {
    const before = this.#kinds.get(path);
    // A home by its path stays one.
    const isHome = kind.isHome || before?.isHome === true;
    const isSame =
      kind.isHidden === (before?.isHidden ?? false) &&
      isHome === (before?.isHome ?? false) &&
      kind.protection === before?.protection;
    if (isSame) return;
    this.revision += 1;
    this.#kinds.delete(path);
    if (kind.isHidden || isHome || kind.protection !== undefined) this.#kinds.set(path, { ...kind, isHome });
  }

  setNamed(tree: string, places: NamedPlaces): void {
    this.revision += 1;
    this.#named.set(tree, places);
    const all = [...this.#named.values()];
    this.#hiddenNames = new Set(all.flatMap(({ hidden }) => hidden.map(foldedPath)));
    this.#protectedNames = new Set(all.flatMap((one) => one.protected.map(foldedPath)));
  }

  isHidden(path: string): boolean {
    return (
      (this.#hiddenNames.size > 0 && this.#hiddenNames.has(foldedPath(path))) ||
      this.#kinds.get(path)?.isHidden === true
    );
  }

  isHome(path: string): boolean {
    return this.#kinds.get(path)?.isHome === true;
  }

  whyProtected(path: string): string | undefined {
    const isNamed = this.#protectedNames.size > 0 && this.#protectedNames.has(foldedPath(path));
    return isNamed ? namedWhy : this.#kinds.get(path)?.protection;
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0 && this.#hiddenNames.size === 0 && this.#protectedNames.size === 0;
  }

  *hidden(): Iterable<string> {
    for (const { hidden } of this.#named.values()) yield* hidden;
    for (const [path, { isHidden }] of this.#kinds) if (isHidden) yield path;
  }

  *homes(): Iterable<string> {
    for (const [path, { isHome }] of this.#kinds) if (isHome) yield path;
  }
}
