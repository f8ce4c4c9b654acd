import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sessionClose } from "@waiide/protocol";
import { expect, it } from "vitest";
import { GuestClient } from "../../support/guest-client.ts";
import { LiveGuest } from "../../support/live-guest.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "one\ntwo\n" };

function fileOf(server: SharingGateway): string {
  return readFileSync(join(server.workspace, "a.txt"), "utf8");
}

it("R24: a share that is revoked under typing closes the page and saves the rest", async () => {
  const server = await SharingGateway.start({ files });
  const { share, guest } = await server.enter({ permission: "edit" });
  const bob = await LiveGuest.open(guest, "a.txt");
  bob.type(0, "kept ");
  await bob.acknowledged();

  const revoked = server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
  bob.type(0, "x");
  await revoked;
  const { code } = await bob.session.closed;
  const kept = bob.client.unacknowledged ? "" : "x";
  await server.restart();

  expect(code).toBe(sessionClose.revoked);
  expect([`${kept}kept one\ntwo\n`, "xkept one\ntwo\n"]).toContain(fileOf(server));
});

it("R24: a malformed live message is refused, and the session stays", async () => {
  const server = await SharingGateway.start({ files });
  const { guest } = await server.enter({ permission: "edit" });
  const bob = await LiveGuest.open(guest, "a.txt");

  bob.send({ type: "live-change", doc: bob.doc, seq: 1, rev: 0, change: [{}], person: "owner" });
  await bob.until(() => bob.reasons.length > 0);
  bob.type(0, "fine ");
  await bob.isSaved();

  expect(bob.reasons).toEqual(["invalid"]);
  expect(fileOf(server)).toBe("fine one\ntwo\n");
});

it("a message that is none of the protocol's still ends the session", async () => {
  const server = await SharingGateway.start({ files });
  const { guest } = await server.enter({ permission: "edit" });
  const session = await guest.session();
  session.socket.send(JSON.stringify({ type: "live-everything" }));
  expect((await session.closed).code).toBe(sessionClose.protocol);
});

it("R24: lines of a program that were overlapped are in the list of changes", async () => {
  const server = await SharingGateway.start({ files });
  const { share, guest } = await server.enter({ permission: "edit" });
  const bob = await LiveGuest.open(guest, "a.txt");
  bob.type(0, "typed ");
  await bob.acknowledged();
  writeFileSync(join(server.workspace, "a.txt"), "by a program\ntwo\n");

  await bob.message("live-overlap");
  await bob.isSaved();

  expect(fileOf(server)).toBe("typed one\ntwo\n");
  const { body } = await server.api(`/api/share/${share.id}/changes`);
  const { changes } = body as { changes: { path: string; versions: { version: string; who: string }[] }[] };
  expect(changes).toMatchObject([{ path: "a.txt", versions: [{ who: "another program" }] }]);
  const version = changes[0]?.versions[0]?.version;
  const original = await server.api(`/api/share/${share.id}/original?path=a.txt&version=${version}`);
  expect(original.body).toEqual({ text: "by a program\ntwo\n" });
});

it("R24: a guest's page goes on after a restart of the gateway", async () => {
  const server = await SharingGateway.start({ files });
  const { share, guest } = await server.enter({ permission: "edit" });
  const bob = await LiveGuest.open(guest, "a.txt");
  bob.type(0, "typed ");
  await bob.acknowledged();
  await server.restart();
  expect(fileOf(server)).toBe("typed one\ntwo\n");

  // The same browser; the gateway's port is another one.
  const returning = new GuestClient(server.url, share.url);
  returning.cookie = guest.cookie;
  const again = await LiveGuest.reopen(bob, returning);

  expect(again.opened.since).toEqual([]);
  again.type(0, "again ");
  await again.isSaved();
  expect(fileOf(server)).toBe("again typed one\ntwo\n");
});

it("an administrator who turns live editing off leaves whole saves, and no journal", async () => {
  const limits = { free: 0, free_percent: 0, live_files: 0 };
  const server = await SharingGateway.start({ files, flags: { "share-limits": JSON.stringify(limits) } });
  const { guest } = await server.enter({ permission: "edit" });
  const session = await guest.session();
  await expect(LiveGuest.open(session, "a.txt")).rejects.toThrow("not live: off");
  const read = (await session.ask("read", { path: "a.txt" })) as { version: string };
  await session.ask("write", { path: "a.txt", base: read.version, content: "saved\n", encoding: "utf8" });

  expect(fileOf(server)).toBe("saved\n");
  expect(readdirSync(server.dataFolder)).not.toContain("live");
});
