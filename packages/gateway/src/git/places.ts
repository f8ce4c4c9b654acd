import { realpath } from "node:fs/promises";
import { sep } from "node:path";
import { unlessMissing } from "../system/missing-file.ts";
import { GitError } from "./git-error.ts";

/** Where repositories may lie. */
export interface GitPlaces {
  /** Absolute paths of folders that may be shared, with what lies in them. */
  readonly roots: readonly string[];
  /** Absolute paths that are never shared. */
  readonly outside: readonly string[];
}

/** Checks that everything that git will read lies where files may be shared, links followed. */
export class PlaceCheck {
  readonly #roots: readonly string[];
  readonly #outside: readonly string[];

  private constructor(roots: readonly string[], outside: readonly string[]) {
    this.#roots = roots;
    this.#outside = outside;
  }

  static async of({ roots, outside }: GitPlaces): Promise<PlaceCheck> {
    return new PlaceCheck(await realPaths(roots), await realPaths(outside));
  }

  /**
   * @returns the path without links; undefined: there is nothing
   * @throws GitError refused, if it lies elsewhere
   */
  async real(path: string): Promise<string | undefined> {
    const real = await unlessMissing(realpath(path));
    if (real === undefined || this.#holds(real)) return real;
    throw new GitError("refused", "a part of the repository lies outside of the folders that may be shared");
  }

  #holds(path: string): boolean {
    return this.#roots.some((root) => isInside(path, root)) && !this.#outside.some((place) => isInside(path, place));
  }
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** Without links; missing folders are left out. */
async function realPaths(folders: readonly string[]): Promise<string[]> {
  const real = await Promise.all(folders.map((folder) => unlessMissing(realpath(folder))));
  return real.filter((path) => path !== undefined);
}
