import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import type { ShareList } from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { cloneAddress, cloneToken, runGuestGit } from "../../../support/git/guest-git.ts";
import { runGit, TestRepository } from "../../../support/git/test-repository.ts";
import type { GuestClient } from "../../../support/guest-client.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const real = execFileSync("sh", ["-c", "command -v git"]).toString().trim();

const create = (server: SharingGateway, commit: object, more: object = {}) =>
  server.api("/api/share/create", { method: "POST", body: { permission: "view", commit, ...more } });

function published(server: SharingGateway): string[] {
  const folder = join(server.dataFolder, "git");
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The gateway finds this git, until the test ends. @param script what it does before it becomes the real one */
function useGit(server: SharingGateway, script: string): void {
  const folder = join(server.home, "bin");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "git"), `#!/bin/sh\n${script}\nexec ${real} "$@"\n`, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  onTestFinished(() => {
    process.env.PATH = before;
  });
}

describe("R25: odd repositories", () => {
  it("grafts and config.worktree are not read: guests see the real commit", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    const first = repository.commit("One", { "a.txt": "one\n" });
    const second = repository.commit("Two", { "a.txt": "two\n" });
    const tripped = join(server.home, "tripped");
    const wire = join(server.home, "wire.sh");
    writeFileSync(wire, `#!/bin/sh\ntouch ${tripped}\ncat\n`);
    chmodSync(wire, 0o755);
    const git = join(repository.folder, ".git");
    writeFileSync(
      join(git, "config"),
      "[core]\n\trepositoryFormatVersion = 1\n[extensions]\n\tworktreeConfig = true\n",
    );
    writeFileSync(join(git, "config.worktree"), `[core]\n\tfsmonitor = ${wire}\n\thooksPath = ${server.home}\n`);
    mkdirSync(join(git, "info"), { recursive: true });
    writeFileSync(join(git, "info", "grafts"), `${second}\n`);
    const { guest } = await server.enter({ permission: "view", commit: { ref: "main" } });
    expect(await (await guest.session()).ask("commit-info", {})).toMatchObject({ id: second, base: first, changes: 1 });
    expect(existsSync(tripped)).toBe(false);
  });

  it("a submodule is shown as an empty folder, and can be shared itself", async () => {
    const server = await SharingGateway.start();
    const inner = new TestRepository(join(server.home, "inner"));
    inner.commit("Inner", { "inner.txt": "inner\n" });
    const repository = new TestRepository(server.workspace);
    repository.commit("One", { "a.txt": "x\n" });
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.folder, "module");
    repository.commit("With a submodule");
    const outer = await server.enter({ permission: "view", commit: { ref: "main" } });
    const session = await outer.guest.session();
    expect(await session.ask("read", { path: "module/inner.txt" })).toMatchObject({ code: "NOT_FOUND" });
    const root = join(server.workspace, "module");
    const own = await server.enter({ permission: "view", root, commit: { ref: "HEAD" } });
    expect(await (await own.guest.session()).ask("read", { path: "inner.txt" })).toMatchObject({ content: "inner\n" });
  });

  it("a .git file that leads out of what may be shared is refused, and nothing is left", async () => {
    const server = await SharingGateway.start();
    new TestRepository(join(server.dataFolder, "secret")).commit("Secret", { "a.txt": "x\n" });
    writeFileSync(join(server.workspace, ".git"), `gitdir: ${join(server.dataFolder, "secret", ".git")}\n`);
    const { status, body } = await create(server, { ref: "main" });
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { field: "commit" } } });
    expect(published(server)).toEqual([]);
  });

  it("a path of 4 KB is not published, and the gateway works on", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("One", { "a.txt": "x\n" });
    let entry = `100644 blob ${repository.git("rev-parse", "main:a.txt")}\tx`;
    for (let depth = 0; depth < 18; depth += 1) {
      entry = `040000 tree ${runGit(repository.folder, ["mktree"], `${entry}\n`)}\t${"n".repeat(240)}`;
    }
    const tree = runGit(repository.folder, ["mktree"], `${entry}\n`);
    repository.git("branch", "deep", repository.git("commit-tree", "-m", "deep", tree));
    expect((await create(server, { ref: "deep" })).status).toBeGreaterThanOrEqual(400);
    expect(published(server)).toEqual([]);
    expect((await create(server, { ref: "main" })).status).toBe(201);
  });
});

describe("R26: what guests take", () => {
  it("an archive holds no link that leads out, and a pointer of Git LFS as it is", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12\n`;
    repository.write({ "a.txt": "x\n", "large.bin": pointer, ".gitattributes": "*.bin filter=lfs diff=lfs -text\n" });
    symlinkSync("/etc/passwd", join(repository.folder, "absolute"));
    symlinkSync("../outside", join(repository.folder, "above"));
    symlinkSync("a.txt", join(repository.folder, "inner"));
    repository.commit("Links");
    const { guest } = await server.enter({ permission: "view", commit: { ref: "main" } });
    const session = await guest.session();
    expect(await session.ask("read", { path: "large.bin" })).toMatchObject({ content: pointer });
    const address = new URL(`${guest.path}archive.tar.gz`, server.url);
    const answer = await fetch(address, { headers: { cookie: guest.cookie ?? "" } });
    const copy = join(server.home, "copy.tgz");
    writeFileSync(copy, Buffer.from(await answer.arrayBuffer()));
    const links = execFileSync("tar", ["-tvzf", copy])
      .toString()
      .split("\n")
      .filter((line) => line.startsWith("l"));
    expect(links).toEqual([expect.stringMatching(/inner -> a\.txt$/)]);
  });

  it("a hidden file that was renamed is neither a former name nor in the patch", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("One", { ".env": "KEY=1\nOTHER=2\nTHIRD=3\n", "a.txt": "x\n" });
    repository.git("mv", ".env", "settings.txt");
    repository.commit("Two");
    const { guest } = await server.enter({ permission: "view", commit: { ref: "main" } });
    const { changes } = (await (await guest.session()).ask("commit-changes", {})) as { changes: object[] };
    expect(changes).toEqual([{ path: "settings.txt", what: "added" }]);
    expect((await guest.ask("changes.patch")).body).not.toContain(".env");
  });

  it("R28: the password is in no log, and not in the configuration of the clone", async () => {
    const lines: string[] = [];
    const server = await SharingGateway.start({ log: (line) => void lines.push(line) });
    new TestRepository(server.workspace).commit("One", { "a.txt": "x\n" });
    const { guest } = await server.enter({ permission: "view", commit: { ref: "main" } });
    const token = await cloneToken(guest);
    const clone = await runGuestGit(server.home, token.password, "clone", cloneAddress(server.url, token), "clone");
    expect(clone.code).toBe(0);
    await runGuestGit(server.home, `${token.password}x`, "ls-remote", cloneAddress(server.url, token));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join("")).not.toContain(token.password);
    expect(clone.text).not.toContain(token.password);
    expect(runGit(join(server.home, "clone"), ["config", "--list"])).not.toContain(token.password);
  });

  it("a bundle is a clone in one file", async () => {
    const server = await SharingGateway.start();
    new TestRepository(server.workspace).commit("One", { "a.txt": "x\n", ".env": "KEY=1\n" });
    const { guest } = await server.enter({ permission: "view", commit: { ref: "main" } });
    const address = new URL(`${guest.path}repo.bundle`, server.url);
    const answer = await fetch(address, { headers: { cookie: guest.cookie ?? "" } });
    const bundle = join(server.home, "x.bundle");
    writeFileSync(bundle, Buffer.from(await answer.arrayBuffer()));
    runGit(server.home, ["clone", "-q", bundle, "from-bundle"]);
    expect(readdirSync(join(server.home, "from-bundle")).sort()).toEqual([".git", "a.txt"]);
  });
});

describe("R14: many at once, and too much", () => {
  it("of 50 clones at once four are served, and the others are told to try again", async () => {
    const server = await SharingGateway.start();
    new TestRepository(server.workspace).commit("One", { "a.txt": "x\n" });
    const gate = join(server.home, "gate");
    useGit(server, `[ "$1" = upload-pack ] && until [ -e ${gate} ]; do sleep 0.2; done`);
    const { share, guest } = await server.enter({ permission: "view", commit: { ref: "main" } });
    const guests: GuestClient[] = [guest];
    while (guests.length < 10) guests.push(await server.guest(share).enter(`Guest ${guests.length}`));
    const tokens = await Promise.all(guests.map(cloneToken));
    const answers: { status: number; retry: string | undefined }[] = [];
    const all = Array.from({ length: 50 }, (_one, index) => {
      const { username, password, path } = tokens[index % tokens.length] ?? { username: "", password: "", path: "" };
      const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      get(new URL(`${path}/info/refs?service=git-upload-pack`, server.url), { headers, agent: false })
        .on("response", (response) => {
          answers.push({ status: response.statusCode ?? 0, retry: response.headers["retry-after"] });
          response.resume().once("end", resolve);
        })
        .on("error", reject);
      return promise;
    });
    // The four that are served have begun, and wait for git.
    await expect.poll(() => answers.length, { timeout: 60_000 }).toBe(50);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status, retry }) => `${status}, after ${retry} s`)).toEqual(Array(46).fill("429, after 1 s"));
    expect((await server.api("/api/share/list")).status).toBe(200);
    writeFileSync(gate, "");
    await Promise.all(all);
  });

  it("R21: a disk that is full while git packs leaves nothing, and the next share is made", async () => {
    const server = await SharingGateway.start();
    const bytes = Buffer.alloc(200_000);
    for (let at = 0, value = 1; at < bytes.length; at += 1) {
      value = (value * 48_271) % 2_147_483_647;
      bytes[at] = value & 255;
    }
    new TestRepository(server.workspace).commit("One", { "large.bin": bytes });
    const full = join(server.home, "full");
    writeFileSync(full, "");
    useGit(server, `[ "$1" = pack-objects ] && [ -e ${full} ] && ulimit -f 32`);
    const { status, body } = await create(server, { ref: "main" });
    expect({ status, body }).toMatchObject({ status: 503, body: { error: { code: "COMMIT_UNAVAILABLE" } } });
    expect(published(server)).toEqual([]);
    execFileSync("rm", [full]);
    expect((await create(server, { ref: "main" })).status).toBe(201);
  });

  it("a share that would exceed what all of them may take leaves nothing", async () => {
    const server = await SharingGateway.start({
      flags: { "share-limits": JSON.stringify({ free: 0, free_percent: 0, commit_total: 1_000 }) },
    });
    new TestRepository(server.workspace).commit("One", { "a.txt": "x\n" });
    const first = await create(server, { ref: "main" });
    expect(first.status).toBe(201);
    const before = published(server);
    expect(await create(server, { ref: "main" })).toMatchObject({ status: 400, body: { error: { field: "commit" } } });
    expect(published(server)).toEqual(before);
  });
});

describe("the owner changes a share of a commit", () => {
  it("shows what a branch holds now, though it is not followed", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("One", { "a.txt": "one\n" });
    const { share, guest } = await server.enter({ permission: "view", commit: { ref: "main" } });
    const session = await guest.session();
    const id = repository.commit("Two", { "a.txt": "two\n" });
    const refreshed = await server.api(`/api/share/${share.id}/refresh`, { method: "POST" });
    expect(refreshed).toMatchObject({ status: 200, body: { commit: { id, state: "current" } } });
    await session.find((one) => one.type === "share" && one.share.commit?.id === id);
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "two\n" });
    const pinned = await server.create({ permission: "view", commit: { ref: id } });
    expect((await server.api(`/api/share/${pinned.id}/refresh`, { method: "POST" })).status).toBe(400);
    const files = await server.create({ permission: "view" });
    expect((await server.api(`/api/share/${files.id}/refresh`, { method: "POST" })).status).toBe(400);
  });

  it("R26: permits guests to take less at once, never more, and a history is removed", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    const first = repository.commit("One", { "a.txt": "one\n" });
    repository.commit("Two", { "a.txt": "two\n" });
    const { share, guest } = await server.enter({ permission: "view", commit: { ref: "main", get: "history" } });
    const token = await cloneToken(guest);
    const git = (...args: string[]) => runGuestGit(server.home, token.password, ...args);
    const address = cloneAddress(server.url, token);
    expect((await git("clone", "-q", address, "one")).code).toBe(0);
    const session = await guest.session();
    expect(await session.ask("commit-log", {})).toMatchObject({
      commits: [{ subject: "Two" }, { id: first }],
      next: null,
    });
    const { lines } = (await session.ask("commit-blame", { path: "a.txt" })) as { lines: string[] };
    expect(lines).toEqual([repository.git("rev-parse", "main")]);
    expect(await session.ask("commit-blame", { path: ".env" })).toMatchObject({ code: "NOT_FOUND" });
    const change = (body: object) => server.api(`/api/share/${share.id}`, { method: "PATCH", body });
    expect(await change({ get: "snapshot" })).toMatchObject({ status: 200, body: { commit: { get: "snapshot" } } });
    expect(readdirSync(join(server.dataFolder, "git", share.id)).filter((name) => /history/.test(name))).toEqual([]);
    expect((await git("clone", "-q", address, "two")).code).toBe(0);
    expect(runGit(join(server.home, "two"), ["log", "--format=%s"])).toBe("Two");
    expect((await git("-C", "two", "fetch", address, first)).code).not.toBe(0);
    expect(await session.ask("commit-log", {})).toMatchObject({ code: "NOT_FOUND" });
    expect((await change({ get: "history" })).status).toBe(400);
    expect((await change({ get: "none" })).status).toBe(200);
    expect((await git("ls-remote", address)).code).not.toBe(0);
    expect((await guest.ask("archive.zip")).status).toBe(403);
    const { shares } = (await server.api("/api/share/list")).body as ShareList;
    expect(shares[0]?.commit?.get).toBe("none");
    const files = await server.create({ permission: "view" });
    const body = { get: "none" };
    expect((await server.api(`/api/share/${files.id}`, { method: "PATCH", body })).status).toBe(400);
  });
});
