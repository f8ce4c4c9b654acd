import { describe, expect, it, test } from "vitest";
import { defaultHidden } from "../../../../src/config/names/hidden-names.ts";
import { defaultProtected } from "../../../../src/config/names/protected-names.ts";
import { FileRules, temporaryFileName } from "../../../../src/workspace/rules/rules.ts";

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

  it("at the top of a home folder unchecked dot-entries are hidden and protected", () => {
    const home = new FileRules({ hidden: [], protected: [], isHome: true });
    expect([".any", ".any/deep", "a/.any", "any", ".Ticked/x"].map((path) => home.isHidden(path, [".ticked"]))).toEqual(
      [true, true, false, false, false],
    );
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

describe("R10: home folders and roots, by where they are", () => {
  const rulesFor = (root: string, homes: readonly string[]) =>
    new FileRules({ hidden: defaultHidden, protected: defaultProtected, isHome: false, root, homes });

  it("a home anywhere under the root is one", () => {
    for (const [root, prefix] of [
      ["/", "srv/people/alice/"],
      ["/srv", "people/alice/"],
      ["/srv/people", "alice/"],
      ["/srv/people/alice", ""],
    ] as const) {
      const rules = rulesFor(root, ["/srv/people/alice"]);
      const hidden = [".any", ".config/gtk/a", "work/.any", "work", "..data"].map((path) =>
        rules.isHidden(prefix + path),
      );
      expect(hidden, root).toEqual([true, true, false, false, true]);
      expect(rules.whyProtected(`${prefix}.any`), root).toMatch(/home folder/);
      expect(rules.isHidden("x/.any"), root).toBe(false);
    }
  });

  it("a root in a home's dot-name is hidden until that is ticked, and stays protected", () => {
    const rules = rulesFor("/home/alice/.tool/deep", ["/home/alice"]);
    expect([rules.isHidden("a.txt"), rules.isHidden("a.txt", [".tool"]), rules.isProtected("a.txt")]).toEqual([
      true,
      false,
      true,
    ]);
    expect(rulesFor("/home/alice/tool/.deep", ["/home/alice"]).isHidden("a.txt")).toBe(false);
  });

  it.each([
    ["/home/alice/.ssh", "config"],
    ["/home/alice/.config", "gcloud/x"],
    ["/home/alice/.config/gcloud", "x"],
    ["/srv/x/.git/hooks", "y"],
    ["/srv/x/.AWS/deep", "y"],
  ])("the lists apply to %s and everything above it", (root, path) => {
    expect(rulesFor(root, []).isHidden(path)).toBe(true);
  });

  it("a protected folder above the root protects everything in it", () => {
    const rules = rulesFor("/srv/x/node_modules/left-pad", []);
    expect([rules.isHidden("index.js"), rules.isProtected("index.js")]).toEqual([false, true]);
  });
});

describe("R11: protected, by why", () => {
  test.each([
    [".githooks/run", "git hooks run without asking"],
    ["tools/pre-commit", "git hooks run without asking"],
    ["lefthook.yml", "git hooks run without asking"],
    [".cursor/mcp.json", "assistants follow it and run what it names"],
    [".mcp.json", "assistants follow it and run what it names"],
    ["AGENTS.md", "assistants follow it and run what it names"],
    [".zed/settings.json", "editors run what it names when they open the folder"],
    [".theia/tasks.json", "editors run what it names when they open the folder"],
    [".pdbrc", "interpreters and debuggers run it when they start in its folder"],
    [".gdbinit", "interpreters and debuggers run it when they start in its folder"],
    [".irbrc", "interpreters and debuggers run it when they start in its folder"],
    [".RData", "interpreters and debuggers run it when they start in its folder"],
    [".latexmkrc", "interpreters and debuggers run it when they start in its folder"],
    [".pylintrc", "test runners, linters and formatters run it when the folder is opened or a file is saved"],
    ["vite.config.ts", "test runners, linters and formatters run it when the folder is opened or a file is saved"],
    ["prettier.config.cjs", "test runners, linters and formatters run it when the folder is opened or a file is saved"],
    ["karma.conf.js", "test runners, linters and formatters run it when the folder is opened or a file is saved"],
  ])("%s: %s", (path, why) => expect(rules.whyProtected(path)).toBe(why));

  test.each([
    ...[
      ".cargo/config.toml",
      "build.rs",
      "gradlew",
      ".mvn/jvm.config",
      "package.json",
      "d/Package.JSON",
      ".jj/x",
      ".sl/x",
    ],
    ...[
      "pyproject.toml",
      "CMakeLists.txt",
      ".github/workflows/ci.yml",
      "flake.nix",
      "x/.svn/wc.db",
      "app.mjs.config.mjs",
    ],
  ])("%s", (path) => expect(rules.isProtected(path)).toBe(true));

  test.each([
    ...["src/config.ts", "Makefile", "run.sh", "analysis.ipynb", "Dockerfile", "data/config.json", "requirements.txt"],
    ...["docs/index.md", "README.md", "package.txt", "environment.yml", "src/build.py", "notes/hooks.md", "LICENSE"],
  ])("what people run on purpose, or nobody runs, is not: %s", (path) => expect(rules.isProtected(path)).toBe(false));

  test.each([
    ...["training_history.csv", "src/auth.json", "tokens.json", "history.md", "secrets.toml", "keys.py", "env.yml"],
    ...["credentials.py", "config.json", "settings.py", "data/id.csv", ".github/CODEOWNERS", ".editorconfig"],
  ])("what only sounds like a secret is not hidden: %s", (path) => expect(rules.isHidden(path)).toBe(false));
});
