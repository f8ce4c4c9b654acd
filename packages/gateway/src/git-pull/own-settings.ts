import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "../system/missing-file.ts";
import type { UserGit } from "./user-git.ts";

/** What a repository's settings may say: data, nothing that names a program, a file or another address. */
const harmless =
  /^(core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|quotepath|compression|abbrev)|remote\..+\.(url|pushurl|fetch|tagopt|prune)|branch\..+\.(remote|merge|rebase|description|vscode-merge-base|github-pr-owner-number)|user\.(name|email)|pull\.(rebase|ff)|push\.(default|autosetupremote)|color\..+|lfs\.repositoryformatversion)$/;

/**
 * Why git must not run in a clone that is there already; undefined: it may. Its settings can come from anywhere, such as an
 * archive that was unpacked, and could run programs.
 */
export async function refusalOf(git: UserGit, clone: string): Promise<string | undefined> {
  const about = await unlessMissing(lstat(join(clone, ".git")));
  if (about === undefined) return "it is there already, and no clone of a repository";
  if (!about.isDirectory()) return "it is a part of another repository";
  for (const name of ["config", "HEAD", "index", "objects", "refs"]) {
    if ((await unlessMissing(lstat(join(clone, ".git", name))))?.isSymbolicLink()) return "its .git holds links";
  }
  const config = join(clone, ".git", "config");
  const args = ["config", "--file", config, "--no-includes", "--list", "--name-only", "-z"];
  const names = (await git.run({ folder: "/", args })).split("\0").filter(Boolean);
  const other = names.find((name) => !harmless.test(name));
  return (
    other && `its git settings could run programs or lead elsewhere (${other}); pull in a terminal if you trust it`
  );
}
