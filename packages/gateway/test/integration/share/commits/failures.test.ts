import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { CloneToken } from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { TestRepository } from "../../../support/git/test-repository.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";
import { isRunning } from "../../../support/terminal-shares.ts";

const commit = { ref: "main" };
const real = execFileSync("sh", ["-c", "command -v git"]).toString().trim();

function published(server: SharingGateway): string[] {
  const folder = join(server.dataFolder, "git");
  return existsSync(folder) ? readdirSync(folder) : [];
}

const create = (server: SharingGateway) =>
  server.api("/api/share/create", { method: "POST", body: { permission: "view", commit } });

async function withRepository(): Promise<{ server: SharingGateway; repository: TestRepository }> {
  const server = await SharingGateway.start();
  const repository = new TestRepository(server.workspace);
  repository.commit("One", { "a.txt": "one\n", ".env": "KEY=1\n" });
  return { server, repository };
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

describe("R26: when a step fails, nothing is published", () => {
  it.each([
    "update-index",
    "write-tree",
    "hash-object",
    "pack-objects",
    "update-ref",
    "fsck",
    "diff-tree",
    "read-tree",
  ])("%s", async (step) => {
    const { server } = await withRepository();
    useGit(server, `[ "$1" = ${step} ] && { echo "secret detail" >&2; exit 3; }`);
    const { status, body } = await create(server);
    expect({ status, body }).toMatchObject({ status: 503, body: { error: { code: "COMMIT_UNAVAILABLE" } } });
    expect(JSON.stringify(body)).not.toContain("secret detail");
    expect(published(server)).toEqual([]);
    expect((await server.api("/api/share/list")).body).toEqual({ shares: [] });
  });

  it("a tree in which hidden files were left", async () => {
    const { server, repository } = await withRepository();
    const whole = repository.git("rev-parse", "main^{tree}");
    useGit(server, `[ "$1" = write-tree ] && { echo ${whole}; exit 0; }`);
    expect((await create(server)).status).toBe(503);
    expect(published(server)).toEqual([]);
  });

  it("a git that is too old, or none at all, is named", async () => {
    const { server } = await withRepository();
    useGit(server, '[ "$1" = version ] && { echo "git version 2.20.1"; exit 0; }');
    expect(JSON.stringify((await create(server)).body)).toContain("git 2.20 is too old; it must be 2.34 or newer");
    const folder = join(server.home, "bin");
    rmSync(join(folder, "git"));
    process.env.PATH = folder;
    expect(JSON.stringify((await create(server)).body)).toContain("git is not installed");
  });
});

describe("R21: an end at any instant", () => {
  it("leaves no half repository, and files are what they should be", async () => {
    const { server } = await withRepository();
    const { share } = await server.enter({ permission: "view", commit });
    const folder = join(server.dataFolder, "git");
    mkdirSync(join(folder, "half", "abc.git", "objects"), { recursive: true });
    mkdirSync(join(folder, share.id, "def.git"));
    writeFileSync(join(folder, share.id, "files", "a.txt"), "ha");
    writeFileSync(join(folder, share.id, "index.lock"), "");
    await server.restart();
    const session = await (await server.guest(share).enter()).session();
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "one\n" });
    expect(published(server)).toEqual([share.id]);
    expect(readdirSync(join(folder, share.id)).filter((name) => name.endsWith(".git"))).toHaveLength(1);
  });
});

it("R22: revoking cuts a fetch that is under way, and leaves no process", async () => {
  const { server } = await withRepository();
  const file = join(server.home, "pid");
  useGit(
    server,
    `[ "$1" = upload-pack ] && { echo $$ > ${file}.part; mv ${file}.part ${file}; printf x; exec sleep 600; }`,
  );
  const { share, guest } = await server.enter({ permission: "view", commit });
  const { password, path } = JSON.parse((await guest.ask("clone-token", { method: "POST" })).body) as CloneToken;
  const headers = { authorization: `Basic ${Buffer.from(`${share.id}:${password}`).toString("base64")}` };
  const cut = Promise.withResolvers<void>();
  request(new URL(`${path}/info/refs?service=git-upload-pack`, server.url), { headers, agent: false })
    .on("response", (response) =>
      response
        .on("error", () => undefined)
        .once("close", cut.resolve)
        .resume(),
    )
    .on("error", () => cut.resolve())
    .end();
  await expect.poll(() => existsSync(file)).toBe(true);
  const pid = Number(readFileSync(file, "utf8"));
  expect(isRunning(pid)).toBe(true);
  await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
  await cut.promise;
  await expect.poll(() => isRunning(pid)).toBe(false);
});
