import { join } from "node:path";
import type { Actor, ReadOnlyReason } from "@waiide/protocol";
import type { Content, Saved } from "./documents/content.ts";
import { fileErrorOf } from "./file-error.ts";
import type { WorkspaceParts } from "./parts.ts";
import { Rights } from "./rules/rights.ts";
import { fixedReason } from "./tree/entry.ts";
import { identityOf } from "./tree/file-identity.ts";
import type { Found } from "./tree/tree.ts";

/** What is on the disk. */
export interface FileState extends Content {
  readonly bytes: Buffer;
  /** Why nobody may write the file through the gateway, whatever their rights. */
  readonly readOnly: ReadOnlyReason | undefined;
}

/** Who a live text is saved for. */
export interface SavedFor {
  /** The last guest's whose changes are saved; undefined: there are only the owner's. */
  readonly session: string | undefined;
  /** Names at the top of home folders that their share shows. */
  readonly show: readonly string[];
}

/** One file, as the live text that stands before it reads, saves and watches it. Rights of single guests are asked elsewhere. */
export class WorkspaceFile {
  /** Relative to the root, after links. */
  readonly path: string;
  readonly #parts: WorkspaceParts;

  constructor(parts: WorkspaceParts, path: string) {
    this.#parts = parts;
    this.path = path;
  }

  get root(): string {
    return this.#parts.root;
  }

  /** Absolute, after links: one file has one of these, whatever is shared. */
  get place(): string {
    return join(this.root, this.path);
  }

  /** @returns undefined where it is gone, or a link or folder by now */
  async look(): Promise<{ readonly identity: string | undefined } | undefined> {
    await using found = await this.#parts.tree.look(this.path, this.#owner());
    if (found?.kind !== "file" || found.path !== this.path) return undefined;
    return { identity: identityOf(found.stats) };
  }

  /**
   * @returns undefined where it is gone, or a link or folder by now
   * @throws FileError TOO_LARGE
   */
  async read(): Promise<FileState | undefined> {
    const { tree, documents, limits } = this.#parts;
    const rights = this.#owner();
    await using found = await tree.look(this.path, rights);
    if (found?.kind !== "file" || found.path !== this.path) return undefined;
    try {
      const content = await documents.at(this.path).read(found, limits.read);
      return { ...content, readOnly: fixedReason(found.stats, this.#anyGuest([])) };
    } catch (error) {
      const failure = fileErrorOf(error);
      if (failure.code === "NOT_FOUND") return undefined;
      throw failure;
    }
  }

  /**
   * Guests' text is written under what every guest may do, since whoever typed it may have left by now.
   * @param change gives the new content; what it throws ends the save
   * @throws FileError as saves do
   */
  async save({ session, show }: SavedFor, change: (current: Content) => Buffer): Promise<Saved> {
    const { tree, documents, changes } = this.#parts;
    const rights = () => (session === undefined ? this.#owner() : this.#anyGuest(show));
    const find = (): Promise<Found> => tree.find(this.path, rights(), "write");
    const document = documents.at(this.path);
    try {
      return await document.save({ session, find, named: this.path, begun: undefined, change, isLive: true });
    } finally {
      changes.wrote(this.path);
    }
  }

  /**
   * Reports that the file may have changed, been deleted, or made anew.
   * @returns ends it
   * @throws FileError BUSY where too many folders are watched
   */
  watch(report: () => void): Promise<() => void> {
    const slash = this.path.lastIndexOf("/");
    const name = this.path.slice(slash + 1);
    return this.#parts.changes.watch(this.path.slice(0, Math.max(slash, 0)), async (changes) => {
      if (changes.some((change) => change.name === name)) report();
    });
  }

  /** Both changes of one base, by lines, in a thread of its own; where they overlap, mine. */
  keepMine(base: string, mine: string, theirs: string) {
    return this.#parts.work.merger.keepMine(this.place, base, mine, theirs);
  }

  #owner(): Rights {
    return new Rights({ kind: "owner" }, this.#parts.rules, this.#parts.outside);
  }

  #anyGuest(show: readonly string[]): Rights {
    const actor: Actor = { kind: "guest", level: "edit", scope: { kind: "workspace", show }, state: "live" };
    return new Rights(actor, this.#parts.rules, this.#parts.outside);
  }
}
