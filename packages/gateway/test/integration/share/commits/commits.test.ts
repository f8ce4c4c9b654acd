import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { CommitRequest } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { TestRepository } from "../../../support/git/test-repository.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

/** A gateway whose workspace is a repository with two commits. */
async function withRepository() {
  const server = await SharingGateway.start();
  const repository = new TestRepository(server.workspace);
  repository.commit("First", {
    "README.md": "# Tides\n",
    "a.txt": "one\n",
    "old.txt": "a file that moves\n",
    ".env": "KEY=1\n",
  });
  repository.git("mv", "old.txt", "new.txt");
  repository.commit("Second\n\nWith a reason.", { "a.txt": "two\n", "src/b.py": "print('b')\n" });
  repository.write({ "a.txt": "not committed\n", "uncommitted.txt": "x\n" });
  return { server, repository };
}

async function guestOf(server: SharingGateway, commit: CommitRequest) {
  const { share, guest } = await server.enter({ permission: "View Only", commit });
  return { share, guest, session: await guest.session() };
}

/** Names of the folders that shares of commits have. */
function foldersOf(server: SharingGateway): string[] {
  const folder = join(server.dataFolder, "git");
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe("a shared commit", () => {
  it("shows its files, and neither later changes nor hidden ones", async () => {
    const { server } = await withRepository();
    const { share, session } = await guestOf(server, { ref: "HEAD" });
    expect(share).toMatchObject({
      permission: "View Only",
      root: server.workspace,
      commit: { name: "main", get: "snapshot" },
    });
    const { share: shown } = await session.message("welcome");
    expect(shown).toMatchObject({ root_name: "workspace", commit: { name: "main", branch: "refs/heads/main" } });
    const { entries } = (await session.ask("list", { path: "" })) as { entries: { name: string }[] };
    expect(entries.map(({ name }) => name).sort()).toEqual(["README.md", "a.txt", "new.txt", "src"]);
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "two\n", writable: false });
    expect(await session.ask("read", { path: ".env" })).toMatchObject({ code: "NOT_FOUND" });
    expect(await session.ask("find", { pattern: "b.py" })).toMatchObject({ paths: ["src/b.py"] });
  });

  it("says who made it and what it changed, with the files before", async () => {
    const { server, repository } = await withRepository();
    const { session } = await guestOf(server, { ref: "main" });
    expect(await session.ask("commit-info", {})).toMatchObject({
      id: repository.git("rev-parse", "main"),
      base: repository.git("rev-parse", "main~1"),
      message: "Second\n\nWith a reason.",
      author: "Ana",
      email: "ana@example.org",
      date: "2023-11-14T22:13:20.000Z",
      changes: 3,
      left_out: 1,
    });
    expect(await session.ask("commit-changes", {})).toEqual({
      changes: [
        { path: "a.txt", what: "changed" },
        { path: "new.txt", what: "renamed", from: "old.txt" },
        { path: "src/b.py", what: "added" },
      ],
      next: null,
    });
    expect(await session.ask("commit-base", { path: "a.txt" })).toEqual({ encoding: "utf8", content: "one\n" });
    expect(await session.ask("commit-base", { path: "old.txt" })).toMatchObject({ content: "a file that moves\n" });
    for (const path of ["src/b.py", ".env", "../x", "README.md"]) {
      expect(await session.ask("commit-base", { path })).toMatchObject({ code: "NOT_FOUND" });
    }
  });

  it("guests of a share of files learn of no commit", async () => {
    const { server } = await withRepository();
    const { guest } = await server.enter({ permission: "View Only" });
    const session = await guest.session();
    expect(await session.ask("commit-info", {})).toMatchObject({ code: "NOT_FOUND" });
    expect(await session.ask("commit-base", { path: "a.txt" })).toMatchObject({ code: "NOT_FOUND" });
    expect((await session.message("welcome")).share).not.toHaveProperty("commit");
  });

  it.each([
    [{ permission: "edit", commit: { ref: "main" } }, "permission"],
    [{ permission: "terminal", commit: { ref: "main" } }, "permission"],
    [{ permission: "view", commit: { ref: "main" }, file: "a.txt" }, "file"],
    [{ permission: "view", commit: { ref: "main" }, app: { port: 8501 } }, "app"],
    [{ permission: "view", commit: { ref: "no-such" } }, "commit"],
    [{ permission: "view", commit: { ref: "--upload-pack=x" } }, "commit"],
    [{ permission: "view", commit: { ref: "$(id)" } }, "commit"],
    [{ permission: "view", commit: { ref: "main:a.txt" } }, "commit"],
    [{ permission: "view", commit: { ref: "main", base: "no-such" } }, "commit"],
    [{ permission: "view", commit: { ref: "main~1", follow: true } }, "commit"],
  ] as const)("is refused as %j, and nothing is left", async (body, field) => {
    const { server } = await withRepository();
    const answer = await server.api("/api/share/create", { method: "POST", body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "SHARE_INVALID", field } } });
    expect(foldersOf(server)).toEqual([]);
    expect((await server.api("/api/share/list")).body).toEqual({ shares: [] });
  });

  it("a folder in no repository is refused", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "x" } });
    const body = { permission: "view", commit: { ref: "HEAD" } };
    const answer = await server.api("/api/share/create", { method: "POST", body });
    expect(answer).toMatchObject({ status: 400, body: { error: { field: "commit" } } });
  });

  it("survives a restart, and leaves nothing when it ends", async () => {
    const { server, repository } = await withRepository();
    const { share } = await guestOf(server, { ref: "main" });
    // 21: the owner rewrites and collects the commit.
    repository.git("reset", "-q", "--hard", "main~1");
    repository.git("reflog", "expire", "--expire=now", "--all");
    repository.git("gc", "-q", "--prune=now");
    await server.restart();
    const session = await (await server.guest(share).enter()).session();
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "two\n" });
    expect(await session.ask("commit-base", { path: "a.txt" })).toMatchObject({ content: "one\n" });
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    await session.closed;
    await expect.poll(() => foldersOf(server)).toEqual([]);
  });
});

describe("a followed branch", () => {
  it("moves by itself, says when it was rewritten or deleted, and keeps its last files", {
    timeout: 120_000,
  }, async () => {
    const { server, repository } = await withRepository();
    repository.git("checkout", "-q", "-f", "-b", "week3");
    const { guest, session, share } = await guestOf(server, { ref: "week3", base: "main~1", follow: true });
    await session.ask("watch", { path: "" });
    const third = repository.commit("Third", { "a.txt": "three\n", "c.txt": "new\n" });
    const moved = await session.find((one) => one.type === "share" && one.share.commit?.id === third);
    expect(moved).toMatchObject({ share: { commit: { name: "week3", follow: true, state: "current" } } });
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "three\n" });
    expect(await session.ask("commit-info", {})).toMatchObject({ id: third, message: "Third" });
    await session.find(
      (one) => one.type === "changes" && one.changes.some(({ path, kind }) => path === "c.txt" && kind === "created"),
    );
    repository.git("rm", "-q", "-f", "c.txt");
    repository.git("commit", "-q", "--amend", "-m", "Third again");
    await session.find((one) => one.type === "share" && one.share.commit?.state === "rewritten");
    expect(await session.ask("read", { path: "c.txt" })).toMatchObject({ code: "NOT_FOUND" });
    repository.git("checkout", "-q", "-f", "main");
    repository.git("branch", "-q", "-D", "week3");
    await session.find((one) => one.type === "share" && one.share.commit?.state === "gone");
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "three\n" });
    const { shares } = (await server.api("/api/share/list")).body as { shares: { id: string; commit: object }[] };
    expect(shares.find(({ id }) => id === share.id)?.commit).toMatchObject({ state: "gone" });
    expect((await guest.ask("about")).body).toContain('"state":"gone"');
  });

  it("whose newest commit cannot be shown keeps the one before", {
    timeout: 60_000,
  }, async () => {
    const server = await SharingGateway.start({
      flags: { "share-limits": JSON.stringify({ free: 0, free_percent: 0, commit_size: 1_000 }) },
    });
    const repository = new TestRepository(server.workspace);
    repository.commit("First", { "a.txt": "one\n" });
    const { session, share } = await guestOf(server, { ref: "main", follow: true });
    repository.commit("Large", { "a.txt": "two\n", "large.bin": Buffer.alloc(2_000) });
    const held = await session.find((one) => one.type === "share" && one.share.commit?.state === "held");
    expect(JSON.stringify(held)).not.toContain("bytes");
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "one\n" });
    const { shares } = (await server.api("/api/share/list")).body as { shares: { id: string; commit: object }[] };
    expect(shares.find(({ id }) => id === share.id)?.commit).toMatchObject({
      state: "held",
      reason: "its files have more than 1000 bytes together",
    });
  });
});
