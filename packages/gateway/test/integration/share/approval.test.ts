import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit, CreatedShare, JoinRequest, Share, ShareList } from "@waiide/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import type { GuestClient } from "../../support/guest-client.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n" };
const codeOf = ({ body }: { body: string }) => (JSON.parse(body) as { error: { code: string } }).error.code;

let server: SharingGateway;
let share: CreatedShare;

beforeEach(async () => {
  server = await SharingGateway.start({ files });
  share = await server.create({ permission: "Full Access", approve: true });
});

function ask(guest: GuestClient, more: object = {}) {
  return guest.ask("enter", { method: "POST", body: { secret: guest.secret, name: "Bob", ...more }, anonymous: true });
}

/** A guest who has asked, with what they wait with. */
async function asked(): Promise<{ guest: GuestClient; waiting: string }> {
  const guest = server.guest(share);
  const answer = await ask(guest);
  expect(answer.status).toBe(202);
  expect(answer.headers["set-cookie"]).toBeUndefined();
  return { guest, waiting: (JSON.parse(answer.body) as { waiting: string }).waiting };
}

async function listed(): Promise<Share> {
  const { body } = await server.api("/api/share/list");
  return (body as ShareList).shares.find(({ id }) => id === share.id) as Share;
}

async function request(): Promise<JoinRequest> {
  const [first] = (await listed()).requests;
  if (first === undefined) throw new Error("nobody waits");
  return first;
}

const decide = ({ request: id }: JoinRequest, what: "accept" | "decline") =>
  server.api(`/api/share/requests/${id}/${what}`, { method: "POST" });

async function audit(): Promise<string[]> {
  const { body } = await server.api(`/api/share/audit?share=${share.id}`);
  return (body as Audit).entries.map(({ event }) => event).reverse();
}

describe("approval on entry", () => {
  it("the landing page learns that the owner accepts guests", async () => {
    const guest = server.guest(share);
    const look = await guest.ask("look", { method: "POST", body: { secret: guest.secret } });
    expect(JSON.parse(look.body)).toMatchObject({ approval: true });
  });

  it("a guest waits, is accepted, and joins as any other", async () => {
    const { guest, waiting } = await asked();
    expect(await request()).toMatchObject({ name: "Bob", hub_user: null });
    const joining = ask(guest, { waiting });
    expect((await decide(await request(), "accept")).status).toBe(204);
    const joined = await joining;
    expect(joined.status).toBe(204);
    guest.cookie = joined.headers["set-cookie"]?.[0]?.split(";")[0];
    const session = await guest.session();
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "alpha\n" });
    expect(await listed()).toMatchObject({ requests: [], guests: [{ name: "Bob" }] });
    expect(await audit()).toEqual(["create", "request", "accept", "enter"]);
  });

  it("an accepted guest whose page asks a moment later joins too", async () => {
    const { guest, waiting } = await asked();
    await decide(await request(), "accept");
    expect((await ask(guest, { waiting })).status).toBe(204);
    // An answer is given out once.
    expect((await ask(guest, { waiting })).status).toBe(202);
  });

  it("R15: nothing of the share is open while a guest waits, and nothing changes", async () => {
    const { guest, waiting } = await asked();
    for (const value of [undefined, waiting, (await request()).request]) {
      guest.cookie = value === undefined ? undefined : `waiide-${share.id}=${value}`;
      expect(await guest.upgrade("api/session")).toBe(401);
      expect(await guest.upgrade("ide/")).toBe(401);
      expect(await guest.upgrade("proxy/8080/")).toBe(401);
      for (const path of ["files/a.txt", "ide/", "about", "proxy/8080/", "absproxy/8080/", "api/session"]) {
        expect((await guest.ask(path)).status, path).toBe(401);
      }
      expect((await guest.ask("leave", { method: "POST" })).status).toBe(401);
    }
    expect(await listed()).toMatchObject({ guests: [], requests: [{ name: "Bob" }] });
    expect(readFileSync(join(server.workspace, "a.txt"), "utf8")).toBe(files["a.txt"]);
    expect(await audit()).toEqual(["create", "request"]);
  });

  it("a declined guest is told so, and has no session", async () => {
    const { guest, waiting } = await asked();
    const joining = ask(guest, { waiting });
    expect((await decide(await request(), "decline")).status).toBe(204);
    const declined = await joining;
    expect(declined.status).toBe(403);
    expect(codeOf(declined)).toBe("SHARE_DECLINED");
    expect(declined.headers["set-cookie"]).toBeUndefined();
    expect(await listed()).toMatchObject({ guests: [], requests: [] });
    expect(await audit()).toEqual(["create", "request", "decline"]);
  });

  it("R14: whoever was declined several times cannot ask again for a while", async () => {
    for (let time = 1; time <= 3; time += 1) {
      await asked();
      await decide(await request(), "decline");
    }
    const refused = await ask(server.guest(share));
    expect(refused.status).toBe(429);
    expect(codeOf(refused)).toBe("SHARE_ASKED_OFTEN");
    expect((await listed()).requests).toEqual([]);
  });

  it("R14: of one address only half of the places can be taken", async () => {
    await server.stop();
    server = await SharingGateway.start({ files, flags: { "share-limits": JSON.stringify({ waiting: 4, free: 0 }) } });
    share = await server.create({ permission: "view", approve: true });
    await asked();
    await asked();
    expect(codeOf(await ask(server.guest(share)))).toBe("SHARE_MANY_WAITING");
    expect((await listed()).requests).toHaveLength(2);
  });

  it("a request is answered once, and an invented one not at all", async () => {
    const { guest, waiting } = await asked();
    const waits = await request();
    await decide(waits, "accept");
    expect((await ask(guest, { waiting })).status).toBe(204);
    for (const what of ["accept", "decline"] as const) expect((await decide(waits, what)).status).toBe(404);
    expect((await decide({ ...waits, request: "invented" }, "accept")).status).toBe(404);
    expect(await audit()).toEqual(["create", "request", "accept", "enter"]);
  });

  it("one guest's waiting does not let another in", async () => {
    const { waiting } = await asked();
    await decide(await request(), "accept");
    const other = await server.create({ permission: "view", approve: true });
    const answer = await ask(server.guest(other), { waiting });
    expect(answer.status).toBe(202);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  it("revoking the share ends the wait at once", async () => {
    const { guest, waiting } = await asked();
    const joining = ask(guest, { waiting });
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    expect(codeOf(await joining)).toBe("SHARE_LINK_WRONG");
  });

  it("a new link that ends the earlier ones ends the wait too", async () => {
    const { guest, waiting } = await asked();
    const joining = ask(guest, { waiting });
    await server.api(`/api/share/${share.id}/link`, { method: "POST", body: { end_old: true } });
    expect(codeOf(await joining)).toBe("SHARE_LINK_WRONG");
    expect((await listed()).requests).toEqual([]);
  });

  it("after a restart guests who are in stay in; who waits, asks anew", async () => {
    const first = await asked();
    await decide(await request(), "accept");
    first.guest.cookie = (await ask(first.guest, { waiting: first.waiting })).headers["set-cookie"]?.[0]?.split(";")[0];
    const second = await asked();
    await server.restart();
    const isIn = server.guest(share);
    isIn.cookie = first.guest.cookie;
    await (await isIn.session()).message("welcome");
    expect((await listed()).requests).toEqual([]);
    expect((await ask(server.guest(share), { waiting: second.waiting })).status).toBe(202);
    expect((await listed()).requests).toMatchObject([{ name: "Bob" }]);
  });

  it("the owner can ask for approval later, and stop asking", async () => {
    share = await server.create({ permission: "view" });
    expect((await ask(server.guest(share))).status).toBe(204);
    await server.api(`/api/share/${share.id}`, { method: "PATCH", body: { approve: true } });
    const { guest, waiting } = await asked();
    await server.api(`/api/share/${share.id}`, { method: "PATCH", body: { approve: false } });
    expect((await ask(guest, { waiting })).status).toBe(204);
  });
});

describe("R19: the administrator's setting", () => {
  it("“always” makes every share ask, also existing ones, and says so", async () => {
    await server.stop();
    server = await SharingGateway.start({ files, flags: { "share-approval": "always" } });
    share = await server.create({ permission: "view", approve: false });
    expect(share.approve).toBe(true);
    expect((await server.api("/api/share/info")).body).toMatchObject({ approval: "always" });
    await asked();
    expect((await listed()).guests).toEqual([]);
  });
});
