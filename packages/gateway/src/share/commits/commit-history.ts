import { GatewayError } from "../../base/errors.ts";
import type { Git } from "../../git/git.ts";
import { GitError } from "../../git/git-error.ts";
import { makeHistory } from "../../git/history.ts";
import type { OwnerRepository } from "../../git/owner-repository.ts";
import type { Quarantine } from "../../git/quarantine.ts";
import { keyOf, type Survey, survey } from "../../git/survey.ts";
import type { KeptHistory } from "./commit-folder.ts";

/** Objects of a history that is shared. */
const maxObjects = 500_000;

export interface HistoryRequest {
  readonly git: Git;
  readonly repository: OwnerRepository;
  readonly quarantine: Quarantine;
  readonly commit: string;
  readonly branch: string;
  readonly isHidden: (path: string) => boolean;
  /** Name and path of the new repository. */
  readonly name: string;
  readonly folder: string;
}

export function surveyOf({
  git,
  quarantine,
  commit,
  isHidden,
}: Omit<HistoryRequest, "name" | "folder" | "branch">): Promise<Survey> {
  const { folder, variables } = quarantine;
  return survey(git, { gitFolder: folder, variables }, commit, isHidden);
}

/**
 * Makes the repository with the history, if its owner has confirmed what was found in just this one (RULES R27).
 * @param confirmed the hash that the owner confirmed; of a branch that moved, what they confirmed before
 * @throws GatewayError SHARE_HISTORY_SECRETS; GitError
 */
export async function keepHistory(
  request: HistoryRequest,
  confirmed: { readonly hash: string | undefined } | { readonly before: KeptHistory },
): Promise<KeptHistory> {
  const found = await surveyOf(request);
  const accepted = found.findings.map(keyOf);
  if ("before" in confirmed) {
    const known = new Set(confirmed.before.accepted);
    if ((found.incomplete && !confirmed.before.incomplete) || accepted.some((key) => !known.has(key))) {
      throw new GitError("refused", "its history holds names or secrets that you have not confirmed");
    }
  } else if ((accepted.length > 0 || found.incomplete) && confirmed.hash !== found.hash) {
    throw new GatewayError("SHARE_HISTORY_SECRETS", { count: accepted.length });
  }
  await makeHistory({ ...request, maxObjects });
  const kept = "before" in confirmed ? [...new Set([...confirmed.before.accepted, ...accepted])] : accepted;
  return { repository: request.name, accepted: kept, incomplete: found.incomplete };
}
