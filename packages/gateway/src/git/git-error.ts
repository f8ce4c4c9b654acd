/**
 * Why something with a repository is not possible. `missing`: there is no git, or it is too old; `refused`: the repository, or
 * what is in it, may not be shared; `unknown`: it does not hold what was named; `limit`: more than is permitted; `failed`:
 * git itself failed, and the gateway's log says why.
 */
export type GitTrouble = "missing" | "refused" | "unknown" | "limit" | "failed";

/** The message is for the owner, and the end of a sentence. It never holds what git wrote (RULES R25). */
export class GitError extends Error {
  readonly trouble: GitTrouble;

  constructor(trouble: GitTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "GitError";
    this.trouble = trouble;
  }
}
