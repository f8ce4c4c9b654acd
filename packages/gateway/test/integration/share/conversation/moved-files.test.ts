import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { CreatedShare, CreateShare, MovedFiles, Thread, Threads } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import type { SessionClient } from "../../../support/guest-client.ts";
import { LiveGuest } from "../../../support/live-guest.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const text = "one = 1\ntwo = 2\nthree = 3\n";
const files = { "model.py": text, "src/deep/part.py": text, "other.py": "other = 0\n" };

let server: SharingGateway;
let share: CreatedShare;
let session: SessionClient;

async function start(request: CreateShare = { permission: "edit" }, administrator = {}): Promise<void> {
  server = await SharingGateway.start({ files, flags: administrator });
  const entered = await server.enter(request);
  share = entered.share;
  session = await entered.guest.session();
}

const place = (path: string) => join(server.workspace, path);
const comment = async (path: string, line = 2, words = "look") =>
  (await server.api(`/api/share/${share.id}/comments`, { method: "POST", body: { path, line, text: words } }))
    .body as Thread;
const all = async () => ((await server.api(`/api/share/${share.id}/comments`)).body as Threads).threads;
const asGuest = async (path?: string) =>
  (await session.ask("comments", path === undefined ? {} : { path })) as Threads | { code: string };
const told = (holds: (thread: Thread) => boolean) =>
  session.find((message) => message.type === "thread" && holds(message.thread as Thread));
const asIde = (...moves: MovedFiles["moves"]) =>
  server.api("/api/share/moved-files", { method: "POST", body: { moves } });

/** Where the store says that the threads are. */
function stored(): { path: string; place: string }[] {
  const store = new DatabaseSync(join(server.dataFolder, "shares.sqlite"), { readOnly: true });
  try {
    return store.prepare("SELECT path, place FROM threads ORDER BY id").all() as { path: string; place: string }[];
  } finally {
    store.close();
  }
}

describe("comments go along with their file", () => {
  it("when a guest renames it, and they are told so", async () => {
    await start();
    const { id } = await comment("model.py");
    expect(await session.ask("rename", { from: "model.py", to: "src/renamed.py" })).toMatchObject({ kind: "file" });
    expect(await told(({ path }) => path === "src/renamed.py")).toMatchObject({ thread: { id, line: 2, gone: false } });
    expect(await all()).toMatchObject([{ id, path: "src/renamed.py", line: 2, outdated: false, gone: false }]);
    expect(await asGuest("src/renamed.py")).toMatchObject({ threads: [{ id }] });
    await expect.poll(stored).toEqual([{ path: "src/renamed.py", place: place("src/renamed.py") }]);
  });

  it("when a guest renames a folder above it", async () => {
    await start();
    const { id } = await comment("src/deep/part.py");
    await session.ask("rename", { from: "src", to: "lib" });
    expect(await all()).toMatchObject([{ id, path: "lib/deep/part.py", outdated: false, gone: false }]);
    expect(await asGuest("lib/deep/part.py")).toMatchObject({ threads: [{ id, path: "lib/deep/part.py" }] });
    await expect.poll(stored).toEqual([{ path: "lib/deep/part.py", place: place("lib/deep/part.py") }]);
  });

  it("when the owner's IDE renames files and folders, in their order", async () => {
    await start();
    const one = await comment("model.py");
    const other = await comment("other.py", 1);
    const part = await comment("src/deep/part.py");
    renameSync(place("model.py"), place("between.py"));
    renameSync(place("other.py"), place("model.py"));
    renameSync(place("between.py"), place("other.py"));
    renameSync(place("src/deep"), place("shallow"));
    const { status } = await asIde(
      { from: place("model.py"), to: place("between.py") },
      { from: place("other.py"), to: place("model.py") },
      { from: place("between.py"), to: place("other.py") },
      { from: place("src/deep"), to: place("shallow") },
    );
    expect(status).toBe(204);
    expect((await all()).map(({ id, path }) => [id, path])).toEqual([
      [one.id, "other.py"],
      [other.id, "model.py"],
      [part.id, "shallow/part.py"],
    ]);
    expect(await told(({ id, path }) => id === part.id && path === "shallow/part.py")).toBeDefined();
  });

  it("when another program moves it, once somebody asks, with the changes since", async () => {
    await start();
    const { id } = await comment("model.py", 3);
    mkdirSync(place("far/away"), { recursive: true });
    renameSync(place("model.py"), place("far/away/moved.py"));
    writeFileSync(place("far/away/moved.py"), `zero = 0\n${text}`);
    expect(await asGuest("far/away/moved.py")).toMatchObject({ threads: [{ id, line: 4, outdated: false }] });
    expect(await all()).toMatchObject([{ id, path: "far/away/moved.py", line: 4, gone: false }]);
  });

  it("when another program moves a saved file while no gateway runs", async () => {
    await start();
    const { id } = await comment("model.py");
    const live = await LiveGuest.open(session, "model.py");
    live.type(0, "# typed\n");
    await expect.poll(() => readFileSync(place("model.py"), "utf8")).toBe(`# typed\n${text}`);
    expect(await all()).toMatchObject([{ line: 3 }]);
    session.socket.close();
    await server.gateway.close();
    renameSync(place("model.py"), place("offline.py"));
    await server.restart();
    expect(await all()).toMatchObject([{ id, path: "offline.py", line: 3, gone: false }]);
    await expect.poll(stored).toEqual([{ path: "offline.py", place: place("offline.py") }]);
  });

  it("and stay with the file where only a link to it is renamed", async () => {
    await start();
    symlinkSync("model.py", place("link.py"));
    const { id } = await comment("model.py");
    renameSync(place("link.py"), place("model2.py"));
    await asIde({ from: place("link.py"), to: place("model2.py") });
    expect(await all()).toMatchObject([{ id, path: "model.py", gone: false }]);
  });
});

describe("comments of a file that is gone", () => {
  it("stay listed when a guest deletes it, until it is there again", async () => {
    await start();
    const { id } = await comment("model.py");
    await session.ask("delete", { path: "model.py" });
    expect(await told(({ gone }) => gone)).toMatchObject({ thread: { id, path: "model.py", line: 2 } });
    expect(await all()).toMatchObject([{ id, path: "model.py", line: 2, gone: true, outdated: true }]);
    expect(await asGuest()).toMatchObject({ threads: [{ id, gone: true, path: "model.py", line: 2 }] });
    const answer = { thread: id, text: "Why?", key: "key-of-an-answer" };
    expect(await session.ask("reply", answer)).toMatchObject({ gone: true, comments: [{}, { text: "Why?" }] });
    writeFileSync(place("model.py"), text);
    expect(await all()).toMatchObject([{ id, gone: false, outdated: false }]);
  });

  it("stay listed when the IDE or another program deletes it", async () => {
    await start();
    const one = await comment("model.py");
    const part = await comment("src/deep/part.py");
    rmSync(place("src"), { recursive: true });
    await asIde({ from: place("src"), to: null });
    rmSync(place("model.py"));
    writeFileSync(place("fresh.py"), text);
    expect((await all()).map(({ id, path, gone }) => [id, path, gone])).toEqual([
      [one.id, "model.py", true],
      [part.id, "src/deep/part.py", true],
    ]);
    expect(await asGuest()).toMatchObject({ threads: [{ gone: true }, { gone: true }] });
    expect(await asGuest("fresh.py")).toEqual({ threads: [] });
  });

  it("moved out of the shared folder it is gone, and its new place is not named", async () => {
    await start();
    const { id } = await comment("model.py");
    renameSync(place("model.py"), join(server.home, "outside.py"));
    await asIde({ from: place("model.py"), to: join(server.home, "outside.py") });
    expect(await all()).toMatchObject([{ id, path: "model.py", gone: true }]);
    expect(JSON.stringify(await asGuest())).not.toContain("outside");
  });
});

describe("who sees comments of a file that was moved", () => {
  it("R10: with a hidden name it takes them along: guests neither see nor write any", async () => {
    await start({ permission: "edit" }, { "share-hidden": "secret*" });
    const { id } = await comment("model.py");
    await told((thread) => thread.id === id);
    renameSync(place("model.py"), place("secret.py"));
    await asIde({ from: place("model.py"), to: place("secret.py") });
    expect(await session.message("thread-gone")).toEqual({ type: "thread-gone", thread: id });
    expect(await asGuest()).toEqual({ threads: [] });
    const answer = { thread: id, text: "blind", key: "key-of-an-answer" };
    expect(await session.ask("reply", answer)).toMatchObject({ code: "NOT_FOUND" });
    // Deleted, it still had a name that they do not see.
    rmSync(place("secret.py"));
    expect(await all()).toMatchObject([{ id, path: "secret.py", gone: true, comments: [{ text: "look" }] }]);
    expect(await asGuest()).toEqual({ threads: [] });
    expect(await session.ask("reply", answer)).toMatchObject({ code: "NOT_FOUND" });
  });

  it("R9: guests of one file do not see it under another name", async () => {
    await start({ permission: "edit", file: "model.py" });
    const { id } = await comment("model.py");
    await told((thread) => thread.id === id);
    renameSync(place("model.py"), place("renamed.py"));
    await asIde({ from: place("model.py"), to: place("renamed.py") });
    expect(await session.message("thread-gone")).toEqual({ type: "thread-gone", thread: id });
    expect(await asGuest()).toEqual({ threads: [] });
    expect(await all()).toMatchObject([{ id, path: "renamed.py", gone: false }]);
  });

  it("all comments of a share are those in files that the guest sees", async () => {
    await start({ permission: "view", file: "src" });
    const { id } = await comment("src/deep/part.py");
    const elsewhere = await server.enter({ permission: "view" });
    const body = { path: "other.py", line: 1, text: "elsewhere" };
    await server.api(`/api/share/${elsewhere.share.id}/comments`, { method: "POST", body });
    expect(await asGuest()).toMatchObject({ threads: [{ id, path: "src/deep/part.py" }] });
  });

  it("a place that is no absolute path is refused, and nothing moves", async () => {
    await start();
    const { id } = await comment("model.py");
    expect((await asIde({ from: "model.py", to: place("x.py") })).status).toBe(400);
    expect(await all()).toMatchObject([{ id, path: "model.py" }]);
  });
});
