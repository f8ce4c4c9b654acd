import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileWork } from "../../../src/workspace/file-work.ts";
import { findRipgrep } from "../../../src/workspace/search/find-ripgrep.ts";
import { makeFolder, openWorkspace, outcomeOf, pictureOf, plant, setUp, TestGuest } from "./harness.ts";

/** Real git, with nothing of this machine's configuration. */
function git(folder: string, ...args: string[]): string {
  const env = {
    PATH: process.env.PATH,
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example.org",
  };
  const always = ["-c", "safe.directory=*", "-c", "protocol.file.allow=always"];
  return execFileSync("git", ["-C", folder, ...always, ...args], { env, encoding: "utf8", stdio: "pipe" });
}

function commit(folder: string): void {
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "--allow-empty", "-m", "first");
}

/** Each way in which git keeps its directory elsewhere: the folders that are one, and a working tree that uses it. */
const layouts: Record<string, (root: string) => { hidden: string[]; worktree: string }> = {
  "a bare repository": (root) => {
    git(root, "init", "-q", "--bare", "store");
    return { hidden: ["store"], worktree: "store" };
  },
  "--separate-git-dir": (root) => {
    git(root, "init", "-q", "--separate-git-dir", join(root, "elsewhere"), "work");
    return { hidden: ["elsewhere"], worktree: "work" };
  },
  "worktrees of a bare repository": (root) => {
    git(root, "init", "-q", "seed");
    commit(join(root, "seed"));
    git(root, "clone", "-q", "--bare", "seed", "trunk");
    git(join(root, "trunk"), "worktree", "add", "-q", "../feature", "-b", "feature");
    return { hidden: ["trunk", "trunk/worktrees/feature", "seed/.git"], worktree: "feature" };
  },
  "a .git file that leads to the one beside it": (root) => {
    git(root, "init", "-q", "--bare", "plain");
    writeFileSync(join(root, ".git"), "gitdir: ./plain\n");
    git(join(root, "plain"), "config", "core.bare", "false");
    return { hidden: ["plain"], worktree: "" };
  },
  "a submodule": (root) => {
    git(root, "init", "-q", "lib");
    commit(join(root, "lib"));
    git(root, "init", "-q", "--separate-git-dir", join(root, "gits"), "app");
    git(join(root, "app"), "submodule", "add", "-q", "../lib", "lib");
    return { hidden: ["gits", "gits/modules/lib", "lib/.git"], worktree: "app/lib" };
  },
};

const every = [
  (path: string) => ["list", { path }] as const,
  (path: string) => ["stat", { path }] as const,
  (path: string) => ["read", { path: `${path}/config` }] as const,
  (path: string) => ["watch", { path }] as const,
  (path: string) => ["write", { path: `${path}/config`, base: "0", content: "x", encoding: "utf8" }] as const,
  (path: string) => ["write", { path: `${path}/hooks/x`, base: null, content: "x", encoding: "utf8" }] as const,
  (path: string) => ["create", { path: `${path}/new`, kind: "folder" }] as const,
  (path: string) => ["rename", { from: path, to: "mine" }] as const,
  (path: string) => ["rename", { from: "a.txt", to: `${path}/config2` }] as const,
  (path: string) => ["delete", { path, recursive: true }] as const,
  (path: string) => ["search", { pattern: "url", folder: path }] as const,
];

describe("R10, R11: a git directory is recognized by its content, not its name", () => {
  const ripgrep = findRipgrep(undefined, process.env);

  it.each(Object.keys(layouts))("%s", async (name) => {
    const { root, workspace, guest } = await setUp({ "a.txt": "a" }, { ripgrep: await ripgrep });
    const { hidden, worktree } = layouts[name]?.(root) ?? { hidden: [], worktree: "" };
    const tripwire = join(root, "..", "tripwire");
    for (const place of hidden.filter((one) => existsSync(join(root, one, "config")))) {
      writeFileSync(join(root, place, "config"), `${readFileSync(join(root, place, "config"), "utf8")}\n# url = s\n`);
    }
    const before = pictureOf(root);
    for (const level of ["view", "edit"] as const) {
      guest.actor = { kind: "guest", level, scope: { kind: "workspace" }, state: "live" };
      for (const place of hidden) {
        for (const ask of every) {
          const [method, params] = ask(place);
          const outcome = await guest.outcome(method, params as never);
          // Guests without the right to change get that refusal first, and learn nothing else.
          expect(["NOT_FOUND", ...(level === "view" ? ["DENIED"] : [])], `${method} ${place}`).toContain(outcome);
        }
        expect(await outcomeOf(guest.workspace.open(`${place}/config`))).toBe("NOT_FOUND");
        const parent = place.includes("/") ? place.slice(0, place.lastIndexOf("/")) : "";
        if (parent === "") expect(await guest.names("")).not.toContain(place);
      }
    }
    const { paths } = await guest.ask("find", { pattern: "config" });
    expect(paths.filter((path) => hidden.some((place) => path.startsWith(`${place}/`)))).toEqual([]);
    const { files } = await guest.ask("search", { pattern: "url = s" } as never);
    expect(files).toEqual([]);
    expect(pictureOf(root)).toEqual(before);
    expect(guest.writes).toEqual([]);
    // The owner's git works there as before, and nothing of the guest's ran.
    if (worktree !== "store") git(join(root, worktree), "status", "--porcelain");
    expect(existsSync(tripwire)).toBe(false);
    await workspace.close();
  });

  it("one that the owner creates meanwhile disappears, and returns when it is none", async () => {
    const { root, guest } = await setUp({ "later/readme.txt": "hello", "a.txt": "a" });
    expect(await guest.names("")).toEqual(["a.txt", "later"]);
    expect(await guest.read("later/readme.txt")).toBe("hello");
    git(join(root, "later"), "init", "-q", "--bare");
    expect(await guest.names("")).toEqual(["a.txt"]);
    expect(await guest.outcome("read", { path: "later/readme.txt" })).toBe("NOT_FOUND");
    expect(await guest.outcome("write", { path: "later/config", base: null, content: "x", encoding: "utf8" })).toBe(
      "NOT_FOUND",
    );
    rmSync(join(root, "later/HEAD"));
    rmSync(join(root, "later/refs"), { recursive: true });
    expect(await guest.read("later/readme.txt")).toBe("hello");
  });

  it("a watched folder tells nothing of one, its end included", async () => {
    const { root, guest } = await setUp({ "a.txt": "a" });
    await guest.ask("watch", { path: "" });
    git(root, "init", "-q", "--bare", "../outside-store");
    renameSync(join(root, "../outside-store"), join(root, "store"));
    writeFileSync(join(root, "told-1.txt"), "");
    await expect.poll(() => guest.changes.map(({ path }) => path), { timeout: 10_000 }).toContain("told-1.txt");
    rmSync(join(root, "store"), { recursive: true });
    writeFileSync(join(root, "told-2.txt"), "");
    await expect.poll(() => guest.changes.map(({ path }) => path), { timeout: 10_000 }).toContain("told-2.txt");
    expect(guest.changes.filter(({ path }) => path.startsWith("store"))).toEqual([]);
  });

  it("links to one, and into it, are hidden too", async () => {
    const { root, guest } = await setUp({ "a.txt": "a" });
    git(root, "init", "-q", "--bare", "store");
    symlinkSync("store", join(root, "alias"));
    symlinkSync("store/config", join(root, "settings.txt"));
    expect(await guest.names("")).toEqual(["a.txt"]);
    expect(await guest.outcome("read", { path: "settings.txt" })).toBe("NOT_FOUND");
    expect(await guest.outcome("list", { path: "alias" })).toBe("NOT_FOUND");
  });

  it("the targets of .git files and commondir are hidden before git fills them", async () => {
    const { guest } = await setUp({
      "work/.git": "gitdir: ../store/worktrees/work\n",
      "store/worktrees/work/commondir": "../../../common\n",
      "common/config": "s",
      "work/a.txt": "a",
    });
    expect(await guest.read("work/a.txt")).toBe("a");
    expect(await guest.outcome("read", { path: "common/config" })).toBe("NOT_FOUND");
    expect(await guest.outcome("create", { path: "common/objects", kind: "folder" })).toBe("NOT_FOUND");
    expect(await guest.outcome("list", { path: "store/worktrees/work" })).toBe("NOT_FOUND");
  });

  it("a root inside of one shows nothing; a working tree inside is not part of it", async () => {
    const folder = await makeFolder();
    git(folder, "init", "-q", "seed");
    commit(join(folder, "seed"));
    git(folder, "clone", "-q", "--bare", "seed", "store");
    git(join(folder, "store"), "worktree", "add", "-q", "main", "-b", "main2");
    mkdirSync(join(folder, "store/custom"));
    writeFileSync(join(folder, "store/custom/secret.txt"), "s");
    writeFileSync(join(folder, "store/main/a.txt"), "a");
    const inside = await openWorkspace(join(folder, "store/custom"));
    expect(await inside.whyHidden([])).toBe("hidden");
    expect(await new TestGuest(inside).outcome("read", { path: "secret.txt" })).toBe("NOT_FOUND");
    const worktree = await openWorkspace(join(folder, "store/main"));
    expect(await worktree.whyHidden([])).toBeUndefined();
    expect(await new TestGuest(worktree).read("a.txt")).toBe("a");
  });
});

describe("R11: no guest makes a git directory", () => {
  it("step by step, in any order, by making or moving; fsmonitor never runs", async () => {
    const parts = ["HEAD", "objects", "refs"] as const;
    for (const order of permutations(parts)) {
      const { root, guest } = await setUp({
        "x/config": "[core]\n\tfsmonitor = touch ../../tripwire\n\tbare = false\n\tworktree = .\n",
        "x/index.txt": "x",
        "parts/HEAD": "ref: refs/heads/main\n",
        "parts2/objects/keep.txt": "",
        "parts3/refs/keep.txt": "",
      });
      const sources = { HEAD: "parts/HEAD", objects: "parts2/objects", refs: "parts3/refs" };
      for (const part of order) await guest.outcome("rename", { from: sources[part], to: `x/${part}` });
      for (const part of order) {
        await guest.outcome("create", { path: `x/${part}`, kind: part === "HEAD" ? "file" : "folder" });
        await guest.outcome("write", {
          path: `x/${part}`,
          base: null,
          content: "ref: refs/heads/main\n",
          encoding: "utf8",
        });
      }
      await guest.outcome("rename", { from: "x", to: "y" });
      expect(parts.every((part) => existsSync(join(root, "x", part)))).toBe(false);
      for (const folder of ["x", "y"].filter((one) => existsSync(join(root, one)))) {
        expect(() => git(join(root, folder), "--git-dir=.", "status")).toThrow();
      }
      expect(existsSync(join(root, "..", "tripwire"))).toBe(false);
    }
  });

  it("guests of two shares, whose roots hold each other, race for it and lose", async () => {
    for (let round = 0; round < 25; round += 1) {
      const folder = await makeFolder();
      await plant(folder, { "p/x/refs/keep.txt": "", "p/x/config": "" });
      const work = new FileWork();
      const outer = new TestGuest(await openWorkspace(join(folder, "p"), { work }), { share: "one" });
      const inner = new TestGuest(await openWorkspace(join(folder, "p/x"), { work }), { share: "two" });
      const outcomes = await Promise.all([
        outer.outcome("create", { path: "x/HEAD", kind: "file" }),
        inner.outcome("create", { path: "objects", kind: "folder" }),
        outer.outcome("create", { path: "x/objects", kind: "folder" }),
        inner.outcome("create", { path: "HEAD", kind: "file" }),
      ]);
      const hasAll = existsSync(join(folder, "p/x/HEAD")) && existsSync(join(folder, "p/x/objects"));
      expect(hasAll, outcomes.join(" ")).toBe(false);
      expect(outcomes.filter((outcome) => outcome === "done").length).toBe(1);
    }
  });

  it("and guests cannot write in two of its three parts", async () => {
    const { root, guest } = await setUp({ "x/objects/keep": "", "x/refs/keep": "", "x/config": "old", "x/a": "a" });
    const before = pictureOf(root);
    expect(await guest.ask("read", { path: "x/config" })).toMatchObject({ writable: false, read_only: "protected" });
    expect(await guest.outcome("write", { path: "x/config", base: "0", content: "x", encoding: "utf8" })).toBe(
      "DENIED",
    );
    expect(await guest.outcome("create", { path: "x/hooks", kind: "folder" })).toBe("DENIED");
    expect(pictureOf(root)).toEqual(before);
  });
});

describe("R11: everything that git is configured to run is protected", () => {
  it.each([
    ["core.hooksPath", "tools/gates", "tools/gates/lint.txt"],
    ["core.hooksPath", "gates", "gates/pre-lint"],
    ["core.fsmonitor", "./scripts/watch.py", "scripts/watch.py"],
    ["filter.clean.clean", "python3 scripts/clean.py %f", "scripts/clean.py"],
    ["diff.table.textconv", "sh ./bin.d/show.sh", "bin.d/show.sh"],
    ["alias.x", "!perl tools/x.pl --fast", "tools/x.pl"],
    ["include.path", "../team/settings.ini", "team/settings.ini"],
  ])("%s = %s", async (key, value, path) => {
    const { root, guest } = await setUp({ "p/a.txt": "a", [`p/${path}`]: "owner's", "p/other/x.txt": "x" });
    git(join(root, "p"), "init", "-q");
    git(join(root, "p"), "config", key, value);
    const before = pictureOf(root);
    const place = `p/${path}`;
    const file = await guest.ask("read", { path: place });
    expect(file).toMatchObject({ writable: false, read_only: "protected", protected_because: expect.any(String) });
    const write = { path: place, base: file.version, content: "mine", encoding: "utf8" as const };
    const refusal = (await guest.ask("write", write).catch((error: unknown) => error)) as Error;
    expect(refusal).toMatchObject({ code: "DENIED", message: expect.stringContaining("git") });
    expect(await guest.outcome("delete", { path: place })).toBe("DENIED");
    expect(await guest.outcome("rename", { from: place, to: "p/elsewhere" })).toBe("DENIED");
    expect(await guest.outcome("rename", { from: place.slice(0, place.lastIndexOf("/")), to: "p/elsewhere" })).toBe(
      "DENIED",
    );
    expect(pictureOf(root)).toEqual(before);
    await guest.change("p/other/x.txt", "y");
  });

  it("also before it exists, in an included file, for a worktree, and once configured", async () => {
    const { root, guest } = await setUp({ "p/a.txt": "a" });
    git(join(root, "p"), "init", "-q");
    const create = { base: null, content: "mine", encoding: "utf8" as const };
    expect(await guest.outcome("write", { path: "p/tools/early.txt", ...create })).toBe("NOT_FOUND");
    await guest.ask("create", { path: "p/tools", kind: "folder" });
    await guest.ask("write", { path: "p/tools/early.txt", ...create });
    writeFileSync(join(root, "p/.git/extra"), '[core]\n\thooksPath = "tools" ; ours\n');
    git(join(root, "p"), "config", "include.path", "extra");
    expect(await guest.outcome("write", { path: "p/tools/late.txt", ...create })).toBe("DENIED");
    commit(join(root, "p"));
    git(join(root, "p"), "worktree", "add", "-q", "../q", "-b", "q");
    expect(await guest.outcome("write", { path: "q/tools/late.txt", ...create })).toMatch(/DENIED|NOT_FOUND/);
    expect(await guest.outcome("create", { path: "q/tools", kind: "folder" })).toBe("DENIED");
    expect(await guest.outcome("create", { path: "q/plain", kind: "folder" })).toBe("done");
    expect(existsSync(join(root, "q/tools/late.txt"))).toBe(false);
  });

  it("a login that git keeps in a file is hidden, under any name and spelling", async () => {
    const { root, guest } = await setUp({ "p/a.txt": "a", "p/logins.txt": "https://a:s3cret@host", "p/gates/x": "" });
    git(join(root, "p"), "init", "-q");
    git(join(root, "p"), "config", "credential.helper", "store --file=./logins.txt");
    git(join(root, "p"), "config", "core.hooksPath", "gates");
    expect(await guest.outcome("read", { path: "p/logins.txt" })).toBe("NOT_FOUND");
    expect(await guest.names("p")).toEqual(["a.txt", "gates"]);
    expect(await guest.outcome("create", { path: "p/Gates", kind: "folder" })).toBe("DENIED");
    expect(existsSync(join(root, "p/Gates"))).toBe(false);
  });

  it("a working tree next to it is checked, with or without a guest", async () => {
    const folder = await makeFolder();
    await plant(folder, { "p/a.txt": "a", "shared-gates/x.txt": "s", "work/.git": "gitdir: ../dangling\n" });
    git(join(folder, "p"), "init", "-q");
    git(join(folder, "p"), "config", "core.hooksPath", "../shared-gates");
    const guest = new TestGuest(await openWorkspace(folder));
    expect(await guest.outcome("create", { path: "shared-gates/y", kind: "file" })).toBe("DENIED");
    expect(await guest.outcome("create", { path: "dangling", kind: "folder" })).toBe("NOT_FOUND");
    expect(existsSync(join(folder, "dangling"))).toBe(false);
  });

  it("a root in the middle of a working tree asks the repository around it", async () => {
    const folder = await makeFolder();
    await plant(folder, { "p/src/gates/x.txt": "s", "p/src/a.txt": "a" });
    git(join(folder, "p"), "init", "-q");
    git(join(folder, "p"), "config", "core.hooksPath", "src/gates");
    const guest = new TestGuest(await openWorkspace(join(folder, "p/src")));
    expect(await guest.outcome("write", { path: "gates/y.txt", base: null, content: "", encoding: "utf8" })).toBe(
      "DENIED",
    );
    await guest.change("a.txt", "b");
  });
});

describe("R11: what a thing is, beside git", () => {
  it("virtual environments of any name", async () => {
    const { root, guest } = await setUp({
      "my-env/pyvenv.cfg": "home = /usr/bin\n",
      "my-env/lib/pkg/mod.py": "x",
      "conda/conda-meta/history.txt": "",
      "conda/etc/activate.txt": "x",
      "plain/lib/mod.py": "x",
    });
    const before = pictureOf(root);
    for (const path of ["my-env/lib/pkg/mod.py", "conda/etc/activate.txt"]) {
      const { version } = await guest.ask("read", { path });
      expect(await guest.outcome("write", { path, base: version, content: "y", encoding: "utf8" })).toBe("DENIED");
      expect(await guest.outcome("delete", { path })).toBe("DENIED");
    }
    expect(await guest.outcome("create", { path: "my-env/bin", kind: "folder" })).toBe("DENIED");
    expect(await guest.outcome("rename", { from: "my-env", to: "yours" })).toBe("DENIED");
    expect(await guest.outcome("delete", { path: "conda", recursive: true })).toBe("DENIED");
    expect(await guest.outcome("create", { path: "plain/pyvenv.cfg", kind: "file" })).toBe("DENIED");
    expect(pictureOf(root)).toEqual(before);
    await guest.change("plain/lib/mod.py", "y");
  });

  it.each([0o755, 0o654, 0o601])("programs (mode %o) are neither written, renamed nor replaced", async (mode) => {
    const { root, guest } = await setUp({
      "tool.txt": "echo 1\n",
      "d/tool": "echo 1\n",
      link: "->tool.txt",
      "evil.txt": "echo 2\n",
    });
    chmodSync(join(root, "tool.txt"), mode);
    chmodSync(join(root, "d/tool"), mode);
    const before = pictureOf(root);
    const file = await guest.ask("read", { path: "tool.txt" });
    expect(file).toMatchObject({
      writable: false,
      read_only: "protected",
      protected_because: "it is a program (executable)",
    });
    for (const path of ["tool.txt", "link"]) {
      const write = { path, base: file.version, content: "echo 3\n", encoding: "utf8" as const };
      expect(await guest.outcome("write", write)).toBe("DENIED");
      expect(await guest.outcome("rename", { from: path, to: "moved" })).toBe("DENIED");
      expect(await guest.outcome("rename", { from: "evil.txt", to: path })).toBe("EXISTS");
    }
    expect(await guest.outcome("rename", { from: "d", to: "e" })).toBe("DENIED");
    expect(pictureOf(root)).toEqual(before);
    // Deleted and created again, it is no longer a program.
    await guest.ask("delete", { path: "tool.txt" });
    await guest.ask("rename", { from: "evil.txt", to: "tool.txt" });
    expect(pictureOf(root)["tool.txt"]).toMatch(/^file 6[04][04] /);
  });
});

function permutations<Value>(values: readonly Value[]): Value[][] {
  if (values.length <= 1) return [[...values]];
  return values.flatMap((value, index) =>
    permutations(values.filter((_, other) => other !== index)).map((rest) => [value, ...rest]),
  );
}
