import { linkSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GuestChanges, OwnerSave, OwnerSaveAnswer } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { versionOf } from "../../../src/workspace/documents/content.ts";
import { mergeTexts } from "../../../src/workspace/documents/merge.ts";
import type { GuestClient } from "../../support/guest-client.ts";
import { SharingGateway, type SharingOptions } from "../../support/sharing-gateway.ts";

const text = "one\ntwo\nthree\nfour\nfive\n";

async function begin(files: Readonly<Record<string, string>> = { "a.txt": text }, flags: SharingOptions["flags"] = {}) {
  const server = await SharingGateway.start({ files, flags });
  const { guest, share } = await server.enter({ permission: "edit" }, "Bob");
  const session = await guest.session();
  return { server, guest, share, session, file: join(server.workspace, "a.txt") };
}

type Session = Awaited<ReturnType<GuestClient["session"]>>;

async function write(session: Session, content: string, path = "a.txt"): Promise<void> {
  const read = await session.ask("read", { path });
  if (!("version" in read)) throw new Error("not read");
  const answer = await session.ask("write", { path, base: read.version, content, encoding: "utf8" });
  expect(answer).toHaveProperty("version");
}

async function save(server: SharingGateway, body: OwnerSave): Promise<OwnerSaveAnswer> {
  const { status, body: answer } = await server.api("/api/share/owner-save", { method: "POST", body });
  expect(status).toBe(200);
  return answer as OwnerSaveAnswer;
}

/** What guests had written to a file, as the owner fetches it from the list of what they changed. */
async function keptVersions(server: SharingGateway, share: string, path: string) {
  const { changes } = (await server.api(`/api/share/${share}/changes`)).body as GuestChanges;
  const versions = changes.find((change) => change.path === path)?.versions ?? [];
  return Promise.all(
    versions.map(async ({ who, version }) => {
      const query = new URLSearchParams({ path, version });
      const { body } = await server.api(`/api/share/${share}/original?${query}`);
      return { who, ...(body as object) };
    }),
  );
}

const isWritten = async (server: SharingGateway, path: string) =>
  (await server.api(`/api/share/guest-writes?${new URLSearchParams({ path })}`)).body;

describe("R13: the owner's save of a file that a guest changed meanwhile", () => {
  it("is merged, names the guest and the lines, and is in the file", async () => {
    const { server, session, file } = await begin();
    expect(await isWritten(server, file)).toEqual({ written: false });
    await write(session, text.replace("two", "by Bob"));
    expect(await isWritten(server, file)).toEqual({ written: true });
    const answer = await save(server, { path: file, base: text, text: text.replace("five", "by the owner") });
    const both = "one\nby Bob\nthree\nfour\nby the owner\n";
    expect(answer).toEqual({ kind: "merged", text: both, by: ["Bob"], line: 2, end_line: 2 });
    expect(readFileSync(file, "utf8")).toBe(both);
  });

  it("stays merged while both continue", async () => {
    const { server, session, file } = await begin();
    await write(session, text.replace("two", "by Bob"));
    const first = await save(server, { path: file, base: text, text: text.replace("five", "mine") });
    if (first.kind !== "merged") throw new Error(first.kind);
    await write(session, first.text.replace("by Bob", "again by Bob"));
    const second = await save(server, { path: file, base: first.text, text: first.text.replace("mine", "mine, too") });
    expect(second).toMatchObject({ kind: "merged", by: ["Bob"] });
    expect(readFileSync(file, "utf8")).toBe("one\nagain by Bob\nthree\nfour\nmine, too\n");
  });

  it("formatted after the merge, is written unchanged: no guest changed it since", async () => {
    const { server, session, file } = await begin();
    await write(session, text.replace("two", "by Bob"));
    const first = await save(server, { path: file, base: text, text: text.replace("five", "mine  ") });
    if (first.kind !== "merged") throw new Error(first.kind);
    const formatted = first.text.replace("mine  ", "mine");
    expect(await save(server, { path: file, base: first.text, text: formatted })).toMatchObject({
      kind: "merged",
      text: formatted,
      by: [],
    });
    expect(readFileSync(file, "utf8")).toBe(formatted);
  });

  it("of the same lines writes nothing, shows both, and names the owner to the guest", async () => {
    const { server, share, session, file } = await begin();
    const theirs = text.replace("two", "2ab");
    await write(session, theirs);
    // As many bytes as the guest's: VS Code's own check would not see the difference.
    const answer = await save(server, { path: file, base: text, text: text.replace("two", "2cd") });
    expect(answer).toMatchObject({ kind: "overlap", by: ["Bob"], theirs, kept: { share: share.id, path: "a.txt" } });
    expect(readFileSync(file, "utf8")).toBe(theirs);
    const told = await session.message("overlap");
    expect(told).toMatchObject({ path: "a.txt", owner: expect.stringMatching(/./) });
  });

  it("of the same lines keeps the guest's version, whatever the editor does", async () => {
    const { server, share, session, file } = await begin();
    const [first, second] = [text.replace("two", "2ab"), text.replace("two", "2ef")];
    await write(session, first);
    const mine = text.replace("two", "2cd");
    expect(await save(server, { path: file, base: text, text: mine })).toMatchObject({ kind: "overlap" });
    // What VS Code does about a change of the same size.
    writeFileSync(file, mine);
    await write(session, second);
    expect(await save(server, { path: file, base: mine, text: mine.replace("2cd", "2gh") })).toMatchObject({
      kind: "overlap",
    });
    writeFileSync(file, mine);
    await server.restart();
    expect(await keptVersions(server, share.id, "a.txt")).toEqual([
      { who: "Bob", text: second },
      { who: "Bob", text: first },
    ]);
    const { status } = await server.api(
      `/api/share/${share.id}/original?path=a.txt&version=${encodeURIComponent("../x")}`,
    );
    expect(status).toBe(404);
  });

  it("that the editor did not wait with keeps what it wrote over, and tells the guest", async () => {
    const { server, share, session, file } = await begin();
    const theirs = text.replace("two", "2ab");
    await write(session, theirs);
    const mine = text.replace("two", "2cd");
    writeFileSync(file, mine);
    expect(await save(server, { path: file, base: text, text: mine })).toMatchObject({ kind: "overlap", theirs });
    expect(await keptVersions(server, share.id, "a.txt")).toEqual([{ who: "Bob", text: theirs }]);
    expect(readFileSync(file, "utf8")).toBe(mine);
    expect(await session.message("overlap")).toMatchObject({ path: "a.txt" });
  });

  it("reports a guest's version that cannot be kept", async () => {
    const { server, share, session, file } = await begin();
    await write(session, text.replace("two", "2ab"));
    writeFileSync(join(server.dataFolder, "guest-versions"), "in the way");
    const answer = await save(server, { path: file, base: text, text: text.replace("two", "2cd") });
    expect(answer).toMatchObject({ kind: "overlap", theirs: text.replace("two", "2ab"), kept: null });
    expect(await keptVersions(server, share.id, "a.txt")).toEqual([]);
  });

  it("tells each guest by the path in their own share, also one of a folder above", async () => {
    const { server, session } = await begin({ "sub/a.txt": text });
    const { guest, share } = await server.enter({ permission: "edit", root: join(server.workspace, "sub") }, "Eve");
    const eve = await guest.session();
    await write(session, text.replace("two", "2ab"), "sub/a.txt");
    await write(eve, text.replace("two", "2ef"), "a.txt");
    const path = join(server.workspace, "sub", "a.txt");
    const answer = await save(server, { path, base: text, text: text.replace("two", "2cd") });
    expect(answer).toMatchObject({ kind: "overlap", by: ["Bob", "Eve"], kept: { share: share.id, path: "a.txt" } });
    expect(await session.message("overlap")).toMatchObject({ path: "sub/a.txt" });
    expect(await eve.message("overlap")).toMatchObject({ path: "a.txt" });
  });

  it("takes turns with guests' saves of the file: each line of each is in it", async () => {
    const lines = Array.from({ length: 40 }, (_, line) => `line ${line}`);
    const content = `${lines.join("\n")}\n`;
    const { server, session, file } = await begin({ "a.txt": content });
    await write(session, content.replace("line 0\n", "by Bob 0\n"));
    const read = await session.ask("read", { path: "a.txt" });
    if (!("version" in read)) throw new Error("not read");
    const theirs = content.replace("line 0\n", "by Bob 0\n").replace("line 39\n", "by Bob 39\n");
    const [answer, written] = await Promise.all([
      save(server, { path: file, base: content, text: content.replace("line 20\n", "mine\n") }),
      session.ask("write", { path: "a.txt", base: read.version, content: theirs, encoding: "utf8" }),
    ]);
    expect(answer).toMatchObject({ kind: "merged" });
    expect(written).toHaveProperty("version");
    expect(readFileSync(file, "utf8")).toBe(theirs.replace("line 20\n", "mine\n"));
  });

  it("of a text that is hard to merge takes the gateway's own thread no time", async () => {
    const many = (word: string) => Array.from({ length: 30_000 }, (_, line) => `${word} ${line}`).join("\n");
    const [base, mine, theirs] = [many("base"), many("mine"), many("theirs")];
    const before = process.threadCpuUsage();
    expect(mergeTexts(base, mine, theirs)).toBeUndefined();
    const merging = process.threadCpuUsage(before).user;
    const { server, session, file } = await begin({ "a.txt": base });
    await write(session, theirs);
    const began = process.threadCpuUsage();
    expect(await save(server, { path: file, base, text: mine })).toMatchObject({ kind: "overlap" });
    expect(process.threadCpuUsage(began).user).toBeLessThan(merging / 2);
  });

  it("is left to VS Code if no guest wrote last, or the editor has the file's content", async () => {
    const { server, session, file } = await begin();
    const other = join(server.workspace, "b.txt");
    writeFileSync(other, text);
    const mine = text.replace("five", "mine");
    expect(await save(server, { path: other, base: text, text: mine })).toEqual({ kind: "untouched" });
    expect(await save(server, { path: join(server.home, "missing"), base: text, text })).toEqual({ kind: "untouched" });
    await write(session, text.replace("two", "by Bob"));
    const bobs = readFileSync(file, "utf8");
    expect(await save(server, { path: file, base: bobs, text: mine })).toEqual({ kind: "untouched" });
    writeFileSync(file, "a program wrote this\n");
    expect(await save(server, { path: file, base: text, text: mine })).toEqual({ kind: "untouched" });
    expect(readFileSync(file, "utf8")).toBe("a program wrote this\n");
  });

  it("is not merged over a base that never was the file's, nor over an unknown one", async () => {
    const { server, session, file } = await begin();
    await write(session, text.replace("two", "by Bob"));
    const mine = text.replace("five", "mine");
    expect(await save(server, { path: file, base: `${text}x`, text: mine })).toMatchObject({ kind: "overlap" });
    expect(await save(server, { path: file, base: null, text: mine })).toMatchObject({ kind: "overlap" });
    expect(readFileSync(file, "utf8")).toBe(text.replace("two", "by Bob"));
  });

  it("keeps a byte order mark and line endings, and is found through a link", async () => {
    const marked = `\ufeff${text.replaceAll("\n", "\r\n")}`;
    const { server, session, file } = await begin({ "a.txt": marked });
    symlinkSync(server.workspace, join(server.home, "link"));
    await write(session, marked.replace("two", "by Bob"));
    const base = marked.slice(1);
    const answer = await save(server, {
      path: join(server.home, "link", "a.txt"),
      base,
      text: base.replace("five", "mine"),
    });
    expect(answer).toMatchObject({ kind: "merged", by: ["Bob"] });
    expect(readFileSync(file, "utf8")).toBe(marked.replace("two", "by Bob").replace("five", "mine"));
  });

  it("of a file with a second name is left to VS Code, and nothing is written", async () => {
    const { server, session, file } = await begin();
    await write(session, text.replace("two", "by Bob"));
    linkSync(file, join(server.home, "second"));
    const answer = await save(server, { path: file, base: text, text: text.replace("five", "mine") });
    expect(answer).toEqual({ kind: "untouched" });
    expect(readFileSync(file, "utf8")).toBe(text.replace("two", "by Bob"));
  });

  it("is only for the owner", async () => {
    const { server, guest, file } = await begin();
    const body = JSON.stringify({ path: file, base: text, text: "stolen" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${server.url}api/share/owner-save`, { method: "POST", headers, body });
    expect(answer.status).toBe(401);
    expect(guest).toBeDefined();
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});

describe("R13: what a guest wrote where the owner changed the same lines", () => {
  const theirs = text.replace("two", "2ab");
  const mine = text.replace("two", "2cd");
  const absent = { code: "NOT_FOUND" };

  /** Bob wrote, and the owner's editor has written over it. */
  async function overlapped(...options: Parameters<typeof begin>) {
    const begun = await begin(...options);
    await write(begun.session, theirs);
    expect(await save(begun.server, { path: begun.file, base: text, text: mine })).toMatchObject({ kind: "overlap" });
    writeFileSync(begun.file, mine);
    const { version } = await begun.session.message("overlap");
    if (version === null) throw new Error("not kept");
    return { ...begun, version };
  }

  it("is theirs to have back, also after a restart and without its name", async () => {
    const { server, session, guest, version } = await overlapped();
    const expected = { version, content: theirs, encoding: "utf8", at: expect.stringMatching(/^\d{4}-/) };
    expect(await session.ask("version", { path: "a.txt", version })).toEqual(expected);
    await server.restart();
    const again = server.guest({ url: `${server.url}share/x/#x` });
    Object.assign(again, { path: guest.path, cookie: guest.cookie });
    const later = await again.session();
    expect(await later.ask("version", { path: "a.txt" })).toEqual(expected);
    expect(await later.ask("version", { path: "b.txt" })).toMatchObject(absent);
    expect(await later.ask("version", { path: "a.txt", version: "../../shares.sqlite" })).toMatchObject(absent);
    expect(await later.ask("version", { path: "../a.txt" })).toMatchObject(absent);
  });

  it("belongs to no other guest of this or another share, whatever their name", async () => {
    const { server, share, version } = await overlapped();
    for (const name of ["Bob", "Eve"]) {
      const other = await (await server.guest(share).enter(name)).session();
      expect(await other.ask("version", { path: "a.txt", version })).toMatchObject(absent);
      expect(await other.ask("version", { path: "a.txt" })).toMatchObject(absent);
      const { guest } = await server.enter({ permission: "edit" }, name);
      expect(await (await guest.session()).ask("version", { path: "a.txt", version })).toMatchObject(absent);
    }
    expect(await keptVersions(server, share.id, "a.txt")).toEqual([{ who: "Bob", text: theirs }]);
  });

  it("is theirs only while they may read the file", async () => {
    const { session, file, version, server, share } = await overlapped();
    rmSync(file);
    expect(await session.ask("version", { path: "a.txt", version })).toMatchObject(absent);
    writeFileSync(file, text);
    expect(await session.ask("version", { path: "a.txt", version })).toMatchObject({ content: theirs });
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    await session.closed;
    expect(await keptVersions(server, share.id, "a.txt")).toEqual([{ who: "Bob", text: theirs }]);
  });

  it("is not read beyond the limit of a read", async () => {
    const limits = (more: object) => JSON.stringify({ free: 0, free_percent: 0, ...more });
    const flags = { "share-limits": limits({}) };
    const { server, guest, file } = await overlapped(undefined, flags);
    writeFileSync(file, "2\n");
    flags["share-limits"] = limits({ read: theirs.length - 1, file: 1_000 });
    await server.restart();
    const again = server.guest({ url: `${server.url}share/x/#x` });
    Object.assign(again, { path: guest.path, cookie: guest.cookie });
    const session = await again.session();
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "2\n" });
    expect(await session.ask("version", { path: "a.txt" })).toMatchObject({ code: "TOO_LARGE" });
  });

  it("belongs to both guests whose changes are in it, also when it is kept again", async () => {
    const { server, share, session, file } = await begin();
    const eve = await (await server.guest(share).enter("Eve")).session();
    await write(session, theirs);
    await write(eve, theirs.replace("five", "by Eve"));
    const both = theirs.replace("five", "by Eve");
    expect(await save(server, { path: file, base: text, text: mine })).toMatchObject({ by: ["Bob", "Eve"] });
    // Without a base only the last writer is known.
    expect(await save(server, { path: file, base: null, text: mine })).toMatchObject({ by: ["Eve"] });
    for (const one of [session, eve]) {
      expect(await one.ask("version", { path: "a.txt" })).toMatchObject({ content: both });
    }
  });

  it("is kept in each share that it was written in, for those who wrote it there", async () => {
    const { server, session } = await begin({ "sub/a.txt": text });
    const { guest } = await server.enter({ permission: "edit", root: join(server.workspace, "sub") }, "Eve");
    const eve = await guest.session();
    await write(session, theirs, "sub/a.txt");
    await write(eve, theirs.replace("five", "by Eve"), "a.txt");
    await save(server, { path: join(server.workspace, "sub", "a.txt"), base: text, text: mine });
    const content = theirs.replace("five", "by Eve");
    expect(await session.ask("version", { path: "sub/a.txt" })).toMatchObject({ content });
    expect(await eve.ask("version", { path: "a.txt" })).toMatchObject({ content });
    expect(await eve.ask("version", { path: "sub/a.txt" })).toMatchObject(absent);
  });

  it("is not shown to guests of a selection, who see a part of the file", async () => {
    const { server, file } = await begin();
    const part = { file: "a.txt", line: 2, col: 0, end_line: 2, end_col: 3 };
    const { guest, share } = await server.enter({ permission: "edit", root: server.workspace, ...part }, "Eve");
    const eve = await guest.session();
    await write(eve, "2ab");
    expect(await save(server, { path: file, base: text, text: mine })).toMatchObject({ kind: "overlap" });
    const { version } = await eve.message("overlap");
    expect(version).toBeNull();
    const [kept] = await keptVersions(server, share.id, "a.txt");
    expect(kept).toEqual({ who: "Eve", text: theirs });
    expect(await eve.ask("version", { path: "a.txt" })).toMatchObject(absent);
    expect(await eve.ask("version", { path: "a.txt", version: versionOf(theirs) })).toMatchObject(absent);
  });
});
