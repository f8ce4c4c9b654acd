import { describe, expect, it, test } from "vitest";
import { defaultHidden, defaultProtected, FileRules, temporaryFileName } from "../../../src/workspace/rules.ts";

const rules = new FileRules({ hidden: defaultHidden, protected: defaultProtected, isHome: false });

describe("R10: hidden by default", () => {
  test.each([
    ".git",
    "a/.git/config",
    ".GIT/config",
    ".git.",
    ".git ",
    ".g\u200cit",
    ".ｇit",
    ".env",
    ".env.local",
    ".ENV",
    ".envrc",
    "certs/server.pem",
    "server.KEY",
    "a.p12",
    "a.pfx",
    "id_rsa",
    "deep/er/id_ed25519.pub",
    ".ssh/config",
    ".ſsh/config",
    ".gnupg",
    ".aws/credentials",
    ".azure",
    ".KUBE/config",
    ".docker/config.json",
    ".config/gcloud",
    "home/.config/gcloud/credentials.db",
    ".Config/GCloud/x",
    ".netrc",
    ".pgpass",
    ".pypirc",
    ".npmrc",
    ".git-credentials",
    ".gitconfig",
    ".kaggle/kaggle.json",
    ".huggingface/token",
    ".databrickscfg",
    ".Renviron",
    ".renviron",
    ".streamlit/secrets.toml",
    "app/.streamlit/secrets.toml",
    ".jupyter/x",
    ".ipython/profile_default/history.sqlite",
    ".bash_history",
    "python_history",
    temporaryFileName("0123456789abcdef01234567"),
  ])("%j", (path) => expect(rules.isHidden(path)).toBe(true));

  test.each([
    "",
    "README.md",
    "git",
    ".gitignore",
    ".github/workflows/ci.yml",
    "env",
    "environment.yml",
    ".config",
    ".config/other",
    "gcloud",
    ".streamlit/config.toml",
    "secrets.toml",
    "keys.txt",
    "pem",
    "history",
    "ideas.txt",
    "...",
  ])("not %j", (path) => expect(rules.isHidden(path)).toBe(false));
});

describe("R11: protected by default", () => {
  test.each([
    ".git/hooks/pre-commit",
    "a/.vscode/tasks.json",
    ".VSCODE/settings.json",
    ".devcontainer/devcontainer.json",
    ".envrc",
    ".husky/pre-push",
    ".idea/workspace.xml",
    "x.code-workspace",
    "X.Code-Workspace",
    ".pre-commit-config.yaml",
    ".venv/bin/activate",
    "web/node_modules/left-pad/index.js",
    ".local/bin/x",
    ".config/fish/config.fish",
    ".bin/x",
    "lib/evil.pth",
    "sitecustomize.py",
    "tests/conftest.py",
    "eslint.config.mjs",
    ".eslintrc.cjs",
    ".bashrc",
    ".bash_profile",
    ".zshrc",
    ".profile",
    ".vimrc",
    ".emacs.d/init.el",
    ".exrc",
    ".gitmodules",
    ".gitattributes",
    ".condarc",
    ".mise.toml",
    "mise.local.toml",
    "mise.toml",
    ".tool-versions",
    ".direnv/x",
  ])("%j", (path) => expect(rules.isProtected(path)).toBe(true));

  test.each(["", "main.py", "src/conftest.txt", "code-workspace", ".editorconfig", "venv.md", "bash.sh", ".gitignore"])(
    "not %j",
    (path) => expect(rules.isProtected(path)).toBe(false),
  );

  it("in a home folder every dot-entry at its top is", () => {
    const home = new FileRules({ hidden: [], protected: [], isHome: true });
    expect([".any", ".any/deep", "a/.any", "any"].map((path) => home.isProtected(path))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

it("settings may name globs and paths, with slashes in any place", () => {
  const own = new FileRules({ hidden: ["/secret/", "a/*/c", "**/deep/x?", "{p,q}.txt"], protected: [], isHome: false });
  const seen = ["secret", "x/secret/y", "a/b/c/d", "z/a/b/c", "a/c", "m/deep/x1", "p.txt", "r.txt", "Q.TXT"];
  expect(seen.filter((path) => own.isHidden(path))).toEqual([
    "secret",
    "x/secret/y",
    "a/b/c/d",
    "z/a/b/c",
    "m/deep/x1",
    "p.txt",
    "Q.TXT",
  ]);
});
