import { type CommitRequest, type GetKind, getKinds, type HistorySurvey, type SharedCommit } from "@waiide/protocol";
import type { Command } from "commander";
import { GatewayError } from "../../base/errors.ts";

export interface CommitFlags {
  readonly commit?: string;
  readonly branch?: string;
  readonly base?: string;
  readonly follow?: true;
  readonly get?: string;
  readonly propose?: true;
}

/** Gives “waiide share create” the flags for a commit or a branch. */
export function withCommitFlags(command: Command): Command {
  return command
    .option("--commit <ref>", "share a commit of the repository: an id, a tag, HEAD, HEAD~1")
    .option("--branch <name>", "share a branch of the repository")
    .option("--base <ref>", "show its changes against this commit (default: where it left the main branch)")
    .option("--follow", "guests see new commits of the branch as they come")
    .option("--get <what>", `what guests may take with them: ${getKinds.join(", ")} (default: snapshot)`)
    .option("--propose", "guests who are logged in at the hub may push changes, which you accept or decline");
}

/** @throws GatewayError USAGE */
export function commitOfFlags(flags: CommitFlags): { readonly commit?: CommitRequest } {
  const { commit, branch, base, follow, get, propose } = flags;
  if (commit !== undefined && branch !== undefined) throw usage("Name a commit or a branch, not both.");
  const ref = commit ?? (branch?.startsWith("refs/") ? branch : branch && `refs/heads/${branch}`);
  if (ref === undefined || ref === "") {
    if ([base, follow, get, propose].every((flag) => flag === undefined)) return {};
    throw usage("--base, --follow, --get and --propose need --commit or --branch.");
  }
  if (follow && branch === undefined) throw usage("--follow needs --branch.");
  return {
    commit: {
      ref,
      ...(base !== undefined && { base }),
      ...(follow && { follow }),
      ...(get !== undefined && { get: parseGet(get) }),
      ...(propose && { propose }),
    },
  };
}

/** What such a share is of. */
export function commitInWords({ name, branch, follow, state, reason }: SharedCommit): string {
  const what = `${branch === null ? "commit" : follow ? "followed branch" : "branch"} ${name}`;
  if (state === "gone") return `${what} (deleted; its last commit is shown)`;
  return state === "held" ? `${what} (its newest commit is not shown: ${reason})` : what;
}

/** What a survey found, line by line. */
export function surveyInWords({ findings, incomplete, commits }: HistorySurvey): string[] {
  const lines = findings.map(({ rule, path, commit }) => {
    const advice = rule === "hidden name" ? "" : "; change this secret where it is used";
    return `${printable(path)}, in ${commit.slice(0, 10)}: ${rule}${advice}`;
  });
  return [
    `${commits} commits were searched.`,
    ...lines,
    ...(incomplete ? ["Not everything could be searched in time."] : []),
  ];
}

/** Names in a repository may hold anything; the terminal gets none of its control characters. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "�");
}

function parseGet(text: string): GetKind {
  const found = getKinds.find((kind) => kind === text);
  if (found !== undefined) return found;
  throw usage(`--get must be one of ${getKinds.join(", ")}.`);
}

function usage(reason: string): GatewayError {
  return new GatewayError("USAGE", { reason });
}
