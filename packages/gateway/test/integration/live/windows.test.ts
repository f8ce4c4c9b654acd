import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit } from "@waiide/protocol";
import { textHash } from "@waiide/protocol/live";
import { expect, it } from "vitest";
import { LiveGuest } from "../../support/live-guest.ts";
import { LiveWindow, upgradeStatus } from "../../support/live-window.ts";
import { ownerToken, SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "one\n" };

async function started() {
  const server = await SharingGateway.start({ files });
  const { share, guest } = await server.enter({ permission: "edit" }, "Bob");
  const bob = await LiveGuest.open(guest, "a.txt");
  const file = join(server.workspace, "a.txt");
  return { server, share, guest, bob, file, read: () => readFileSync(file, "utf8") };
}

it("R24: a window hears of a live file and who is in it, and takes part", async () => {
  const { server, bob, file } = await started();
  const window = await LiveWindow.open(server);
  const live = await window.message("window-live");
  expect(live).toMatchObject({ path: file, on: true, people: [{ name: "Bob" }] });

  await window.bind(file, "one\n");
  window.type(0, "owner\n");
  await bob.until(({ text }) => text === "owner\none\n");
  bob.type(0, "bob\n");
  await window.until(() => window.text === "bob\nowner\none\n");
  expect((await bob.message("live-changes")).changes[0]?.person).toBe("owner");
});

it("R24: while a window has the file, it saves and the gateway does not", async () => {
  const { server, bob, file, read } = await started();
  const window = await LiveWindow.open(server);
  await window.bind(file, "one\n");
  bob.type(0, "bob\n");
  bob.save();
  await window.message("window-save");
  expect(read()).toBe("one\n");

  writeFileSync(file, "bob\none\n");
  window.wrote("bob\none\n");
  await bob.isSaved();
  const { body } = await server.api("/api/share/audit");
  const { entries } = body as Audit;
  expect(entries.filter(({ event }) => event === "write")).toMatchObject([{ who: expect.stringContaining("Bob") }]);
});

it("R24: what the window wrote before the gateway heard of it is no other program's", async () => {
  const { server, bob, file } = await started();
  const window = await LiveWindow.open(server);
  await window.bind(file, "one\n");
  bob.type(0, "bob\n");
  await bob.acknowledged();
  // VS Code saved before it had Bob's text, and before its own was sent.
  writeFileSync(file, "one\nowner\n");
  window.wrote("one\nowner\n");
  window.type(window.text.length, "owner\n");
  await bob.until(({ text }) => text.includes("owner"));
  expect(bob.text).toBe("bob\none\nowner\n");
  expect(bob.messages.filter(({ type }) => type === "live-overlap")).toEqual([]);
});

it("R24: the gateway saves again once the window has gone", async () => {
  const { server, bob, file, read } = await started();
  const window = await LiveWindow.open(server);
  await window.bind(file, "one\n");
  bob.type(0, "bob\n");
  await bob.acknowledged();
  expect(read()).toBe("one\n");
  window.close();
  await bob.isSaved();
  expect(read()).toBe("bob\none\n");
});

it("R24: a window that knows another file writes through the gateway first", async () => {
  const { server, bob, file, read } = await started();
  const window = await LiveWindow.open(server);
  await window.bind(file, "one\n");
  writeFileSync(file, "one\ntwo\n");
  await bob.until(({ text }) => text === "one\ntwo\n");
  window.send({ type: "window-saving", doc: window.doc, hash: textHash("one\n") });
  expect(await window.message("window-may-save")).toMatchObject({ needs_text: true });
  window.type(0, "owner\n");
  window.send({ type: "window-text", doc: window.doc, text: window.text });
  await window.until(() => window.messages.filter(({ type }) => type === "window-may-save").length === 2);
  expect(read()).toBe("owner\none\ntwo\n");
});

it("R24: a window that has other line ends than the file writes through the gateway first", async () => {
  const { server, bob, file, read } = await started();
  const window = await LiveWindow.open(server);
  await window.bind(file, "one\n");
  writeFileSync(file, "one\r\n");
  window.send({ type: "window-saving", doc: window.doc, hash: textHash("one\n"), eol: "\n" });
  expect(await window.message("window-may-save")).toMatchObject({ needs_text: true });
  window.send({ type: "window-text", doc: window.doc, text: "one\ntwo\n", eol: "\n", mark: "" });
  await window.until(() => window.messages.filter(({ type }) => type === "window-may-save").length === 2);
  expect(read()).toBe("one\ntwo\n");
  expect(bob.text).toBe("one\n");
});

it("R24: an unsaved text whose origin a window does not know is one of what the file had", async () => {
  const { server, bob, file, read } = await started();
  bob.type("one\n".length, "bob\n");
  await bob.isSaved();
  bob.type(bob.text.length, "more\n");
  await bob.acknowledged();
  const window = await LiveWindow.open(server);
  // Made from the text before Bob's: the owner's window was loaded again with it.
  window.send({ type: "window-base", path: file, text: "owner\none\n" });
  expect(await window.message("window-base")).toMatchObject({ path: file, text: "one\n" });
  window.send({ type: "window-base", path: file, text: "owner\none\nbob\nmore\n" });
  await window.until(() => window.messages.filter(({ type }) => type === "window-base").length === 2);
  expect(window.messages.at(-1)).toMatchObject({ text: "one\nbob\nmore\n" });
  expect(read()).toBe("one\nbob\n");
});

it("R24: what a window's save left out where others type comes back into the file", async () => {
  const { server, bob, file, read } = await started();
  const window = await LiveWindow.open(server);
  await window.bind(file, "one\n");
  bob.type("one".length, "  ");
  await window.until(() => window.text === "one  \n");
  window.send({ type: "window-saving", doc: window.doc, hash: textHash("one\n"), eol: "\n" });
  await window.message("window-may-save");
  writeFileSync(file, "one!\n");
  window.wrote("one!\n");
  window.send({ type: "window-restore", doc: window.doc });
  await bob.isSaved();
  expect(read()).toBe("one  \n");
});

it("R24: two windows save in turn", async () => {
  const { server, file } = await started();
  const [first, second] = [await LiveWindow.open(server), await LiveWindow.open(server)];
  await first.bind(file, "one\n");
  await second.bind(file, "one\n");
  await first.message("window-lease");
  first.send({ type: "window-saving", doc: first.doc, hash: textHash("one\n") });
  await first.message("window-may-save");
  second.send({ type: "window-saving", doc: second.doc, hash: textHash("one\n") });
  writeFileSync(file, "1\n");
  expect(second.messages.some(({ type }) => type === "window-may-save")).toBe(false);
  first.wrote("1\n");
  expect(await second.message("window-may-save")).toMatchObject({ needs_text: true });
});

it("R1, R5: the windows' socket is the owner's alone, and from their own pages", async () => {
  const { server, guest } = await started();
  const { headers } = await guest.ask(`/?token=${ownerToken}`, { anonymous: true });
  const login = { cookie: headers["set-cookie"]?.[0]?.split(";")[0] ?? "" };
  const statuses = await Promise.all([
    upgradeStatus(server, {}),
    upgradeStatus(server, { cookie: guest.cookie ?? "" }),
    upgradeStatus(server, { ...login, origin: "https://evil.test" }),
    upgradeStatus(server, { ...login, "sec-fetch-site": "cross-site" }),
    guest.upgrade("api/live"),
  ]);
  expect(statuses).toEqual([401, 401, 403, 403, 403]);
  expect(await upgradeStatus(server, { ...login, "sec-fetch-site": "same-origin" })).toBe(101);
});

it("a window's message that is none ends its socket", async () => {
  const { server } = await started();
  const window = await LiveWindow.open(server);
  window.send({ type: "window-hello", folders: "no list" });
  expect((await window.closed).code).toBe(4400);
});

it("R1, R16: a Terminal Access guest's IDE writes as that guest; others have no such socket", async () => {
  const { server, bob } = await started();
  const { share, guest } = await server.enter({ permission: "terminal" }, "Eve");
  const { guest: other } = await server.enter({ permission: "terminal" }, "Mallory");
  const { guest: editor } = await server.enter({ permission: "edit" }, "Ed");
  const path = new URL(share.url).pathname;
  expect(await other.upgrade(`${path}api/live`)).toBe(401);
  expect(await editor.upgrade("api/live")).toBe(403);
  expect(await guest.upgrade("api/live", { origin: "https://evil.test", "sec-fetch-site": "cross-site" })).toBe(403);

  const window = LiveWindow.over(guest.socket("api/live"));
  await window.hello(server.workspace);
  await window.bind(join(server.workspace, "a.txt"), "one\n");
  window.type(0, "eve\n");
  await bob.until(({ text }) => text === "eve\none\n");
  expect((await bob.message("live-changes")).changes[0]?.person).toMatch(/^other-/);
  await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
  expect((await window.closed).code).toBe(4411);
});

it("R24: a file that the owner and a Terminal Access guest have open becomes live", async () => {
  const server = await SharingGateway.start({ files: { "a.txt": "one\n", "b.txt": "two\n" } });
  const { guest } = await server.enter({ permission: "terminal" }, "Eve");
  const eve = LiveWindow.over(guest.socket("api/live"));
  await eve.hello(server.workspace);
  const owner = await LiveWindow.open(server);
  const path = (name: string) => join(server.workspace, name);
  owner.send({ type: "window-open", paths: [path("a.txt"), path("missing.txt")] });
  eve.send({ type: "window-open", paths: [path("b.txt")] });
  eve.send({ type: "window-open", paths: [path("b.txt"), path("a.txt")] });
  expect(await owner.message("window-live")).toMatchObject({ path: path("a.txt"), on: true });
  await Promise.all([owner, eve].map((window) => window.bind(path("a.txt"), "one\n")));
  eve.type(0, "eve\n");
  await owner.until(() => owner.text === "eve\none\n");
  owner.type(0, "owner\n");
  await eve.until(() => eve.text === "owner\neve\none\n");
  expect(eve.messages.filter(({ type }) => type === "window-live")).not.toContainEqual(
    expect.objectContaining({ path: path("b.txt") }),
  );
});

it("R17: a Terminal Access guest has the conversation and the comments in their IDE", async () => {
  const server = await SharingGateway.start({ files: { "notes/a.txt": "one\ntwo\n" } });
  const { share, guest } = await server.enter({ permission: "terminal" }, "Eve");
  const eve = LiveWindow.over(guest.socket("api/live"));
  await eve.hello(server.workspace);
  expect(await eve.message("window-talk")).toMatchObject({ share: share.id, root: server.workspace, on: true });
  const asOwner = (path: string, body: object) =>
    server.api(`/api/share/${share.id}/${path}`, { method: "POST", body });

  await asOwner("talk", { text: "Hello" });
  expect(await eve.message("said")).toMatchObject({ message: { text: "Hello", session: null } });
  await eve.ask("say", { text: "Hi", key: "key-of-a-window" });
  expect(await eve.ask("talk", {})).toMatchObject({ messages: [{ text: "Hello" }, { name: "Eve", text: "Hi" }] });

  await asOwner("comments", { path: "notes/a.txt", line: 2, text: "Why?" });
  const { thread } = await eve.message("thread");
  expect(thread).toMatchObject({ path: "notes/a.txt", line: 2 });
  await eve.ask("reply", { thread: thread.id, text: "So.", key: "key-of-a-reply" });
  expect(await eve.ask("comments", { path: "notes/a.txt" })).toMatchObject({
    threads: [{ comments: [{ own: false }, { own: true, name: "Eve", text: "So." }] }],
  });
  expect(await eve.ask("comments", { path: "../outside.txt" })).toMatchObject({ code: "NOT_FOUND" });
  expect(await eve.ask("write", { path: "notes/a.txt" })).toMatchObject({ code: "INVALID" });
});

it("R16, R17: without talk, and for the owner, windows have no requests", async () => {
  const server = await SharingGateway.start({ files, flags: { "share-talk": "false" } });
  const { guest } = await server.enter({ permission: "terminal" }, "Eve");
  const eve = LiveWindow.over(guest.socket("api/live"));
  await eve.hello(server.workspace);
  expect(await eve.message("window-talk")).toMatchObject({ on: false });
  expect(await eve.ask("say", { text: "Hi", key: "key-of-a-window" })).toMatchObject({ code: "DENIED" });
  const owner = await LiveWindow.open(server);
  owner.send({ type: "request", id: 1, method: "talk", params: {} });
  expect((await owner.closed).code).toBe(4400);
});
