import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const environment = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Ana",
  GIT_AUTHOR_EMAIL: "ana@example.org",
  GIT_COMMITTER_NAME: "Ana",
  GIT_COMMITTER_EMAIL: "ana@example.org",
  GIT_AUTHOR_DATE: "1700000000 +0000",
  GIT_COMMITTER_DATE: "1700000000 +0000",
};

/** Runs the git of this machine as a person would. @returns what it wrote, without the last line break */
export function runGit(folder: string, args: readonly string[], input?: string | Buffer): string {
  return execFileSync("git", args, { cwd: folder, env: environment, input: input ?? "", maxBuffer: 2 ** 28 })
    .toString()
    .trimEnd();
}

/** A repository of the owner. */
export class TestRepository {
  readonly folder: string;

  constructor(folder: string, options: readonly string[] = []) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.git("init", "-q", "-b", "main", ...options);
  }

  git(...args: string[]): string {
    return runGit(this.folder, args);
  }

  write(files: Readonly<Record<string, string | Buffer>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), content);
    }
  }

  /** Everything in the folder. @returns the commit's id */
  commit(message: string, files: Readonly<Record<string, string | Buffer>> = {}): string {
    this.write(files);
    this.git("add", "-A", "-f");
    this.git("commit", "-q", "--allow-empty", "-m", message);
    return this.git("rev-parse", "HEAD");
  }
}
