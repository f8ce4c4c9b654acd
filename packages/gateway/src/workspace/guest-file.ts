import type { Operation, ReadOnlyReason, Refusal } from "@waiide/protocol";
import type { Guest } from "./guest.ts";
import type { SelectionTracker } from "./selection/selection.ts";
import { readOnlyReasonOf } from "./tree/entry.ts";
import type { WorkspaceFile } from "./workspace-file.ts";

/** A file that a guest has open: what they may do with it, asked at any moment without waiting for the disk. */
export class GuestFile {
  readonly file: WorkspaceFile;
  /** As the guest names it: a link may have another name than the file. */
  readonly named: string;
  readonly #guest: Guest;

  constructor(file: WorkspaceFile, named: string, guest: Guest) {
    this.file = file;
    this.named = named;
    this.#guest = guest;
  }

  /** Where the guest may see a part of the file only. */
  get selection(): SelectionTracker | undefined {
    return this.#guest.rights().isSelection ? this.#guest.options.selection : undefined;
  }

  /** Names at the top of home folders that the share shows. */
  get show(): readonly string[] {
    const { actor } = this.#guest.rights();
    return actor.kind === "guest" ? (actor.scope.show ?? []) : [];
  }

  /** Why an operation is not permitted now; undefined: it is. */
  refusal(operation: Operation): Refusal | undefined {
    const rights = this.#guest.rights();
    return rights.refusal(operation, this.named) ?? rights.refusal(operation, this.file.path);
  }

  /** Why the guest's rights do not permit writing, for people; undefined: they do. */
  readOnly(): ReadOnlyReason | undefined {
    const refusal = this.refusal("write");
    return refusal && readOnlyReasonOf(refusal);
  }
}
