import { join } from "node:path";
import type { Logger } from "../../base/log.ts";
import type { ShareLimits } from "../../config/settings/share-limits.ts";
import type { Git } from "../../git/git.ts";
import { fileLimitsOf } from "../../workspace/limits.ts";
import type { WorkspacesOptions } from "../guests/workspaces.ts";
import { CommitMaker } from "./commit-maker.ts";
import { Commits } from "./commits.ts";

export interface OpenCommitsOptions {
  readonly policy: Pick<WorkspacesOptions, "hidden"> & {
    readonly limits: ShareLimits;
    /** Folders that may be shared, with what lies in them. */
    readonly roots: readonly string[];
  };
  readonly gatewayFolder: string;
  readonly git: Git;
  /** Absolute paths that are never shared. */
  readonly outside: readonly string[];
  readonly logger: Logger;
}

/** The shared commits, within what an administrator permits. */
export function openCommits({ policy, gatewayFolder, git, outside, logger }: OpenCommitsOptions): Commits {
  const { limits, hidden, roots } = policy;
  const maker = new CommitMaker({
    git,
    places: { roots, outside },
    hidden,
    limits: { entries: limits.commit_files, size: limits.commit_size, file: limits.commit_file },
    space: fileLimitsOf(limits),
  });
  return new Commits({ folder: join(gatewayFolder, "git"), maxTotal: limits.commit_total, git, maker, logger });
}
