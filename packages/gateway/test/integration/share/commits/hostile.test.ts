import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HostileRepository } from "../../../support/git/hostile-repository.ts";
import { runGit, TestRepository } from "../../../support/git/test-repository.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const create = (server: SharingGateway, commit: object) =>
  server.api("/api/share/create", { method: "POST", body: { permission: "view", commit } });

function published(server: SharingGateway): string[] {
  const folder = join(server.dataFolder, "git");
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe("R25: git runs with our configuration only", () => {
  it("every tripwire stays silent at create, refresh and view", { timeout: 60_000 }, async () => {
    const server = await SharingGateway.start();
    const repository = new HostileRepository(server.workspace, join(server.home, "elsewhere"));
    const { guest } = await server.enter({ permission: "view", commit: { ref: "main", follow: true } });
    const session = await guest.session();
    // Replaced objects do not count.
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "two\n" });
    expect(await session.ask("read", { path: "s.gen" })).toMatchObject({ content: "$Format:%H$\n" });
    expect(await session.ask("commit-info", {})).toMatchObject({ message: "signed\n\nSigned-off-by: x" });
    const tree = runGit(repository.folder, ["--git-dir=.git", "-c", "core.fsmonitor=", "rev-parse", "main~1^{tree}"]);
    const id = commitTree(repository.folder, tree, "main");
    writeFileSync(join(repository.folder, ".git", "refs", "heads", "main"), `${id}\n`);
    await session.find((one) => one.type === "share" && one.share.commit?.id === id);
    expect(await session.ask("commit-changes", {})).toMatchObject({ changes: [] });
    expect(repository.tripped).toEqual([]);
  });

  it("a tripwire would be seen: plain git sets them off", async () => {
    const server = await SharingGateway.start();
    const repository = new HostileRepository(server.workspace, join(server.home, "elsewhere"));
    repository.git("archive", "--format=tar.gz", "-o", join(server.home, "x.tgz"), "main");
    expect(repository.tripped).not.toEqual([]);
  });

  it("a missing object of a partial clone is said, and not fetched", async () => {
    const server = await SharingGateway.start();
    const repository = new HostileRepository(server.workspace, join(server.home, "elsewhere"));
    const tree = runGit(
      repository.folder,
      ["mktree", "--missing"],
      `100644 blob ${"5".padStart(40, "0")}\tmissing.txt\n`,
    );
    commitTree(repository.folder, tree, "main", "refs/heads/missing");
    for (const name of repository.tripped) expect(name).toMatch(/^fsmonitor|^hook-/);
    const before = repository.tripped;
    const { status, body } = await create(server, { ref: "missing" });
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { field: "commit" } } });
    expect(repository.tripped).toEqual(before);
    expect(published(server)).toEqual([]);
  });

  it.each([
    ["refs", (git: string, outside: string) => link(join(git, "refs", "heads", "linked"), join(outside, "refs"))],
    ["packed refs", (git: string, outside: string) => link(join(git, "packed-refs"), join(outside, "refs"))],
    ["objects", (git: string, outside: string) => link(join(git, "objects", "zz"), outside)],
    [
      "alternates",
      (git: string, outside: string) => writeFileSync(join(git, "objects", "info", "alternates"), `${outside}\n`),
    ],
  ])("%s that lead out of what may be shared are refused", async (_what, plant) => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("One", { "a.txt": "x\n" });
    writeFileSync(join(server.dataFolder, "refs"), "");
    plant(join(repository.folder, ".git"), server.dataFolder);
    const { status, body } = await create(server, { ref: "main" });
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { field: "commit" } } });
    expect(JSON.stringify(body)).toContain("outside of the folders that may be shared");
    expect(published(server)).toEqual([]);
  });

  it("branches in the reftable format are refused with the reason", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("One", { "a.txt": "x\n" });
    mkdirSync(join(repository.folder, ".git", "reftable"));
    const { status, body } = await create(server, { ref: "main" });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("reftable");
  });
});

describe("R26: what guests can reach is what the repository of the share holds", () => {
  it.each([
    ["sha256", ["--object-format=sha256"], () => undefined],
    ["packed", [], (repository: TestRepository) => repository.git("gc", "-q")],
    ["detached", [], (repository: TestRepository) => repository.git("checkout", "-q", "--detach")],
  ])("a repository that is %s can be shared", async (_what, options, change) => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace, options);
    repository.commit("One", { "a.txt": "one\n" });
    repository.commit("Two", { "a.txt": "two\n" });
    change(repository);
    const { guest } = await server.enter({ permission: "view", commit: { ref: "HEAD" } });
    const session = await guest.session();
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "two\n" });
    expect(await session.ask("commit-base", { path: "a.txt" })).toMatchObject({ content: "one\n" });
  });

  it("further working trees and shallow clones can be shared", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("One", { "a.txt": "one\n" });
    repository.commit("Two", { "a.txt": "two\n" });
    const [tree, shallow] = [join(server.home, "tree"), join(server.home, "shallow")];
    repository.git("worktree", "add", "-q", "-b", "side", tree, "main~1");
    repository.git("clone", "-q", "--depth", "1", `file://${repository.folder}`, shallow);
    for (const [root, content] of [
      [tree, "one\n"],
      [shallow, "two\n"],
    ] as const) {
      const { guest } = await server.enter({ permission: "view", root, commit: { ref: "HEAD" } });
      expect(await (await guest.session()).ask("read", { path: "a.txt" })).toMatchObject({ content });
    }
  });

  it("hidden names are absent, and odd names are names", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("One", { "config/.env": "KEY=1\n", "key.pem": "secret\n", "a.txt": "x\n" });
    const odd = ["--upload-pack=x", "$(id)", "line\nbreak", "ä", "[x](javascript:1)"];
    repository.commit("Two", {
      ...Object.fromEntries(odd.map((name) => [name, "odd\n"])),
      "config/.env": "KEY=2\n",
      "inner/HEAD": "ref: refs/heads/main\n",
      "inner/objects/x": "x",
      "inner/refs/x": "x",
    });
    const { guest, share } = await server.enter({ permission: "view", commit: { ref: "main" } });
    const session = await guest.session();
    const { entries } = (await session.ask("list", { path: "" })) as { entries: { name: string }[] };
    const names = entries.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["$(id)", "--upload-pack=x", "a.txt", "ä"]));
    expect(names).not.toContain("inner");
    expect(names).not.toContain("key.pem");
    const { changes } = (await session.ask("commit-changes", {})) as { changes: { path: string }[] };
    expect(JSON.stringify(changes)).not.toMatch(/\.env|key\.pem|inner/);
    const own = join(server.dataFolder, "git", share.id);
    const [git = ""] = readdirSync(own).filter((name) => name.endsWith(".git"));
    const objects = runGit(join(own, git), ["--git-dir=.", "rev-list", "--objects", "--all"]);
    expect(objects).not.toMatch(/\.env|key\.pem|inner/);
    expect(existsSync(join(own, git, "objects", "info", "alternates"))).toBe(false);
  });

  it("links lead nowhere: guests see their text", async () => {
    const server = await SharingGateway.start({ files: {} });
    const repository = new TestRepository(server.workspace);
    writeFileSync(join(server.home, "outside.txt"), "outside\n");
    repository.write({ "a.txt": "x\n" });
    symlinkSync("/etc/passwd", join(repository.folder, "absolute"));
    symlinkSync("../outside.txt", join(repository.folder, "above"));
    symlinkSync("a.txt", join(repository.folder, "inner"));
    repository.commit("Links");
    const { guest, share } = await server.enter({ permission: "view", commit: { ref: "main" } });
    const session = await guest.session();
    expect(await session.ask("read", { path: "absolute" })).toMatchObject({ content: "/etc/passwd" });
    expect(await session.ask("read", { path: "above" })).toMatchObject({ content: "../outside.txt" });
    expect(await session.ask("read", { path: "inner" })).toMatchObject({ content: "a.txt" });
    const own = join(server.dataFolder, "git", share.id);
    expect(readFileSync(join(own, "files", "absolute"), "utf8")).toBe("/etc/passwd");
    const [git = ""] = readdirSync(own).filter((name) => name.endsWith(".git"));
    const modes = runGit(join(own, git), ["--git-dir=.", "ls-tree", "HEAD"]);
    expect(modes.match(/^120000.*$/gm)).toEqual([expect.stringMatching(/\tinner$/)]);
  });

  it.each([
    ["“.git”", "100644 blob ID\t.git\n"],
    ["“GIT~1”", "100644 blob ID\tGIT~1\n"],
    ["“..”", "100644 blob ID\t..\n"],
    ["the same name twice", "100644 blob ID\ta.txt\n100644 blob ID\ta.txt\n"],
  ])("a tree with %s is not published", async (_what, lines) => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("One", { "a.txt": "x\n" });
    const blob = repository.git("rev-parse", "main:a.txt");
    const entries = lines
      .trimEnd()
      .split("\n")
      .map((line) => {
        const [mode = "", rest = ""] = [line.slice(0, 6), line.split("\t")[1]];
        return Buffer.concat([Buffer.from(`${mode} ${rest}\0`), Buffer.from(blob, "hex")]);
      });
    const tree = runGit(
      repository.folder,
      ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
      Buffer.concat(entries),
    );
    commitTree(repository.folder, tree, "main", "refs/heads/odd");
    expect((await create(server, { ref: "odd" })).status).toBe(400);
    expect(published(server)).toEqual([]);
  });
});

function link(path: string, target: string): void {
  symlinkSync(target, path);
}

/** @returns the id of a new commit */
function commitTree(folder: string, tree: string, parent: string, ref?: string): string {
  const id = runGit(folder, ["-c", "core.fsmonitor=", "commit-tree", "-p", parent, "-m", "made by hand", tree]);
  if (ref !== undefined) writeFileSync(join(folder, ".git", ref), `${id}\n`);
  return id;
}
