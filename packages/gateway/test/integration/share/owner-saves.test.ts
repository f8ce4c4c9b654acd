import { linkSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OwnerSave, OwnerSaveAnswer } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import type { GuestClient } from "../../support/guest-client.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const text = "one\ntwo\nthree\nfour\nfive\n";

async function begin(files: Readonly<Record<string, string>> = { "a.txt": text }) {
  const server = await SharingGateway.start({ files });
  const { guest } = await server.enter({ permission: "edit" }, "Bob");
  const session = await guest.session();
  return { server, guest, session, file: join(server.workspace, "a.txt") };
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

  it("goes on being merged while both go on", async () => {
    const { server, session, file } = await begin();
    await write(session, text.replace("two", "by Bob"));
    const first = await save(server, { path: file, base: text, text: text.replace("five", "mine") });
    if (first.kind !== "merged") throw new Error(first.kind);
    await write(session, first.text.replace("by Bob", "again by Bob"));
    const second = await save(server, { path: file, base: first.text, text: first.text.replace("mine", "mine, too") });
    expect(second).toMatchObject({ kind: "merged", by: ["Bob"] });
    expect(readFileSync(file, "utf8")).toBe("one\nagain by Bob\nthree\nfour\nmine, too\n");
  });

  it("formatted after it was merged, is written as it is: no guest changed it since", async () => {
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

  it("of the same lines writes nothing, shows both, and tells the guest who it is", async () => {
    const { server, session, file } = await begin();
    const theirs = text.replace("two", "2ab");
    await write(session, theirs);
    // As many bytes as the guest's: VS Code's own check would not see the difference.
    const answer = await save(server, { path: file, base: text, text: text.replace("two", "2cd") });
    expect(answer).toEqual({ kind: "overlap", by: ["Bob"], theirs });
    expect(readFileSync(file, "utf8")).toBe(theirs);
    const told = await session.message("overlap");
    expect(told).toMatchObject({ path: "a.txt", owner: expect.stringMatching(/./) });
  });

  it("is VS Code's own business where no guest wrote last, or the file is what the editor knows", async () => {
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

  it("is nobody's but the owner's", async () => {
    const { server, guest, file } = await begin();
    const body = JSON.stringify({ path: file, base: text, text: "stolen" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${server.url}api/share/owner-save`, { method: "POST", headers, body });
    expect(answer.status).toBe(401);
    expect(guest).toBeDefined();
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});
