import { Command } from "commander";
import { expect, it } from "vitest";
import {
  type CommitFlags,
  commitInWords,
  commitOfFlags,
  surveyInWords,
  withCommitFlags,
} from "../../../src/cli/share-targets/commit-flags.ts";

function parsed(...args: string[]): CommitFlags {
  return withCommitFlags(new Command()).exitOverride().parse(args, { from: "user" }).opts();
}

it.each([
  [[], {}],
  [["--commit", "HEAD~1"], { commit: { ref: "HEAD~1" } }],
  [["--branch", "week3"], { commit: { ref: "refs/heads/week3" } }],
  [
    ["--branch", "refs/remotes/origin/main", "--base", "v1", "--follow", "--get", "none"],
    { commit: { ref: "refs/remotes/origin/main", base: "v1", follow: true, get: "none" } },
  ],
])("%j asks for %j", (args, request) => {
  expect(commitOfFlags(parsed(...args))).toEqual(request);
});

it.each([
  [["--commit", "HEAD", "--branch", "main"], "not both"],
  [["--follow"], "need --commit or --branch"],
  [["--commit", "HEAD", "--follow"], "--follow needs --branch"],
  [["--commit", "HEAD", "--get", "all"], "--get must be one of none, snapshot, history"],
])("%j is refused: %s", (args, reason) => {
  expect(() => commitOfFlags(parsed(...args))).toThrow(reason);
});

it("a list says what a share is of, and why a branch stands still", () => {
  const commit = { name: "main", branch: "refs/heads/main", follow: true, get: "none", id: "1", base: null } as const;
  expect(commitInWords({ ...commit, state: "current" })).toBe("followed branch main");
  expect(commitInWords({ ...commit, state: "held", reason: "it is too large" })).toContain("it is too large");
  expect(commitInWords({ ...commit, state: "gone" })).toContain("deleted");
  expect(commitInWords({ ...commit, branch: null, follow: false, state: "current" })).toBe("commit main");
});

it("R27: findings are listed with path, commit and rule, and without control characters", () => {
  const findings = [
    { rule: "hidden name", path: ".env", commit: "a".repeat(40) },
    { rule: "GitHub token", path: "a\u001b[31mb", commit: "b".repeat(40) },
  ];
  const lines = surveyInWords({ commit: "c", commits: 3, findings, incomplete: true, hash: "" });
  expect(lines).toEqual([
    "3 commits were searched.",
    ".env, in aaaaaaaaaa: hidden name",
    "a\ufffd[31mb, in bbbbbbbbbb: GitHub token; change this secret where it is used",
    "Not everything could be searched in time.",
  ]);
});
