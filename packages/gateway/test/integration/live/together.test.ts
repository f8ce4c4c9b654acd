import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LiveGuest } from "../../support/live-guest.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "one\ntwo\n" };

function fileOf(server: SharingGateway, path = "a.txt"): string {
  return readFileSync(join(server.workspace, path), "utf8");
}

it("two guests write in one file, and the gateway saves it", async () => {
  const server = await SharingGateway.start({ files });
  const { share, guest } = await server.enter({ permission: "edit" }, "Bob");
  const bob = await LiveGuest.open(guest, "a.txt");
  const eve = await LiveGuest.open(await server.guest(share).enter("Eve"), "a.txt");
  expect(bob.opened).toMatchObject({ text: "one\ntwo\n", writable: true, eol: "\n", rev: 0, saved: 0 });

  bob.type(0, "zero\n");
  eve.type(8, "three\n");
  await Promise.all([bob, eve].map((one) => one.until(() => one.text === "zero\none\ntwo\nthree\n")));
  await Promise.all([bob.isSaved(), eve.isSaved()]);

  expect(fileOf(server)).toBe("zero\none\ntwo\nthree\n");
});

it("R24: two shares with two roots have one text of one file", async () => {
  const server = await SharingGateway.start({ files: { "sub/a.txt": "one\n" } });
  const { guest } = await server.enter({ permission: "edit" }, "Bob");
  const { guest: other } = await server.enter({ permission: "edit", root: join(server.workspace, "sub") }, "Eve");
  const bob = await LiveGuest.open(guest, "sub/a.txt");
  const eve = await LiveGuest.open(other, "a.txt");

  bob.type(0, "zero\n");
  await eve.until(() => eve.text === "zero\none\n");
  const changes = await eve.message("live-changes");

  expect(changes.changes[0]?.person).toMatch(/^other-/);
});

it("R24: View Only gets the text and is refused writing", async () => {
  const server = await SharingGateway.start({ files });
  const { guest: editor } = await server.enter({ permission: "edit" }, "Bob");
  const { guest: viewer } = await server.enter({ permission: "view" }, "Eve");
  const bob = await LiveGuest.open(editor, "a.txt");
  const eve = await LiveGuest.open(viewer, "a.txt");
  expect(eve.opened).toMatchObject({ writable: false, read_only: "level" });

  eve.type(0, "crafted ");
  await eve.until(() => eve.reasons.length > 0);
  bob.type(0, "zero\n");
  await bob.isSaved();
  await eve.until(() => eve.text === "zero\none\ntwo\n");

  expect(eve.reasons).toEqual(["level"]);
  expect(eve.refusals[0]?.text).toBe("crafted ");
  expect(fileOf(server)).toBe("zero\none\ntwo\n");
});

it("R24: the audit names every author of a save, once", async () => {
  const server = await SharingGateway.start({ files });
  const { share, guest } = await server.enter({ permission: "edit" }, "Bob");
  const bob = await LiveGuest.open(guest, "a.txt");
  const eve = await LiveGuest.open(await server.guest(share).enter("Eve"), "a.txt");

  for (const letter of "bob") {
    bob.type(0, letter);
    eve.type(eve.client.shown.length, "!");
  }
  await Promise.all([bob.acknowledged(), eve.acknowledged()]);
  await Promise.all([bob.isSaved(), eve.isSaved()]);

  const { body } = await server.api(`/api/share/audit?share=${share.id}`);
  const { entries } = body as { entries: { event: string; who: string; details: { path: string } }[] };
  const writes = entries.filter(({ event }) => event === "write");
  const names = writes.map(({ who }) => who.split(" ")[0]);
  expect(new Set(names)).toEqual(new Set(["Bob", "Eve"]));
  expect(writes.length).toBeLessThanOrEqual(4);
  const changes = (await server.api(`/api/share/${share.id}/changes`)).body as { changes: object[] };
  expect(changes.changes).toMatchObject([{ path: "a.txt", what: "changed", original: true }]);
  const original = await server.api(`/api/share/${share.id}/original?path=a.txt`);
  expect(original.body).toEqual({ text: files["a.txt"] });
});

it("R24: a save of a whole live file is a change for those who write in it", async () => {
  const server = await SharingGateway.start({ files });
  const { share, guest } = await server.enter({ permission: "edit" }, "Bob");
  const page = await (await server.guest(share).enter("Eve")).session();
  const read = (await page.ask("read", { path: "a.txt" })) as { version: string };
  const bob = await LiveGuest.open(guest, "a.txt");
  bob.type(0, "zero\n");
  await bob.acknowledged();

  const saved = await page.ask("write", {
    path: "a.txt",
    base: read.version,
    content: "one\ntwo\nthree\n",
    encoding: "utf8",
  });

  expect(saved).toMatchObject({ merged: "zero\none\ntwo\nthree\n" });
  await bob.until(() => bob.text === "zero\none\ntwo\nthree\n");
  expect(fileOf(server)).toBe("zero\none\ntwo\nthree\n");
});

it("CRLF, byte order mark and mode stay as they were", async () => {
  const server = await SharingGateway.start({ files: { "a.txt": "\ufeffone\r\ntwo" } });
  const { guest } = await server.enter({ permission: "edit" });
  const before = statSync(join(server.workspace, "a.txt")).mode;
  const bob = await LiveGuest.open(guest, "a.txt");
  expect(bob.opened).toMatchObject({ text: "one\ntwo", eol: "\r\n" });

  bob.type(7, "\nthree\n");
  await bob.isSaved();

  expect(fileOf(server)).toBe("\ufeffone\r\ntwo\r\nthree\r\n");
  expect(statSync(join(server.workspace, "a.txt")).mode).toBe(before);
});

it.each([
  ["binary", "a\0b"],
  ["encoding", Buffer.from([0x61, 0xe4, 0x0a])],
  ["line-endings", "one\r\ntwo\nthree"],
  ["line-endings", "one\rtwo"],
])("a file that is not live says why: %s", async (reason, content) => {
  const server = await SharingGateway.start({ files: { "a.txt": content } });
  const { guest } = await server.enter({ permission: "edit" });
  await expect(LiveGuest.open(guest, "a.txt")).rejects.toThrow(`not live: ${reason}`);
});
