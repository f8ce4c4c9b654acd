import type { BigIntStats } from "node:fs";
import type { Operation } from "@waiide/protocol";
import { unlessMissing } from "../../system/missing-file.ts";
import { FileError } from "../file-error.ts";
import { joined, type Rights } from "../rules/rights.ts";
import type { Folder } from "./folder.ts";
import type { EntryLocation, Tree } from "./tree.ts";

/** Larger trees are left to the owner. */
const maxEntries = 20_000;
const maxDepth = 100;

/**
 * Checks a folder before all of it is renamed or deleted: it must not contain what guests do not see or may not change. The
 * refusal is the same for each reason (RULES R10).
 */
export class SubtreeCheck {
  readonly #tree: Tree;
  readonly #rights: Rights;
  readonly #operation: Operation;
  readonly #signal: AbortSignal;
  #entries = 0;

  constructor(tree: Tree, rights: Rights, operation: Operation, signal: AbortSignal) {
    this.#tree = tree;
    this.#rights = rights;
    this.#operation = operation;
    this.#signal = signal;
  }

  /**
   * @param target the new place, if it is renamed
   * @throws FileError DENIED
   */
  async run({ folder, name, path }: EntryLocation, target?: string): Promise<void> {
    await using opened = await folder.openFolder(name);
    await this.#lookThrough(opened, path, target, 0);
  }

  async #lookThrough(folder: Folder, path: string, target: string | undefined, depth: number): Promise<void> {
    if (depth > maxDepth) throw refused();
    for (const name of await folder.names()) {
      this.#signal.throwIfAborted();
      this.#entries += 1;
      if (this.#entries > maxEntries) throw refused();
      const place = joined(path, name);
      const goal = target === undefined ? undefined : joined(target, name);
      if (!this.#rights.may(this.#operation, place)) throw refused();
      if (goal !== undefined && !this.#rights.may(this.#operation, goal)) throw refused();
      await this.#lookAt(folder, name, place, goal, depth);
    }
  }

  async #lookAt(folder: Folder, name: string, path: string, target: string | undefined, depth: number): Promise<void> {
    const stats = await unlessMissing(folder.statEntry(name));
    if (stats === undefined) return;
    if (stats.isFile()) return this.#lookAtFile(stats);
    if (stats.isDirectory()) {
      await this.#tree.lookAt(folder, name, path, stats);
      if (!this.#rights.may(this.#operation, path)) throw refused();
      await using inner = await folder.openFolder(name);
      await this.#lookThrough(inner, path, target, depth + 1);
      return;
    }
    await using seen = stats.isSymbolicLink() ? await this.#tree.look(path, this.#rights) : undefined;
    if (seen === undefined) throw refused();
    this.#lookAtFile(seen.stats);
  }

  /** A program that moves with its folder is renamed, too; deleting one gives its bits to nothing (RULES R11). */
  #lookAtFile(stats: BigIntStats): void {
    if (this.#operation === "rename" && this.#rights.isProgram(stats)) throw refused();
  }
}

function refused(): FileError {
  return new FileError("DENIED", "Guests cannot rename or delete this folder as a whole.");
}
