import type { NameGroup } from "../name-groups.ts";

export const hooks: NameGroup = {
  title: "Hooks",
  why: "git hooks run without asking",
  names: [
    ...[".husky", ".huskyrc*", ".githooks", "githooks", ".git-hooks", "git-hooks", ".hooks", ".yorkie", ".cargo-husky"],
    ...[
      "lefthook.{yml,yaml,toml,json,jsonc}",
      ".lefthook.{yml,yaml,toml,json,jsonc}",
      "lefthook-local.*",
      ".lefthook-local.*",
    ],
    ...[
      ".lefthook",
      ".lefthook-local",
      ".pre-commit-config.y{a,}ml",
      ".pre-commit-hooks.y{a,}ml",
      "prek.toml",
      ".overcommit.yml",
    ],
    ...[
      ".simple-git-hooks.*",
      "simple-git-hooks.*",
      ".lintstagedrc*",
      ".lint-staged*",
      "captainhook.json",
      "grumphp.y{a,}ml",
    ],
    ...["hk.pkl", "hk.toml", ".gitlint", ".commitlintrc*", ".rusty-hook.toml", ".czrc", ".cz.*", ".releaserc*", ".dvc"],
    ...["{applypatch-msg,pre-applypatch,post-applypatch,pre-commit,pre-merge-commit,prepare-commit-msg,commit-msg}"],
    ...["{post-commit,pre-rebase,post-checkout,post-merge,pre-push,pre-receive,post-receive,post-update}"],
    ...["{push-to-checkout,pre-auto-gc,post-rewrite,sendemail-validate,fsmonitor-watchman,post-index-change}"],
    ...["{reference-transaction,proc-receive}"],
  ],
};
