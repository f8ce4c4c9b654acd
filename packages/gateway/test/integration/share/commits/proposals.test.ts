import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit, CloneToken, CommitRequest, CreatedShare, ProposalDiff, Proposals } from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { cloneAddress, cloneToken, runGuestGit } from "../../../support/git/guest-git.ts";
import { HostileRepository } from "../../../support/git/hostile-repository.ts";
import { runGit, TestRepository } from "../../../support/git/test-repository.ts";
import type { GuestClient } from "../../../support/guest-client.ts";
import { PlainHub } from "../../../support/plain-hub.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

interface Shared {
  readonly server: SharingGateway;
  readonly repository: TestRepository;
  readonly share: CreatedShare;
}

/** A branch that guests of a hub may propose changes to. */
async function shared(commit: Partial<CommitRequest> = {}, limits: object = {}, make = firstCommit): Promise<Shared> {
  const hub = await PlainHub.start("alice");
  onTestFinished(() => hub.close());
  const server = await SharingGateway.start({
    flags: {
      auth: undefined,
      token: undefined,
      "share-hub-users-only": true,
      "share-limits": JSON.stringify({ free: 0, free_percent: 0, ...limits }),
    },
    environment: hub.environmentOf({ user: "alice", prefix: "/user/alice/" }),
  });
  const repository = make(server.workspace);
  const share = await server.create({ permission: "view", commit: { ref: "main", propose: true, ...commit } });
  return { server, repository, share };
}

function firstCommit(folder: string): TestRepository {
  const repository = new TestRepository(folder);
  repository.commit("First", { "a.txt": "one\n", "config/.env": "KEY=1\n", "src/b.py": "b = 1\n" });
  return repository;
}

/** A clone of a hub user. */
class Clone {
  readonly folder: string;
  readonly token: CloneToken;
  readonly guest: GuestClient;
  readonly #home: string;

  private constructor(home: string, folder: string, token: CloneToken, guest: GuestClient) {
    [this.#home, this.folder, this.token, this.guest] = [home, folder, token, guest];
  }

  static async of({ server, share }: Shared, user: string): Promise<Clone> {
    const guest = await server.guest(share).enterAs(user);
    const token = await cloneToken(guest);
    const home = join(server.home, `home-of-${encodeURIComponent(user)}`);
    mkdirSync(home);
    const clone = new Clone(home, join(home, "clone"), token, guest);
    const { code, text } = await clone.git("clone", "-q", cloneAddress(server.url, token), clone.folder);
    expect(code, text).toBe(0);
    return clone;
  }

  commit(message: string, files: Readonly<Record<string, string | Buffer>>): string {
    return new TestRepository(this.folder).commit(message, files);
  }

  git(...args: string[]) {
    return runGuestGit(this.#home, this.token.password, ...args);
  }

  push(to = this.token.propose ?? "", ...options: string[]) {
    return this.git("-C", this.folder, "push", ...options, "origin", `HEAD:${to}`);
  }
}

async function proposalsOf({ server, share }: Shared): Promise<Proposals["proposals"]> {
  return ((await server.api(`/api/share/${share.id}/proposals`)).body as Proposals).proposals;
}

/** What is on disk for guests, and in the owner's repository. */
function disk({ server, share, repository }: Shared) {
  const folder = join(server.dataFolder, "git", share.id, "proposals");
  const own = readdirSync(repository.folder, { recursive: true, encoding: "utf8" }).sort();
  return {
    kept: existsSync(folder) ? readdirSync(folder) : [],
    own,
    refs: repository.git("for-each-ref"),
    status: repository.git("status", "--porcelain"),
    shown: runGit(join(server.dataFolder, "git", share.id), ["--git-dir", served(server, share), "for-each-ref"]),
  };
}

function served(server: SharingGateway, { id }: CreatedShare): string {
  return readdirSync(join(server.dataFolder, "git", id)).find((name) => name.endsWith(".git")) ?? "";
}

const decide = ({ server, share }: Shared, id: string, what: "accept" | "decline", body: object = {}) =>
  server.api(`/api/share/${share.id}/proposals/${id}/${what}`, {
    method: "POST",
    ...(what === "accept" && { body }),
  });

describe("a user of the hub proposes a change with git", () => {
  it("and its owner sees it, and accepts it as a branch with what guests do not see", async () => {
    const all = await shared();
    const told = await all.server.ownerEvents();
    const bob = await Clone.of(all, "bob");
    expect(bob.token.propose).toBe("from/bob");
    bob.commit("A fix \u001b[31m", { "a.txt": "two\n", "new/c.txt": "c\n" });
    runGit(bob.folder, ["rm", "-q", "src/b.py"]);
    bob.commit("And more", {});
    const pushed = await bob.push();
    expect(pushed.code, pushed.text).toBe(0);
    await expect.poll(() => told("proposed")).toEqual([{ share: all.share.id, user: "bob" }]);
    const [proposal] = await proposalsOf(all);
    expect(proposal).toMatchObject({
      user: "bob",
      message: "And more",
      author: "Ana",
      commits: 2,
      branch: "from/bob",
      changes: [
        { path: "a.txt", what: "changed" },
        { path: "new/c.txt", what: "added" },
        { path: "src/b.py", what: "deleted" },
      ],
    });
    const { body } = await all.server.api(`/api/share/${all.share.id}/proposals/${proposal?.id}`);
    expect((body as ProposalDiff).patch).toContain("-one\n+two\n");
    const main = all.repository.git("rev-parse", "main");
    const accepted = await decide(all, proposal?.id ?? "", "accept");
    expect(accepted).toMatchObject({ status: 200, body: { branch: "from/bob" } });
    expect(all.repository.git("log", "--format=%s", "from/bob")).toBe("And more\nFirst");
    expect(all.repository.git("rev-parse", "from/bob~1")).toBe(main);
    expect(all.repository.git("ls-tree", "-r", "--name-only", "from/bob")).toBe("a.txt\nconfig/.env\nnew/c.txt");
    expect(all.repository.git("fsck", "--strict")).not.toMatch(/error|missing/);
    // Nothing was checked out or merged.
    expect(all.repository.git("symbolic-ref", "HEAD")).toBe("refs/heads/main");
    expect(all.repository.git("rev-parse", "main")).toBe(main);
    expect(all.repository.git("status", "--porcelain")).toBe("");
    expect(readFileSync(join(all.repository.folder, "a.txt"), "utf8")).toBe("one\n");
    expect(disk(all).kept).toEqual([]);
    const { entries } = (await all.server.api("/api/share/audit")).body as Audit;
    expect(entries.map(({ event }) => event)).toEqual(expect.arrayContaining(["propose", "accept-proposal"]));
    expect(entries.find(({ event }) => event === "propose")?.who).toMatch(/^bob of the hub/);
  });

  it("of a history, and gets the very commits back", async () => {
    const all = await shared({ get: "snapshot" });
    const commit = { ref: "main", get: "history", propose: true } as const;
    const { body } = await all.server.api("/api/share/survey", { method: "POST", body: { commit } });
    const { hash } = body as { hash: string };
    const share = await all.server.create({ permission: "view", commit, confirm_survey: hash });
    const bob = await Clone.of({ ...all, share }, "bob");
    const made = bob.commit("A fix", { "a.txt": "two\n" });
    expect((await bob.push()).code).toBe(0);
    const [proposal] = await proposalsOf({ ...all, share });
    await decide({ ...all, share }, proposal?.id ?? "", "accept", { branch: "fix" });
    expect(all.repository.git("rev-parse", "fix")).toBe(made);
  });

  it("a later push replaces the earlier one, and declining removes it", async () => {
    const all = await shared();
    const [bob, eve] = [await Clone.of(all, "bob"), await Clone.of(all, "eve@x")];
    const first = bob.commit("One", { "a.txt": "2\n" });
    expect((await bob.push()).code).toBe(0);
    bob.commit("Two", { "a.txt": "3\n" });
    expect((await bob.push()).code).toBe(0);
    expect((await proposalsOf(all)).map(({ message }) => message)).toEqual(["Two"]);
    expect(disk(all).kept).toHaveLength(1);
    expect(eve.token.propose).toBe("from/eve%40x");
    expect((await eve.git("-C", eve.folder, "fetch", "origin", first)).code).not.toBe(0);
    expect((await eve.git("ls-remote", cloneAddress(all.server.url, eve.token))).text).not.toContain("from/");
    eve.commit("Mine", { "a.txt": "4\n" });
    expect((await eve.push()).code).toBe(0);
    const open = await proposalsOf(all);
    expect(open.map(({ user }) => user).sort()).toEqual(["bob", "eve@x"]);
    for (const { id } of open) expect((await decide(all, id, "decline")).status).toBe(204);
    expect(await proposalsOf(all)).toEqual([]);
    expect(disk(all).kept).toEqual([]);
    expect((await decide(all, open[0]?.id ?? "", "decline")).status).toBe(404);
  });

  it("it outlives a restart and a moved branch, and ends with the share", async () => {
    const all = await shared();
    const bob = await Clone.of(all, "bob");
    bob.commit("One", { "a.txt": "2\n" });
    expect((await bob.push()).code).toBe(0);
    mkdirSync(join(all.server.dataFolder, "git", all.share.id, "proposals", "half", "repository.git"), {
      recursive: true,
    });
    all.repository.commit("Later", { "later.txt": "x\n" });
    await all.server.restart();
    const [proposal] = await proposalsOf(all);
    expect(proposal).toMatchObject({ message: "One" });
    await expect.poll(() => disk(all).kept).toEqual([proposal?.id]);
    await decide(all, proposal?.id ?? "", "accept");
    expect(all.repository.git("log", "--format=%s", "from/bob")).toBe("One\nFirst");
    await all.server.api(`/api/share/revoke/${all.share.id}`, { method: "DELETE" });
    await expect.poll(() => existsSync(join(all.server.dataFolder, "git", all.share.id))).toBe(false);
  });
});

it("R25: every tripwire stays silent at archive, clone, push and accept", async () => {
  const all = await shared({}, {}, (folder) => new HostileRepository(folder, join(folder, "..", "elsewhere")));
  const repository = all.repository as HostileRepository;
  const before = repository.tripped;
  const bob = await Clone.of(all, "bob");
  for (const path of ["archive.zip", "archive.tar.gz", "changes.patch", "repo.bundle"]) {
    expect((await bob.guest.ask(path)).status, path).toBe(200);
  }
  expect(readFileSync(join(bob.folder, "s.gen"), "utf8")).toBe("$Format:%H$\n");
  bob.commit("A fix", { "a.txt": "three\n", "x.bin": "other\n" });
  const pushed = await bob.push();
  expect(pushed.code, pushed.text).toBe(0);
  const [proposal] = await proposalsOf(all);
  expect((await decide(all, proposal?.id ?? "", "accept")).status).toBe(200);
  expect(existsSync(join(repository.folder, ".git", "refs", "heads", "from", "bob"))).toBe(true);
  expect(repository.tripped).toEqual(before);
});

/** Each is tried in a clone as it was; all of them together on one server. */
async function refusedEach(
  all: Shared,
  bob: Clone,
  cases: readonly (readonly [string, () => unknown, () => ReturnType<Clone["push"]>, RegExp])[],
): Promise<void> {
  const clean = runGit(bob.folder, ["rev-parse", "HEAD"]);
  const before = disk(all);
  for (const [what, make, push, reason] of cases) {
    runGit(bob.folder, ["checkout", "-q", "-f", "-B", "main", clean]);
    make();
    const { code, text } = await push();
    expect(code, what).not.toBe(0);
    expect(text, what).toMatch(reason);
    expect(disk(all), what).toEqual(before);
  }
  expect(await proposalsOf(all)).toEqual([]);
}

describe("R34: a push adds a proposal of the one who pushes, and nothing else", () => {
  it("other refs, and deletions, are refused", async () => {
    const all = await shared();
    const bob = await Clone.of(all, "bob");
    const make = () => bob.commit("A fix", { "a.txt": "two\n" });
    const only = /you can only push to from\/bob/;
    await refusedEach(all, bob, [
      ["the shared branch", make, () => bob.push("main"), only],
      ["a proposal of another person", make, () => bob.push("from/eve"), only],
      ["a ref below their own", make, () => bob.push("from/bob/x"), only],
      ["a tag", make, () => bob.push("refs/tags/v1"), only],
      ["by force", make, () => bob.push("main", "--force"), only],
      [
        "two refs at once",
        make,
        () => bob.git("-C", bob.folder, "push", "origin", "HEAD:from/bob", "HEAD:refs/heads/x"),
        only,
      ],
      ["a deletion", make, () => bob.git("-C", bob.folder, "push", "origin", ":main"), /only push to|rejected/],
    ]);
  });

  it("what nobody should have to look at is refused, with the reason", async () => {
    const all = await shared({}, { proposal_size: 20_000 });
    const bob = await Clone.of(all, "bob");
    const git = (...args: string[]) => runGit(bob.folder, args);
    const blob = (text: string) => runGit(bob.folder, ["hash-object", "-w", "--stdin"], text);
    const indexed = (entry: string) => {
      git("update-index", "--add", "--cacheinfo", entry);
      git("commit", "-q", "-m", "x");
    };
    const push = () => bob.push();
    await refusedEach(all, bob, [
      ["a hidden name", () => bob.commit("x", { "config/.env": "KEY=2\n" }), push, /hidden from guests/],
      [
        "a hidden name that a later commit removes",
        () => {
          bob.commit("x", { "k.pem": "x\n", "a.txt": "2\n" });
          git("rm", "-q", "k.pem");
          bob.commit("y", {});
        },
        push,
        /hidden from guests/,
      ],
      ["a link", () => indexed(`120000,${blob("/etc/passwd")},l`), push, /links and submodules/],
      ["a submodule", () => indexed(`160000,${"1".repeat(40)},m`), push, /links and submodules/],
      ["no change", () => bob.commit("empty", {}), push, /changes nothing/],
      [
        "another history",
        () => {
          git("checkout", "-q", "--orphan", "other");
          bob.commit("other", { "z.txt": "z\n" });
        },
        push,
        /does not build on the newest/,
      ],
      [
        "a tree with .git",
        () => {
          const entry = Buffer.concat([Buffer.from("100644 .git\0"), Buffer.from(blob("x"), "hex")]);
          const tree = runGit(bob.folder, ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], entry);
          const commit = git("commit-tree", "-p", "HEAD", "-m", "x", tree);
          writeFileSync(join(bob.folder, ".git", "refs", "heads", "main"), `${commit}\n`);
        },
        push,
        /unpack|rejected/,
      ],
      ["too much", () => bob.commit("x", { "big.bin": incompressible(60_000) }), push, /unpack|rejected|more than/],
    ]);
  });

  it("a share without proposals takes none, and a full one no more", async () => {
    const all = await shared({}, { proposals: 1 });
    const [bob, eve] = [await Clone.of(all, "bob"), await Clone.of(all, "eve")];
    for (const clone of [bob, eve]) clone.commit("A fix", { "a.txt": "two\n" });
    expect((await bob.push()).code).toBe(0);
    const before = disk(all);
    const { code, text } = await eve.push();
    expect(code).not.toBe(0);
    expect(text).toContain("wait for the owner already");
    expect(disk(all)).toEqual(before);
    const closed = { ...all, share: await all.server.create({ permission: "view", commit: { ref: "main" } }) };
    const dan = await Clone.of(closed, "dan");
    expect(dan.token.propose).toBeNull();
    dan.commit("A fix", { "a.txt": "two\n" });
    expect((await dan.push("from/dan")).code).not.toBe(0);
    const authorization = `Basic ${Buffer.from(`x:${dan.token.password}`).toString("base64")}`;
    const direct = { method: "POST", headers: { authorization } };
    expect((await dan.guest.ask("repo.git/git-receive-pack", direct)).status).toBe(403);
    expect(disk(closed).kept).toEqual([]);
    const body = { permission: "view", commit: { ref: "main", get: "none", propose: true } };
    expect((await all.server.api("/api/share/create", { method: "POST", body })).status).toBe(400);
  });

  it("guests whom no hub names propose nothing", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("First", { "a.txt": "one\n" });
    const { share, guest } = await server.enter({ permission: "view", commit: { ref: "main", propose: true } });
    const token = await cloneToken(guest);
    expect(token.propose).toBeNull();
    await runGuestGit(server.home, token.password, "clone", "-q", cloneAddress(server.url, token), "clone");
    const clone = new TestRepository(join(server.home, "clone"));
    clone.commit("A fix", { "a.txt": "two\n" });
    const before = disk({ server, repository, share });
    const pushed = await runGuestGit(
      server.home,
      token.password,
      "-C",
      clone.folder,
      "push",
      "origin",
      "HEAD:from/Bob",
    );
    expect(pushed.code).not.toBe(0);
    expect(disk({ server, repository, share })).toEqual(before);
  });

  it("no branch of the owner's is overwritten, and no odd name becomes one", async () => {
    const all = await shared();
    const bob = await Clone.of(all, "bob");
    // Of this folder guests see nothing, as all of it is hidden.
    bob.commit("A fix", { config: "a file\n" });
    expect((await bob.push()).code).toBe(0);
    const [proposal] = await proposalsOf(all);
    all.repository.git("branch", "taken");
    all.repository.git("branch", "way");
    all.repository.git("worktree", "add", "-q", "--detach", join(all.server.home, "tree"));
    runGit(join(all.server.home, "tree"), ["symbolic-ref", "HEAD", "refs/heads/unborn"]);
    const before = disk(all);
    for (const branch of ["taken", "way/x", "main", "unborn", "a..b", "--force", "../../x", "HEAD", "free"]) {
      const refused = await decide(all, proposal?.id ?? "", "accept", { branch });
      expect(refused, branch).toMatchObject({ status: 400, body: { error: { field: "branch" } } });
      expect(disk(all), branch).toEqual(before);
    }
    expect(await proposalsOf(all)).toHaveLength(1);
  });
});

/** Bytes that do not get smaller when packed, the same each time. */
function incompressible(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, value = 1; at < length; at += 1) {
    value = (value * 48_271) % 2_147_483_647;
    bytes[at] = value & 255;
  }
  return bytes;
}
