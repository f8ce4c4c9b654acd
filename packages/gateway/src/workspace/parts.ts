import type { FairQueue } from "../base/fair-queue.ts";
import type { Logger } from "../base/log.ts";
import type { Documents } from "./documents/documents.ts";
import type { History } from "./documents/history.ts";
import type { LiveTexts } from "./documents/live-texts.ts";
import type { FileWork } from "./file-work.ts";
import type { FileLimits } from "./limits.ts";
import type { SeenNotebooks } from "./notebooks/seen-notebooks.ts";
import type { FolderKinds } from "./rules/folder-kinds.ts";
import type { FileRules } from "./rules/rules.ts";
import type { Listing } from "./tree/listing.ts";
import type { Tree } from "./tree/tree.ts";
import type { Changes } from "./watch/changes.ts";

/** What all guests of a workspace use together. */
export interface WorkspaceParts {
  /** Absolute, without links. */
  readonly root: string;
  readonly tree: Tree;
  readonly kinds: FolderKinds;
  readonly rules: FileRules;
  /** Relative to the root. */
  readonly outside: readonly string[];
  readonly limits: FileLimits;
  readonly listing: Listing;
  readonly history: History;
  readonly documents: Documents;
  readonly notebooks: SeenNotebooks;
  readonly changes: Changes;
  readonly live: LiveTexts | undefined;
  readonly ripgrep: string | undefined;
  readonly work: FileWork;
  /** Searches of each share, by its id. */
  readonly searches: Map<string, FairQueue>;
  readonly logger: Logger;
}
