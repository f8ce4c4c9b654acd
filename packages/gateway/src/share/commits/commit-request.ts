import { type CreateShare, type HistorySurvey, levelOf, type SurveyRequest } from "@waiide/protocol";
import { type CheckedShare, checkRoot, invalid, type RequestCheckContext } from "../records/request.ts";
import { newId } from "../records/secrets.ts";
import type { Commits } from "./commits.ts";

/** What only files and apps can have. */
const ofFiles = ["app", "file", "opens", "show", "line", "col", "end_line", "end_col"] as const;

/**
 * Checks a request to share a commit, and makes what its guests will see. Whoever creates the share removes that if it fails.
 * @throws GatewayError SHARE_INVALID, SHARE_CONFIRM, COMMIT_UNAVAILABLE
 */
export async function checkCommitRequest(
  request: CreateShare & Required<Pick<CreateShare, "commit">>,
  context: RequestCheckContext,
  commits: Commits,
): Promise<CheckedShare> {
  if (request.with !== undefined && !context.hasHub) {
    throw invalid("with", "sharing with people by name needs JupyterHub");
  }
  if (levelOf(request.permission) !== "view") throw invalid("permission", "a commit is shared as View Only");
  const stray = ofFiles.find((field) => request[field] !== undefined);
  if (stray !== undefined) throw invalid(stray, "a commit is shared as a whole");
  const id = newId();
  const root = await checkRoot(request, context);
  const { root: repository, commit } = await commits.prepare(id, root, request.commit, request.confirm_survey);
  try {
    // The repository may begin above the folder that was named.
    await checkRoot({ ...request, root: repository }, context);
  } catch (error) {
    await commits.remove(id);
    throw error;
  }
  return {
    level: "view",
    root: repository,
    scope: { kind: "workspace" },
    selection: undefined,
    commit: { id, shown: commit },
  };
}

/** @throws GatewayError SHARE_INVALID, SHARE_CONFIRM, COMMIT_UNAVAILABLE */
export async function surveyCommit(
  { root, commit }: SurveyRequest,
  context: RequestCheckContext,
  commits: Commits,
): Promise<HistorySurvey> {
  // Nothing is shared yet, so that a whole home folder needs no confirmation.
  const folder = await checkRoot({ permission: "view", confirm: true, ...(root !== undefined && { root }) }, context);
  const { findings, ...rest } = await commits.survey(folder, commit);
  return { ...rest, findings: [...findings] };
}
