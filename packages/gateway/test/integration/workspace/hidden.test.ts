import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FileMethod } from "../../../src/workspace/guest-workspace.ts";
import { outcomeOf, pictureOf, setUp, TestGuest } from "./harness.ts";

/** Every way to name a path; `rename` twice. */
function questions(path: string): [FileMethod, never][] {
  const asked: [FileMethod, unknown][] = [
    ["list", { path }],
    ["stat", { path }],
    ["read", { path }],
    ["write", { path, base: "0", content: "x", encoding: "utf8" }],
    ["write", { path, base: null, content: "x", encoding: "utf8" }],
    ["create", { path, kind: "file" }],
    ["create", { path, kind: "folder" }],
    ["rename", { from: path, to: "renamed" }],
    ["rename", { from: "a.txt", to: path }],
    ["delete", { path }],
    ["delete", { path, recursive: true }],
    ["watch", { path }],
  ];
  return asked as [FileMethod, never][];
}

async function expectAbsent(guest: TestGuest, root: string, paths: readonly string[]): Promise<void> {
  const before = pictureOf(root);
  for (const path of paths) {
    for (const [method, params] of questions(path)) {
      const refusal = await guest.ask(method, params).catch((error: unknown) => error);
      expect(refusal, `${method} ${JSON.stringify(params)}`).toMatchObject({
        code: "NOT_FOUND",
        message: "There is no such file or folder in this share.",
      });
    }
    expect(await outcomeOf(guest.workspace.open(path))).toBe("NOT_FOUND");
  }
  expect(pictureOf(root)).toEqual(before);
}

describe("R10: hidden means absent", () => {
  const hidden = [
    ".git",
    ".git/config",
    ".GIT/config",
    "d/.env",
    "d/.env.new",
    "d/id_rsa",
    "d/x.pem",
    ".config/gcloud",
  ];

  it("on every operation, existing or not", async () => {
    const plan = {
      "a.txt": "a",
      ".git/config": "s",
      "d/.env": "s",
      "d/id_rsa": "s",
      ".config/gcloud/x": "s",
      "d/v": "v",
    };
    const { root, guest } = await setUp(plan);
    await expectAbsent(guest, root, [...hidden, ".config/gcloud/x"]);
    expect(await guest.names("")).toEqual([".config", "a.txt", "d"]);
    expect(await guest.names("d")).toEqual(["v"]);
    expect(await guest.names(".config")).toEqual([]);
  });

  it("through links, too", async () => {
    const { root, guest } = await setUp({
      "a.txt": "a",
      ".env": "s",
      ".ssh/key": "s",
      "env.txt": "->.env",
      keys: "->.ssh",
      "two.txt": "->env.txt",
      "up.txt": "->.ssh/../a.txt",
    });
    await expectAbsent(guest, root, ["env.txt", "keys", "keys/key", "two.txt", "up.txt"]);
    expect(await guest.names("")).toEqual(["a.txt"]);
  });

  it("a file that is being written is invisible, and cannot be named", async () => {
    const { root, guest } = await setUp({ "a.txt": "a", ".waiide-0123456789abcdef01234567.part": "s" });
    await expectAbsent(guest, root, [".waiide-0123456789abcdef01234567.part"]);
    expect(await guest.names("")).toEqual(["a.txt"]);
  });

  it("pages of a list do not tell that there is more", async () => {
    const plan = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`.env${index}`, "s"]));
    const { guest } = await setUp({ ...plan, "a.txt": "", "b.txt": "" }, { limits: { listPage: 2 } });
    const page = await guest.ask("list", { path: "" });
    expect(page.entries.map(({ name }) => name)).toEqual(["a.txt", "b.txt"]);
    expect(page.next).toBeNull();
  });
});

describe("R10: gateway data, IDE data and sockets are outside every scope", () => {
  it("wherever they are, also before they exist, by link and for the owner as a guest", async () => {
    const { folder, root } = await setUp({});
    const outside = [
      join(root, "data/gateway"),
      join(root, "later/ide"),
      join(folder, "elsewhere"),
      join(root, "alias/x"),
    ];
    mkdirSync(join(root, "data/gateway"), { recursive: true });
    mkdirSync(join(root, "real/x"), { recursive: true });
    symlinkSync("real", join(root, "alias"));
    writeFileSync(join(root, "data/gateway/store.db"), "s");
    writeFileSync(join(root, "a.txt"), "a");
    symlinkSync("data/gateway/store.db", join(root, "db"));
    const { workspace } = await openOn(root, outside);
    const guest = new TestGuest(workspace);
    await expectAbsent(guest, root, [
      "data/gateway",
      "data/gateway/store.db",
      "DATA/Gateway/store.db",
      "later/ide",
      "db",
      "real/x",
      "alias/x",
    ]);
    expect(await guest.names("data")).toEqual([]);
    guest.actor = { kind: "owner" };
    expect(await guest.outcome("read", { path: "data/gateway/store.db" })).toBe("NOT_FOUND");
    guest.actor = { kind: "guest", level: "edit", scope: { kind: "workspace" }, state: "live" };
    const before = pictureOf(root);
    expect(await guest.outcome("rename", { from: "data", to: "x" })).toBe("DENIED");
    expect(await guest.outcome("delete", { path: "data", recursive: true })).toBe("DENIED");
    expect(pictureOf(root)).toEqual(before);
  });
});

async function openOn(root: string, outside: readonly string[]) {
  const { openWorkspace } = await import("./harness.ts");
  return { workspace: await openWorkspace(root, { outside }) };
}

describe("R11: protected", () => {
  const paths = [
    ".vscode/tasks.json",
    ".VSCode/new.json",
    "d/.husky/pre-commit",
    "node_modules/x.js",
    "d/conftest.py",
    "x.pth",
    ".bashrc",
    "p.code-workspace",
    ".venv/bin/python",
  ];

  it("is seen, and never written, made, renamed or deleted", async () => {
    const plan = Object.fromEntries(paths.filter((path) => !path.includes("new")).map((path) => [path, "s"]));
    const { root, guest } = await setUp({ ...plan, "a.txt": "a" });
    const before = pictureOf(root);
    for (const path of paths) {
      const isThere = path in plan;
      if (isThere) expect(await guest.ask("read", { path })).toMatchObject({ content: "s", writable: false });
      for (const [method, params] of questions(path)) {
        if (["list", "stat", "read", "watch"].includes(method)) continue;
        expect(await guest.outcome(method, params), `${method} ${JSON.stringify(params)}`).toBe("DENIED");
      }
    }
    expect(pictureOf(root)).toEqual(before);
  });

  it("through links, too, whatever they are called", async () => {
    const { root, guest } = await setUp({
      ".vscode/tasks.json": "s",
      code: "->.vscode",
      "tasks.txt": "->.vscode/tasks.json",
    });
    const before = pictureOf(root);
    const { version } = await guest.ask("read", { path: "tasks.txt" });
    const text = { content: "x", encoding: "utf8" as const };
    for (const path of ["tasks.txt", "code/tasks.json"]) {
      expect(await guest.outcome("write", { path, base: version, ...text })).toBe("DENIED");
    }
    expect(await guest.outcome("write", { path: "code/new.json", base: null, ...text })).toBe("DENIED");
    expect(await guest.outcome("create", { path: "code/new", kind: "folder" })).toBe("DENIED");
    expect(await guest.outcome("rename", { from: "code/tasks.json", to: "mine.json" })).toBe("DENIED");
    expect(await guest.outcome("delete", { path: "code/tasks.json" })).toBe("DENIED");
    expect(pictureOf(root)).toEqual(before);
  });

  it("does not go with its folder, and the refusal does not say what was found", async () => {
    const { root, guest } = await setUp({
      "hidden/.env": "s",
      "protected/deep/.vscode/x": "s",
      "linked/out": "->/etc",
      "plain/a": "1",
      "app/secrets.toml": "mine",
    });
    const before = pictureOf(root);
    const messages = new Set<string>();
    for (const path of ["hidden", "protected", "linked"]) {
      for (const [method, params] of [
        ["delete", { path, recursive: true }],
        ["rename", { from: path, to: "elsewhere" }],
      ] as [FileMethod, never][]) {
        const refusal = (await guest.ask(method, params).catch((error: unknown) => error)) as Error & { code: string };
        expect(refusal.code).toBe("DENIED");
        messages.add(refusal.message);
      }
    }
    expect(messages.size).toBe(1);
    // What would be hidden under its new name is not hidden away.
    expect(await guest.outcome("rename", { from: "app", to: ".streamlit" })).toBe("DENIED");
    expect(pictureOf(root)).toEqual(before);
    await guest.ask("delete", { path: "plain", recursive: true });
  });

  it("in a home folder every dot-entry at its top is, also one that the owner ticked", async () => {
    const scope = { kind: "workspace", show: [".anything"] } as const;
    const { root, guest } = await setUp({ ".anything": "s", "d/.anything": "s" }, { isHome: true, scope });
    const { version } = await guest.ask("read", { path: ".anything" });
    const write = { base: version, content: "x", encoding: "utf8" as const };
    expect(await guest.outcome("write", { path: ".anything", ...write })).toBe("DENIED");
    expect(await guest.outcome("write", { path: "d/.anything", ...write })).toBe("done");
    expect(existsSync(join(root, ".new"))).toBe(false);
  });

  it("nothing that git takes for a repository can be made", async () => {
    const parts = ["HEAD", "objects", "refs"];
    for (const last of parts) {
      const { root, guest } = await setUp({ "bare/config": "[core]\nfsmonitor = touch hacked\n", HEADER: "ref: x" });
      for (const part of parts.filter((other) => other !== last)) {
        await guest.ask("create", { path: `bare/${part}`, kind: part === "HEAD" ? "file" : "folder" });
      }
      const before = pictureOf(root);
      const path = `bare/${last}`;
      expect(await guest.outcome("create", { path, kind: "folder" })).toBe("DENIED");
      expect(await guest.outcome("create", { path: path.toLowerCase(), kind: "file" })).toBe("DENIED");
      expect(await guest.outcome("rename", { from: "HEADER", to: path })).toBe("DENIED");
      const content = { content: "ref: refs/heads/x", encoding: "utf8" as const };
      expect(await guest.outcome("write", { path, base: null, ...content })).toBe("DENIED");
      expect(pictureOf(root)).toEqual(before);
    }
  });

  it("nor with its parts elsewhere, as git confirms", async () => {
    const { root, guest } = await setUp({
      "y/HEAD": "ref: refs/heads/x\n",
      "x/config": "",
      "x/objects": null,
      "x/refs": null,
    });
    expect(await guest.outcome("write", { path: "y/commondir", base: null, content: "../x", encoding: "utf8" })).toBe(
      "DENIED",
    );
    const isRepository = () => {
      const git = ["-C", join(root, "y"), "-c", "safe.directory=*", "rev-parse", "--git-dir"];
      const env = { PATH: process.env.PATH, GIT_CEILING_DIRECTORIES: root };
      return outcomeOf((async () => execFileSync("git", git, { env, stdio: "pipe" }))()).then(
        () => true,
        () => false,
      );
    };
    expect(await isRepository()).toBe(false);
    writeFileSync(join(root, "y/commondir"), "../x\n");
    expect(await isRepository()).toBe(true);
  });

  it("nothing can be made executable by a save or a rename", async () => {
    const { root, guest } = await setUp({ "a.sh": "1" });
    chmodSync(join(root, "a.sh"), 0o644);
    await guest.change("a.sh", "#!/bin/sh\n");
    await guest.ask("rename", { from: "a.sh", to: "b.sh" });
    expect(pictureOf(root)).toEqual({ "b.sh": expect.stringContaining("file 644 ") });
  });
});
