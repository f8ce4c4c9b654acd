import type { Actor, FileChange } from "@waiide/protocol";
import type { WorkspaceParts } from "./parts.ts";
import { ListedPaths, Rights } from "./rules/rights.ts";
import type { SelectionTracker } from "./selection/selection.ts";

export interface GuestOptions {
  readonly share: string;
  readonly session: string;
  /** Called for every operation and every reported change: level, scope and state can change at any time. */
  readonly actor: () => Actor;
  /** Needed by selection scopes: one for all guests of a share. */
  readonly selection?: SelectionTracker;
  /** Called with changes of watched files and folders. */
  readonly onChanges: (changes: FileChange[]) => void;
  /** Called with each write, for the audit. */
  readonly onWrite: (write: GuestWrite) => void;
}

/** Something that a guest has done. Paths relative to the root, versions of whole files. */
export interface GuestWrite {
  readonly path: string;
  /** Bytes of the file; 0 where no content was written. */
  readonly size: number;
  readonly kind: "write" | "create" | "rename" | "delete";
  readonly to?: string;
  /** null: there was no file. */
  readonly before?: string | null;
  readonly after?: string | null;
  /** What the file held; null: there was none; undefined: unknown, or too large to be held. */
  readonly original?: Buffer | null | undefined;
  /** What it holds now; null: there is none any more; undefined: no content was written. */
  readonly content?: Buffer | null;
}

/** One guest's page, as everything that serves it sees it. */
export class Guest {
  readonly options: GuestOptions;
  readonly #parts: Pick<WorkspaceParts, "rules" | "outside">;
  readonly #listed = new ListedPaths();

  constructor(options: GuestOptions, parts: Pick<WorkspaceParts, "rules" | "outside">) {
    this.options = options;
    this.#parts = parts;
  }

  /** What the guest may do now. */
  readonly rights = (): Rights =>
    new Rights(this.options.actor(), this.#parts.rules, this.#parts.outside, this.#listed);
}
