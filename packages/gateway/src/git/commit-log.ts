import type { CommitBlame, CommitLog } from "@waiide/protocol";
import type { Git } from "./git.ts";

/** Commits in one answer. */
const page = 100;
/** Milliseconds that finding out who wrote the lines of one file may take. */
const blameTimeout = 5_000;
const fields = "%H%n%aI%n%an%n%s";

/** The commits of a history, the newest first. @param path of a file, for those that changed it */
export async function commitLog(
  git: Git,
  gitFolder: string,
  commit: string,
  { path, from = 0 }: { readonly path?: string | undefined; readonly from?: number | undefined },
): Promise<CommitLog> {
  const args = ["log", "-z", "--no-show-signature", `--format=${fields}`, `--skip=${from}`, `--max-count=${page + 1}`];
  const place = path === undefined ? [] : [path];
  const output = await git.bytes(gitFolder, [...args, commit, "--", ...place]);
  const found = output
    .toString("utf8")
    .split("\0")
    .filter((one) => one !== "")
    .map(entryOf);
  return { commits: found.slice(0, page), next: found.length > page ? from + page : null };
}

function entryOf(text: string): CommitLog["commits"][number] {
  const [id = "", date = "", author = "", ...subject] = text.split("\n");
  return { id, date, author, subject: subject.join(" ") };
}

/** Which commits the lines of a file are from. @throws GitError if there is no such file, or it takes too long */
export async function commitBlame(git: Git, gitFolder: string, commit: string, path: string): Promise<CommitBlame> {
  const args = ["blame", "--porcelain", commit, "--", path];
  const output = String(await git.bytes(gitFolder, args, { timeout: blameTimeout, maxOutput: 8 * 1024 * 1024 }));
  const lines: string[] = [];
  const commits = new Map<string, CommitLog["commits"][number]>();
  for (const line of output.split("\n")) {
    const [, id] = /^([\da-f]{40,64}) \d+ \d+/.exec(line) ?? [];
    if (id !== undefined) {
      lines.push(id);
      if (!commits.has(id)) commits.set(id, { id, date: "", author: "", subject: "" });
      continue;
    }
    const known = commits.get(lines.at(-1) ?? "");
    const [, name, value = ""] = /^(author|author-time|summary) (.*)$/.exec(line) ?? [];
    if (known === undefined || name === undefined) continue;
    if (name === "author") commits.set(known.id, { ...known, author: value });
    if (name === "summary") commits.set(known.id, { ...known, subject: value });
    if (name === "author-time")
      commits.set(known.id, { ...known, date: new Date(Number(value) * 1_000).toISOString() });
  }
  return { lines, commits: [...commits.values()] };
}
