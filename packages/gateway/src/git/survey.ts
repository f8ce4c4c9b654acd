import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import type { Git, GitRun } from "./git.ts";
import { GitError } from "./git-error.ts";
import { secretRules } from "./secrets.ts";

/** Larger files hold data. Bytes. */
const maxSearched = 1_000_000;
/** Milliseconds. */
const surveyTimeout = 60_000;
/** Contents that git sends at once. */
const batch = 200;
const maxFindings = 1_000;
const maxList = 256 * 1024 * 1024;

/** Something in the history of a commit that its owner may not want to share. Never the secret itself. */
export interface Finding {
  /** `hidden name`, or what a secret looks like. */
  readonly rule: string;
  readonly path: string;
  /** Where it is: one of the commits. */
  readonly commit: string;
}

export interface Survey {
  readonly commit: string;
  readonly commits: number;
  readonly findings: readonly Finding[];
  /** Not everything was searched: too much of it, or too slow. */
  readonly incomplete: boolean;
  /** Of exactly this result. */
  readonly hash: string;
}

interface SeenFile {
  readonly path: string;
  readonly commit: string;
}

/**
 * Looks through all that a commit and its history hold.
 * @param run where git reads: the quarantine
 * @param isHidden what guests never see by its name
 * @throws GitError
 */
export async function survey(
  git: Git,
  run: Pick<GitRun, "gitFolder" | "variables">,
  commit: string,
  isHidden: (path: string) => boolean,
): Promise<Survey> {
  const deadline = performance.now() + surveyTimeout;
  const ids = String((await git.run({ ...run, args: ["rev-list", commit], maxOutput: maxList })).output);
  const { files, hidden } = await filesOf(git, run, ids, isHidden);
  const secrets = await secretsIn(git, run, files, deadline);
  const findings = [...new Map([...hidden, ...secrets.findings].map((one) => [keyOf(one), one])).values()];
  const incomplete = secrets.incomplete || findings.length > maxFindings;
  const shown = findings.slice(0, maxFindings).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const hash = createHash("sha256")
    .update(JSON.stringify([commit, shown.map(keyOf), incomplete]))
    .digest("hex");
  return { commit, commits: ids.split("\n").length - 1, findings: shown, incomplete, hash };
}

/** What one finding is about: the same file in another commit is the same. */
export function keyOf({ rule, path }: Finding): string {
  return JSON.stringify([path, rule]);
}

/** Every content that was ever there, with one of its places, and names that guests never see. */
async function filesOf(
  git: Git,
  run: Pick<GitRun, "gitFolder" | "variables">,
  ids: string,
  isHidden: (path: string) => boolean,
): Promise<{ readonly files: ReadonlyMap<string, SeenFile>; readonly hidden: readonly Finding[] }> {
  const args = ["diff-tree", "--stdin", "-r", "-m", "--root", "--no-renames", "--raw", "-z", "--no-abbrev"];
  const { output } = await git.run({ ...run, args, input: ids, maxOutput: maxList });
  const files = new Map<string, SeenFile>();
  const hidden = new Map<string, Finding>();
  let commit = "";
  let entry: string | undefined;
  for (const field of fieldsOf(output)) {
    if (entry !== undefined) {
      const [, mode = "", , id = ""] = entry.split(" ");
      entry = undefined;
      // Deleted, or a submodule.
      if (/^0+$/.test(id) || mode === "160000") continue;
      if (isHidden(field)) hidden.set(field, { rule: "hidden name", path: field, commit });
      else files.set(id, { path: field, commit });
    } else if (field.startsWith(":")) entry = field;
    else commit = field.trim();
  }
  return { files, hidden: [...hidden.values()] };
}

function* fieldsOf(output: Buffer): Iterable<string> {
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0, start);
    yield output.toString("utf8", start, end < 0 ? output.length : end);
    start = end < 0 ? output.length : end + 1;
  }
}

async function secretsIn(
  git: Git,
  run: Pick<GitRun, "gitFolder" | "variables">,
  files: ReadonlyMap<string, SeenFile>,
  deadline: number,
): Promise<{ readonly findings: readonly Finding[]; readonly incomplete: boolean }> {
  const findings: Finding[] = [];
  const ids = await searchable(git, run, [...files.keys()]);
  for (let at = 0; at < ids.length; at += batch) {
    if (performance.now() > deadline || findings.length > maxFindings) return { findings, incomplete: true };
    const some = ids.slice(at, at + batch);
    const input = `${some.join("\n")}\n`;
    const { output } = await git.run({ ...run, args: ["cat-file", "--batch"], input, maxOutput: maxList });
    for (const { id, content } of contentsOf(output)) {
      const seen = files.get(id);
      if (seen !== undefined) findings.push(...rulesIn(content).map((rule) => ({ rule, ...seen })));
      // Requests of others come in between.
      await breathe();
    }
  }
  return { findings, incomplete: false };
}

/** Those that are small enough. */
async function searchable(
  git: Git,
  run: Pick<GitRun, "gitFolder" | "variables">,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const args = ["cat-file", "--batch-check"];
  const { output } = await git.run({ ...run, args, input: `${ids.join("\n")}\n`, maxOutput: maxList });
  const lines = String(output).trimEnd().split("\n");
  if (lines.some((line) => line.endsWith(" missing"))) {
    throw new GitError("unknown", "some of its files are not in the repository (a partial clone?)");
  }
  return lines.flatMap((line) => {
    const [id = "", type, size] = line.split(" ");
    return type === "blob" && Number(size) <= maxSearched ? [id] : [];
  });
}

function* contentsOf(output: Buffer): Iterable<{ readonly id: string; readonly content: string }> {
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    const [id = "", , size = "0"] = output.toString("latin1", at, end).split(" ");
    const content = output.subarray(end + 1, end + 1 + Number(size));
    yield { id, content: content.toString("latin1") };
    at = end + 1 + Number(size) + 1;
  }
}

function rulesIn(content: string): string[] {
  return secretRules.filter(({ pattern }) => pattern.test(content)).map(({ rule }) => rule);
}
