import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit, CloneToken, CommitRequest, CreatedShare, HistorySurvey } from "@waiide/protocol";
import pino from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { PageProofs, proofSegment } from "../../../../src/http/page-proof.ts";
import { runGit, TestRepository } from "../../../support/git/test-repository.ts";
import type { GuestClient } from "../../../support/guest-client.ts";
import { PlainHub } from "../../../support/plain-hub.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

interface Shared {
  readonly server: SharingGateway;
  readonly repository: TestRepository;
  readonly share: CreatedShare;
  readonly guest: GuestClient;
}

/** A repository with a hidden file, another branch and a secret in the history, and a guest of its newest commit. */
async function shared(commit: Partial<CommitRequest> = {}): Promise<Shared> {
  const server = await SharingGateway.start();
  const repository = new TestRepository(server.workspace);
  repository.commit("First", { "a.txt": "one\n", "removed.env": "x\n", ".env": "KEY=1\n" });
  repository.git("checkout", "-q", "-b", "hidden-branch");
  repository.commit("Hidden", { "plan.txt": "a plan\n" });
  repository.git("checkout", "-q", "main");
  repository.git("rm", "-q", "removed.env");
  repository.commit("Second", { "a.txt": "two\n" });
  const { share, guest } = await server.enter({ permission: "view", commit: { ref: "main", ...commit } });
  return { server, repository, share, guest };
}

async function tokenOf(guest: GuestClient): Promise<CloneToken> {
  const { status, body } = await guest.ask("clone-token", { method: "POST" });
  expect(status).toBe(200);
  return JSON.parse(body) as CloneToken;
}

/** Git as a guest runs it, with the password where git asks for it. */
function guestGit(server: SharingGateway, token: CloneToken, ...args: string[]) {
  const helper = join(server.home, "password.sh");
  writeFileSync(helper, `#!/bin/sh\necho '${token.password}'\n`, { mode: 0o700 });
  const environment = {
    PATH: process.env.PATH,
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ASKPASS: helper,
    GIT_TERMINAL_PROMPT: "0",
  };
  return spawn("git", args, { cwd: server.home, env: environment, stdio: ["ignore", "pipe", "pipe"] });
}

async function finished(child: ReturnType<typeof guestGit>): Promise<{ code: number; text: string }> {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, text };
}

function addressOf({ server, share }: Shared, user = share.id): string {
  const url = new URL(`/share/${share.id}/repo.git`, server.url);
  url.username = user;
  return url.href;
}

describe("guests of a commit take it with them", () => {
  it("as .zip and .tar.gz, without what is hidden", async () => {
    const all = await shared();
    const folder = join(all.server.home, "unpacked");
    mkdirSync(folder);
    writeFileSync(join(folder, "copy"), await fetchBytes(all, "archive.tar.gz"));
    execFileSync("tar", ["-xzf", "copy"], { cwd: folder });
    expect(readdirSync(join(folder, "workspace-main"))).toEqual(["a.txt"]);
    expect(readFileSync(join(folder, "workspace-main", "a.txt"), "utf8")).toBe("two\n");
    // Names stand in it as they are.
    const zip = (await fetchBytes(all, "archive.zip")).toString("latin1");
    expect(zip.startsWith("PK")).toBe(true);
    expect(zip).toContain("workspace-main/a.txt");
    expect(zip).not.toContain(".env");
  });

  it("as a patch that applies to the commit before", async () => {
    const all = await shared();
    const { body } = await all.guest.ask("changes.patch");
    expect(body).toContain("-one\n+two\n");
    expect(body).not.toContain(".env b");
    const clone = join(all.server.home, "clone");
    all.repository.git("clone", "-q", ".", clone);
    runGit(clone, ["checkout", "-q", "main~1"]);
    runGit(clone, ["apply", "--include=a.txt", "-"], body);
    expect(readFileSync(join(clone, "a.txt"), "utf8")).toBe("two\n");
  });

  it("nobody else, and nothing of a share that offers no copy", async () => {
    const all = await shared({ get: "none" });
    for (const path of ["archive.zip", "archive.tar.gz", "changes.patch"]) {
      expect((await all.guest.ask(path)).status).toBe(403);
      expect((await all.guest.ask(path, { anonymous: true })).status).toBe(401);
    }
    expect((await all.guest.ask("clone-token", { method: "POST" })).status).toBe(403);
    const files = await all.server.enter({ permission: "view" });
    expect((await files.guest.ask("archive.zip")).status).toBe(404);
  });
});

describe("R28: git fetches with a password of one guest", () => {
  it.each([[[]], [["--depth", "1"]]])("clones what is shared, and nothing else, with %j", async (options) => {
    const all = await shared();
    const token = await tokenOf(all.guest);
    expect(token).toMatchObject({ username: all.share.id, password: expect.stringMatching(/^wgc_[\w-]{43}$/) });
    const done = await finished(guestGit(all.server, token, "clone", ...options, addressOf(all), "copy"));
    expect(done.code).toBe(0);
    const copy = join(all.server.home, "copy");
    expect(readdirSync(copy).sort()).toEqual([".git", "a.txt"]);
    expect(runGit(copy, ["log", "--format=%an %s"])).toBe("Ana Second");
    // Grep finds nothing.
    expect(() => execFileSync("grep", ["-rq", token.password, join(copy, ".git")])).toThrow();
    const { body } = await all.server.api("/api/share/audit");
    expect((body as Audit).entries.map(({ event }) => event)).toContain("take");
    expect(JSON.stringify(body)).not.toContain("wgc_");
  });

  it.each([0, 1, 2])("R26: a hidden branch by its id is not delivered with protocol %i", async (version) => {
    const all = await shared();
    const token = await tokenOf(all.guest);
    const mine = join(all.server.home, "mine");
    new TestRepository(mine);
    const secrets = ["hidden-branch", "main", "main~1", "hidden-branch:plan.txt", "main~1:removed.env", "main:.env"];
    for (const secret of secrets) {
      const id = all.repository.git("rev-parse", secret);
      const args = ["-C", mine, "-c", `protocol.version=${version}`, "fetch", addressOf(all), id];
      const { code, text } = await finished(guestGit(all.server, token, ...args));
      expect(code, text).not.toBe(0);
      expect(() => runGit(mine, ["cat-file", "-e", id])).toThrow();
    }
  });

  it("R26: an amended commit cannot be fetched any more, and a pull follows", {
    timeout: 90_000,
  }, async () => {
    const all = await shared({ follow: true });
    const token = await tokenOf(all.guest);
    const copy = join(all.server.home, "copy");
    expect((await finished(guestGit(all.server, token, "clone", addressOf(all), copy))).code).toBe(0);
    const session = await all.guest.session();
    const moved = (state: string, id: string) =>
      session.find((one) => one.type === "share" && one.share.commit?.id === id && one.share.commit.state === state);
    await moved("current", all.repository.commit("Third", { "a.txt": "three\n" }));
    expect((await finished(guestGit(all.server, token, "-C", copy, "pull", "--ff-only"))).code).toBe(0);
    expect(runGit(copy, ["log", "--format=%s"])).toBe("Third\nSecond");
    const third = runGit(copy, ["rev-parse", "HEAD"]);
    all.repository.write({ "a.txt": "3\n" });
    all.repository.git("commit", "-q", "-a", "--amend", "-m", "Again");
    await moved("rewritten", all.repository.git("rev-parse", "HEAD"));
    const mine = join(all.server.home, "mine");
    new TestRepository(mine);
    expect((await finished(guestGit(all.server, token, "-C", mine, "fetch", addressOf(all), third))).code).not.toBe(0);
    expect((await finished(guestGit(all.server, token, "-C", mine, "fetch", addressOf(all)))).code).toBe(0);
    expect(runGit(mine, ["log", "--format=%s", "FETCH_HEAD"])).toBe("Again");
  });

  it("of this share only, as long as the guest is in, and by no cookie", async () => {
    const all = await shared();
    const token = await tokenOf(all.guest);
    const other = await all.server.enter({ permission: "view", commit: { ref: "main" } });
    const refs = "repo.git/info/refs?service=git-upload-pack";
    const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`x:${password}`).toString("base64")}` });
    const ask = (guest: GuestClient, headers: Record<string, string> = {}, anonymous = true) =>
      guest.ask(refs, { headers, anonymous });
    expect((await ask(all.guest, basic(token.password))).status).toBe(200);
    const offered = await ask(all.guest, { ...basic(token.password), "git-protocol": "version=2" });
    expect(offered.body).toContain("version 2");
    expect(offered.body).not.toMatch(/filter|bundle-uri/);
    const refused = await ask(all.guest, {}, false);
    expect(refused).toMatchObject({ status: 401, headers: { "www-authenticate": 'Basic realm="WAIIDE share"' } });
    expect((await ask(other.guest, basic(token.password))).status).toBe(401);
    expect((await ask(all.guest, basic("wgc_wrong"))).status).toBe(401);
    const file = await all.guest.ask("files/a.txt", { headers: basic(token.password), anonymous: true });
    expect(file.status).toBe(401);
    const push = "repo.git/info/refs?service=git-receive-pack";
    expect((await all.guest.ask(push, { headers: basic(token.password), anonymous: true })).status).toBe(403);
    const { shares } = (await all.server.api("/api/share/list")).body as { shares: CreatedShare[] };
    const guests = shares.find(({ id }) => id === all.share.id)?.guests ?? [];
    await all.server.api(`/api/share/${all.share.id}/guests/${guests[0]?.session}`, { method: "DELETE" });
    expect((await ask(all.guest, basic(token.password))).status).toBe(401);
    const own = await tokenOf(other.guest);
    await all.server.api(`/api/share/revoke/${other.share.id}`, { method: "DELETE" });
    expect((await ask(other.guest, basic(own.password))).status).toBe(401);
  });

  it("the address names the share, so that git offers the password to no other server", async () => {
    const all = await shared();
    const { path, username } = await tokenOf(all.guest);
    expect(path).toBe(`/share/${all.share.id}/repo.git`);
    expect(username).toBe(all.share.id);
  });
});

it("R5: on a hub a browser needs the page's proof for copies, and git needs none", async () => {
  const hub = await PlainHub.start("alice");
  onTestFinished(() => hub.close());
  const server = await SharingGateway.start({
    flags: { auth: undefined, token: undefined },
    environment: hub.environmentOf({ user: "alice", prefix: "/user/alice/" }),
  });
  const repository = new TestRepository(server.workspace);
  repository.commit("First", { "a.txt": "one\n" });
  const { guest, share } = await server.enter({ permission: "view", commit: { ref: "main" } });
  const opening = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const asking = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
  const { shares } = (await server.api("/api/share/list")).body as { shares: CreatedShare[] };
  const proofs = await PageProofs.open(server.dataFolder, pino({ level: "silent" }));
  const base = `${guest.path}${proofSegment(proofs.of(`guest:${shares[0]?.guests[0]?.session}`))}/`;
  expect((await guest.ask("archive.zip", { headers: opening })).status).toBe(403);
  expect((await guest.ask(`${base}archive.zip`, { headers: opening })).status).toBe(200);
  expect((await guest.ask("clone-token", { method: "POST", headers: asking })).status).toBe(403);
  const made = await guest.ask(`${base}clone-token`, { method: "POST", headers: asking });
  const token = JSON.parse(made.body) as CloneToken;
  expect(token.path).toBe(`/user/alice/share/${share.id}/repo.git`);
  const address = new URL(token.path, server.url);
  address.username = token.username;
  expect((await finished(guestGit(server, token, "clone", "-q", address.href, "copy"))).code).toBe(0);
  const authorization = `Basic ${Buffer.from(`x:${token.password}`).toString("base64")}`;
  const refs = "repo.git/info/refs?service=git-upload-pack";
  expect((await guest.ask(refs, { headers: { ...asking, authorization } })).status).toBe(403);
});

describe("R27: the survey that a person confirmed is the survey that is published", () => {
  const secret = `AKIA${"ABCDEFGHIJKLMNOP"}`;
  const ask = (server: SharingGateway, path: string, body: object) => server.api(path, { method: "POST", body });

  it("a history with findings needs the confirmation of just these", async () => {
    const { server, repository } = await shared();
    repository.commit("Oops", { "config.py": `key = "${secret}"\n` });
    repository.commit("Removed", { "config.py": "key = None\n" });
    const commit = { ref: "main", get: "history" } as const;
    const { status, body } = await ask(server, "/api/share/survey", { commit });
    const survey = body as HistorySurvey;
    expect({ status, findings: survey.findings.map(({ rule, path }) => `${path}: ${rule}`) }).toEqual({
      status: 200,
      findings: [".env: hidden name", "config.py: AWS access key", "removed.env: hidden name"],
    });
    expect(JSON.stringify(survey)).not.toContain(secret);
    const request = { permission: "view", commit };
    for (const confirm_survey of [undefined, "0".repeat(64)]) {
      const refused = await ask(server, "/api/share/create", { ...request, ...(confirm_survey && { confirm_survey }) });
      expect(refused).toMatchObject({ status: 409, body: { error: { code: "SHARE_HISTORY_SECRETS" } } });
    }
    const later = repository.commit("Later", { "a.txt": "three\n" });
    const moved = await ask(server, "/api/share/create", { ...request, confirm_survey: survey.hash });
    expect(moved.status).toBe(409);
    repository.git("reset", "-q", "--hard", "HEAD~1");
    const { share, guest } = await server.enter({ permission: "view", commit, confirm_survey: survey.hash });
    const token = await tokenOf(guest);
    const address = addressOf({ server, repository, share, guest });
    expect((await finished(guestGit(server, token, "clone", "-q", address, "copy"))).code).toBe(0);
    const copy = join(server.home, "copy");
    expect(runGit(copy, ["rev-parse", "HEAD"])).toBe(repository.git("rev-parse", "main"));
    expect(runGit(copy, ["log", "--format=%s"])).toBe("Removed\nOops\nSecond\nFirst");
    // Another branch and what came later stay where they are.
    for (const id of [later, repository.git("rev-parse", "hidden-branch")]) {
      expect((await finished(guestGit(server, token, "-C", copy, "fetch", address, id))).code).not.toBe(0);
    }
    // What guests see of it is still without hidden files.
    expect(await (await guest.session()).ask("read", { path: ".env" })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("a new finding in a followed branch is held back", { timeout: 60_000 }, async () => {
    const { server, repository } = await shared();
    const commit = { ref: "main", get: "history", follow: true } as const;
    const { body } = await ask(server, "/api/share/survey", { commit });
    const confirm_survey = (body as HistorySurvey).hash;
    const { guest } = await server.enter({ permission: "view", commit, confirm_survey });
    const session = await guest.session();
    repository.commit("Oops", { "config.py": `key = "${secret}"\n` });
    await session.find((one) => one.type === "share" && one.share.commit?.state === "held");
    expect(await session.ask("read", { path: "config.py" })).toMatchObject({ code: "NOT_FOUND" });
  });
});

/** A GET with bytes for an answer. */
async function fetchBytes({ server, guest, share }: Shared, path: string): Promise<Buffer> {
  const address = new URL(`/share/${share.id}/${path}`, server.url);
  const answer = await fetch(address, { headers: { cookie: guest.cookie ?? "" } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-disposition")).toContain("attachment");
  return Buffer.from(await answer.arrayBuffer());
}
