import type { BigIntStats } from "node:fs";
import type { EntryKind } from "@waiide/protocol";
import { unlessMissing } from "../../system/missing-file.ts";
import { joined, type Rights } from "../rules/rights.ts";
import { signatureOf } from "../tree/entry.ts";
import type { Folder } from "../tree/folder.ts";
import type { Tree } from "../tree/tree.ts";

/** Entries that are checked one by one; in larger folders only the names are compared. */
const maxChecked = 2_000;

/** An entry of a watched folder, as it was seen last. */
interface EntryState {
  readonly kind: EntryKind;
  /** Where it is, after links. */
  readonly target: string;
  /** Unknown until the entry itself was checked. */
  readonly signature: string | undefined;
}

/** What happened to an entry of a folder. */
export interface StateChange {
  readonly name: string;
  readonly kind: "created" | "changed" | "deleted";
  readonly entry: EntryKind;
  /** Relative to the root, after links. */
  readonly target: string;
}

/** The contents of a folder that anyone may see, and how they differ from before. */
export class FolderState {
  readonly #path: string;
  readonly #tree: Tree;
  readonly #rights: Rights;
  readonly #entries = new Map<string, EntryState>();

  constructor({ path, tree, rights }: { path: string; tree: Tree; rights: Rights }) {
    this.#path = path;
    this.#tree = tree;
    this.#rights = rights;
  }

  /** @param closely whether the next check must detect changes of content by itself */
  async begin(folder: Folder, closely: boolean): Promise<void> {
    const names = await folder.entries();
    const isLarge = names.length > maxChecked;
    for (const { name, kind } of names) {
      if (kind === "other" && isLarge) continue;
      const quick = kind !== "other" && (isLarge || (kind === "file" && !closely));
      const state = quick
        ? { kind, target: joined(this.#path, name), signature: undefined }
        : await this.#stateOf(folder, name);
      if (state !== undefined) this.#entries.set(name, state);
    }
  }

  /** Checks these entries. */
  async look(folder: Folder, names: readonly string[]): Promise<StateChange[]> {
    if (names.length === 0) return this.lookAtAll(folder);
    const changes: StateChange[] = [];
    for (const name of names) {
      const change = await this.#compare(folder, name);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  async lookAtAll(folder: Folder): Promise<StateChange[]> {
    const names = new Set(await folder.names());
    const isLarge = names.size > maxChecked;
    const all = [...new Set([...names, ...this.#entries.keys()])];
    const concerned = isLarge ? all.filter((name) => names.has(name) !== this.#entries.has(name)) : all;
    return concerned.length === 0 ? [] : this.look(folder, concerned);
  }

  /** The folder is gone. */
  lose(): StateChange[] {
    const changes = [...this.#entries].map(([name, { kind, target }]) => deleted(name, kind, target));
    this.#entries.clear();
    return changes;
  }

  async #compare(folder: Folder, name: string): Promise<StateChange | undefined> {
    const before = this.#entries.get(name);
    const now = name === "" || name.includes("/") ? undefined : await this.#stateOf(folder, name);
    if (now === undefined) {
      this.#entries.delete(name);
      return before && deleted(name, before.kind, before.target);
    }
    this.#entries.set(name, now);
    if (before?.signature === now.signature) return undefined;
    return { name, kind: before === undefined ? "created" : "changed", entry: now.kind, target: now.target };
  }

  /** Undefined for what is missing, or never visible to guests. */
  async #stateOf(folder: Folder, name: string): Promise<EntryState | undefined> {
    const path = joined(this.#path, name);
    const stats = await unlessMissing(folder.statEntry(name));
    if (stats === undefined) return undefined;
    // So that its visibility is known, also when it is gone.
    await this.#tree.lookAt(folder, name, path, stats);
    if (!stats.isSymbolicLink()) return stateFrom(stats, path);
    await using found = await this.#tree.look(path, this.#rights);
    return found && stateFrom(found.stats, found.path);
  }
}

function stateFrom(stats: BigIntStats, target: string): EntryState | undefined {
  if (stats.isFile()) return { kind: "file", target, signature: signatureOf(stats) };
  // A folder changes with each of its entries, which are not watched here.
  if (stats.isDirectory()) return { kind: "folder", target, signature: `${stats.dev}:${stats.ino}` };
  return undefined;
}

function deleted(name: string, entry: EntryKind, target: string): StateChange {
  return { name, kind: "deleted", entry, target };
}
