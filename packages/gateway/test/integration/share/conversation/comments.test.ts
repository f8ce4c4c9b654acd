import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit, CreatedShare, CreateShare, Thread, Threads } from "@waiide/protocol";
import { ChangeSet, changeJson } from "@waiide/protocol/live";
import { describe, expect, it } from "vitest";
import type { GuestClient, SessionClient } from "../../../support/guest-client.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const files = {
  "model.py": "one = 1\ntwo = 2\nthree = 3\nfour = 4\nfive = 5\n",
  "other.py": "other = 0\n",
  ".env": "KEY=1\n",
};

let server: SharingGateway;
let share: CreatedShare;
let guest: GuestClient;
let session: SessionClient;

async function start(request: CreateShare = { permission: "view" }, flags: Record<string, string> = {}): Promise<void> {
  server = await SharingGateway.start({ files, flags });
  ({ share, guest } = await server.enter(request));
  session = await guest.session();
}

const asOwner = (path: string, method: string, body?: object) =>
  server.api(`/api/share/${share.id}/comments${path}`, { method, ...(body && { body }) });
const comment = async (line: number, text = "look", path = "model.py") =>
  (await asOwner("", "POST", { path, line, text })).body as Thread;
const all = async () => ((await server.api(`/api/share/${share.id}/comments`)).body as Threads).threads;
const inFile = (by = session, path = "model.py") => by.ask("comments", { path });
const threadSaid = (text: string, by = session) =>
  by.find((one) => one.type === "thread" && one.thread.comments.at(-1)?.text === text);
let keys = 0;
const key = () => `key-${++keys}-of-a-page`;

/** Whether a text is anywhere in the store's file. */
function isStored(text: string): boolean {
  return readFileSync(join(server.dataFolder, "shares.sqlite")).includes(Buffer.from(text));
}

/** Writes into the file as it is live, as a guest. */
async function typeLive(by: SessionClient, from: number, to: number, text: string, isFirst = true): Promise<void> {
  by.socket.send(JSON.stringify({ type: "live-open", path: "model.py", client: `client-${by.messages.length}` }));
  const opened = await by.message("live-opened");
  const length = (opened.text ?? "").length;
  const change = changeJson(ChangeSet.of({ from, to, insert: text }, length));
  expect(isFirst).toBe(true);
  by.socket.send(JSON.stringify({ type: "live-change", doc: opened.doc, rev: opened.rev, seq: 1, change }));
  await by.message("live-changes");
}

describe("comments on lines", () => {
  it("the owner comments, a guest sees it at the line and replies", async () => {
    await start();
    const made = await comment(2, "Is this right?");
    expect(made).toMatchObject({ path: "model.py", line: 2, end_line: 2, outdated: false, resolved: false });
    expect(await threadSaid("Is this right?")).toMatchObject({ thread: { id: made.id, line: 2 }, written: true });
    const reply = await session.ask("reply", { thread: made.id, text: "Yes.", key: key() });
    expect(reply).toMatchObject({
      comments: [
        { text: "Is this right?", own: false },
        { text: "Yes.", own: true },
      ],
    });
    expect((await all())[0]?.comments.map(({ name, own }) => [name, own])).toEqual([
      [expect.any(String), true],
      ["Bob", false],
    ]);
  });

  it("a View Only guest comments; all who see the file get it, and may resolve it", async () => {
    await start();
    const other = await (await server.guest(share).enter("Carol")).session();
    const made = (await session.ask("comment", {
      path: "model.py",
      line: 2,
      end_line: 3,
      text: "Both",
      key: key(),
    })) as Thread;
    expect(await threadSaid("Both", other)).toMatchObject({ thread: { line: 2, end_line: 3 } });
    expect(await other.ask("resolve", { thread: made.id, resolved: true })).toMatchObject({ resolved: true });
    expect((await all())[0]).toMatchObject({ id: made.id, resolved: true });
    const resolved = await session.find((one) => one.type === "thread" && one.thread.resolved);
    expect(resolved).toMatchObject({ written: false });
    expect(await inFile()).toMatchObject({ threads: [{ id: made.id, resolved: true }] });
    expect(await inFile(session, "other.py")).toEqual({ threads: [] });
  });

  it("guests delete their own comments only, the owner any", async () => {
    await start();
    const made = await comment(1, "from the owner");
    const { comments } = (await session.ask("reply", { thread: made.id, text: "mine", key: key() })) as Thread;
    const [first, second] = comments.map(({ id }) => id) as [number, number];
    expect(await session.ask("delete-comment", { thread: made.id, comment: first })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect((await all())[0]?.comments).toHaveLength(2);
    expect(await session.ask("delete-comment", { thread: made.id, comment: second })).toEqual({});
    expect((await all())[0]?.comments.map(({ text }) => text)).toEqual(["from the owner"]);
    expect(isStored("mine")).toBe(false);
    await session.ask("reply", { thread: made.id, text: "again", key: key() });
    const [, again] = (await all())[0]?.comments ?? [];
    for (const id of [again?.id, first]) {
      expect((await asOwner(`/${made.id}/${id}`, "DELETE")).status).toBe(204);
    }
    expect(await session.message("thread-gone")).toEqual({ type: "thread-gone", thread: made.id });
    expect(await all()).toEqual([]);
    expect(isStored("from the owner")).toBe(false);
  });

  it("a request that is repeated writes one comment", async () => {
    await start();
    const asked = { path: "model.py", line: 1, text: "once", key: key() };
    const [one, other] = await Promise.all([session.ask("comment", asked), session.ask("comment", asked)]);
    expect(other).toEqual(one);
    expect(await all()).toHaveLength(1);
  });

  it("the audit says who commented, and not what", async () => {
    await start();
    await session.ask("comment", { path: "model.py", line: 1, text: "between us", key: key() });
    const { body } = await server.api(`/api/share/audit?share=${share.id}`);
    expect((body as Audit).entries.find(({ event }) => event === "comment")?.who).toContain("Bob");
    expect(JSON.stringify(body)).not.toContain("between us");
  });

  it("they survive a restart, and end with the share", async () => {
    await start();
    await comment(2, "kept for now");
    session.socket.close();
    await server.restart();
    expect((await all()).map(({ line, comments }) => [line, comments[0]?.text])).toEqual([[2, "kept for now"]]);
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    expect((await server.api(`/api/share/${share.id}/comments`)).status).toBe(404);
    await server.restart();
    expect(isStored("kept for now")).toBe(false);
  });
});

describe("comments stay with their lines", () => {
  it("while people type above them", async () => {
    await start({ permission: "edit" });
    await comment(3);
    await typeLive(session, 0, 0, "zero = 0\nhalf = 0.5\n");
    expect((await all())[0]).toMatchObject({ line: 5, outdated: false });
    expect(await inFile()).toMatchObject({ threads: [{ line: 5 }] });
  });

  it("where their line is written anew, and are out of date where it is deleted", async () => {
    await start({ permission: "edit" });
    await comment(2, "written anew");
    await comment(4, "deleted");
    const text = files["model.py"];
    const changed = "one = 1\nsecond = 22\nthree = 3\nfive = 5\n";
    await typeLive(session, 0, text.length, changed);
    expect((await all()).map(({ line, outdated }) => [line, outdated])).toEqual([
      [2, false],
      [3, true],
    ]);
  });

  it("where another program changes the file, also while no gateway runs", async () => {
    await start();
    await comment(3);
    writeFileSync(join(server.workspace, "model.py"), `# new\n${files["model.py"]}`);
    expect((await all())[0]).toMatchObject({ line: 4, outdated: false });
    session.socket.close();
    await server.gateway.close();
    writeFileSync(join(server.workspace, "model.py"), `# new\n# newer\n${files["model.py"]}`);
    await server.restart();
    expect((await all())[0]).toMatchObject({ line: 5, outdated: false });
  });
});

describe("who sees and writes comments", () => {
  it("guests of another share neither see them nor answer", async () => {
    await start();
    const elsewhere = await server.enter({ permission: "edit" });
    const stranger = await elsewhere.guest.session();
    const made = await comment(1, "only here");
    await threadSaid("only here");
    expect(await inFile(stranger)).toEqual({ threads: [] });
    expect(await stranger.ask("reply", { thread: made.id, text: "x", key: key() })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(stranger.messages.filter(({ type }) => type === "thread")).toEqual([]);
    expect((await all())[0]?.comments).toHaveLength(1);
  });

  it.each([
    ["hidden", { permission: "edit" }, ".env"],
    ["outside the scope", { permission: "edit", file: "other.py" }, "model.py"],
    ["missing", { permission: "edit" }, "none.py"],
    ["above the root", { permission: "edit" }, "../secret"],
  ] as const)(
    "R10: a %s file has no comments: nobody writes any, and nothing is stored",
    async (_name, request, path) => {
      await start(request);
      expect(await session.ask("comment", { path, line: 1, text: "unseen", key: key() })).toMatchObject({
        code: "NOT_FOUND",
      });
      expect(await inFile(session, path)).toMatchObject({ code: "NOT_FOUND" });
      expect((await asOwner("", "POST", { path, line: 1, text: "unseen" })).status).toBe(400);
      expect(await all()).toEqual([]);
      expect(isStored("unseen")).toBe(false);
    },
  );

  it("R12: a selection's guests comment within it only, and count its lines", async () => {
    await start({ permission: "view", file: "model.py", line: 2, col: 0, end_line: 3, end_col: 9 });
    expect(await comment(3, "here")).toMatchObject({ line: 3 });
    expect(await threadSaid("here")).toMatchObject({ thread: { line: 2 } });
    expect((await asOwner("", "POST", { path: "model.py", line: 4, text: "outside" })).status).toBe(400);
    const outside = await session.ask("comment", { path: "model.py", line: 3, text: "outside", key: key() });
    expect(outside).toMatchObject({ code: "INVALID" });
    writeFileSync(join(server.workspace, "model.py"), `# new\n${files["model.py"]}`);
    expect(await inFile()).toMatchObject({ threads: [{ line: 2, end_line: 2, outdated: false }] });
    expect(await all()).toMatchObject([{ line: 4 }]);
    expect(isStored("outside")).toBe(false);
  });

  it("R10: a file that becomes hidden takes its comments along", async () => {
    await start();
    const made = await comment(1, "seen");
    await threadSaid("seen");
    await server.gateway.close();
    writeFileSync(join(server.home, "administrator.json"), JSON.stringify({ "share-hidden": ["model.py"] }));
    await server.restart();
    session = await guestAgain();
    expect(await inFile()).toMatchObject({ code: "NOT_FOUND" });
    expect(await session.ask("reply", { thread: made.id, text: "blind", key: key() })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect((await all())[0]?.comments).toHaveLength(1);
  });

  it("a removed guest is sent nothing more, and writes nothing", async () => {
    await start();
    const { you } = await session.message("welcome");
    await server.api(`/api/share/${share.id}/guests/${you.session}`, { method: "DELETE" });
    await session.closed;
    await comment(1, "after");
    expect(session.messages.filter(({ type }) => type === "thread")).toEqual([]);
    expect(await guest.upgrade("api/session")).toBe(401);
  });

  it("R19: turned off, nobody writes or reads any", async () => {
    await start({ permission: "edit" }, { "share-talk": "off" });
    const asked = { path: "model.py", line: 1, text: "x", key: key() };
    expect(await session.ask("comment", asked)).toMatchObject({ code: "DENIED" });
    expect(await inFile()).toMatchObject({ code: "DENIED" });
    expect((await asOwner("", "POST", { path: "model.py", line: 1, text: "x" })).status).toBe(403);
    expect((await server.api(`/api/share/${share.id}/comments`)).status).toBe(403);
  });
});

describe("limits of comments", () => {
  it.each([
    ["nothing", ""],
    ["2,001 characters", "x".repeat(2_001)],
    ["a terminal's control characters", "a\u001b[2J"],
  ])("R17: %s is refused, and nothing is written", async (_name, text) => {
    await start();
    expect(await session.ask("comment", { path: "model.py", line: 1, text, key: key() })).toMatchObject({
      code: "INVALID",
    });
    expect((await asOwner("", "POST", { path: "model.py", line: 1, text })).status).toBe(400);
    expect(await all()).toEqual([]);
  });

  it.each([0, 7])("line %i of a file of six is refused", async (line) => {
    await start();
    expect(await session.ask("comment", { path: "model.py", line, text: "x", key: key() })).toMatchObject({
      code: "INVALID",
    });
    expect((await asOwner("", "POST", { path: "model.py", line, text: "x" })).status).toBe(400);
    expect(await all()).toEqual([]);
  });

  it("R14: a share has so many comments and no more, however they come at once", async () => {
    await start({ permission: "view" }, { "share-limits": JSON.stringify({ comments: 3, free: 0 }) });
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((line) => session.ask("comment", { path: "model.py", line, text: "x", key: key() })),
    );
    expect(answers.filter((answer) => "code" in answer)).toMatchObject([{ code: "BUSY" }, { code: "BUSY" }]);
    expect(await all()).toHaveLength(3);
    expect((await asOwner("", "POST", { path: "model.py", line: 1, text: "x" })).status).toBe(429);
  });

  it("R14: a guest who writes very often is refused for a while, the others are not", async () => {
    await start();
    const made = await comment(1);
    for (let index = 0; index < 20; index += 1) {
      await session.ask("reply", { thread: made.id, text: `a${index}`, key: key() });
    }
    expect(await session.ask("reply", { thread: made.id, text: "too much", key: key() })).toMatchObject({
      code: "BUSY",
    });
    const other = await (await server.guest(share).enter("Carol")).session();
    expect(await other.ask("reply", { thread: made.id, text: "calm", key: key() })).toMatchObject({ id: made.id });
    expect(isStored("too much")).toBe(false);
  });
});

async function guestAgain(): Promise<SessionClient> {
  const again = server.guest(share);
  again.cookie = guest.cookie;
  return again.session();
}
