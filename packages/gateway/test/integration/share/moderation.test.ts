import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Audit, type CreatedShare, type CreateShare, type ShareList, sessionClose } from "@waiide/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import type { GuestClient } from "../../support/guest-client.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n" };

let server: SharingGateway;
let share: CreatedShare;
let guest: GuestClient;

beforeEach(async () => {
  server = await SharingGateway.start({ files });
});

async function enter(permission: CreateShare["permission"]): Promise<void> {
  const confirm = permission === "terminal";
  ({ share, guest } = await server.enter({ permission, ...(confirm && { confirm }) }));
}

async function guests() {
  const { body } = await server.api("/api/share/list");
  return (body as ShareList).shares.find(({ id }) => id === share.id)?.guests ?? [];
}

async function lower(permission: string, session?: string) {
  const id = session ?? (await guests())[0]?.session;
  return server.api(`/api/share/${share.id}/guests/${id}`, { method: "PATCH", body: { permission } });
}

const content = () => readFileSync(join(server.workspace, "a.txt"), "utf8");

async function write(by: GuestClient, text: string): Promise<unknown> {
  const session = await by.session();
  const read = await session.ask("read", { path: "a.txt" });
  const base = "version" in read ? (read.version ?? null) : null;
  return session.ask("write", { path: "a.txt", base, content: text, encoding: "utf8" });
}

describe("one guest is made View Only", () => {
  it("their page closes, and from then on they write nothing", async () => {
    await enter("edit");
    const session = await guest.session();
    expect((await lower("View Only")).status).toBe(204);
    expect((await session.closed).code).toBe(sessionClose.changed);
    const again = await guest.session();
    expect(await again.message("welcome")).toMatchObject({
      you: { level: "view" },
      share: { level: "view", permission: "View Only", promise: "You can view files, but not edit them." },
    });
    expect(await write(guest, "evil\n")).toMatchObject({ code: "DENIED" });
    expect(content()).toBe("alpha\n");
    expect(JSON.parse((await guest.ask("about")).body)).toMatchObject({ level: "view" });
    expect(await guests()).toMatchObject([{ name: "Bob", permission: "View Only", level: "view" }]);
  });

  it("the other guests go on as before, and are not told of it", async () => {
    await enter("edit");
    const other = await server.guest(share).enter("Carol");
    const session = await other.session();
    const [bob] = await guests();
    await lower("view", bob?.session);
    expect(await write(other, "beta\n")).toMatchObject({ version: expect.any(String) });
    expect(content()).toBe("beta\n");
    await server.api(`/api/share/${share.id}`, { method: "PATCH", body: { note: "new", expires_in: 3600 } });
    const lowered = await guest.session();
    await server.api(`/api/share/${share.id}`, { method: "PATCH", body: { expires_in: 7200 } });
    expect(await session.message("share")).toMatchObject({ share: { level: "edit" } });
    expect(await lowered.message("share")).toMatchObject({ share: { level: "view" } });
  });

  it("it holds when they enter anew with the same browser, and after a restart", async () => {
    await enter("edit");
    await lower("view");
    const body = { secret: guest.secret, name: "Robert" };
    const entered = await guest.ask("enter", { method: "POST", body });
    guest.cookie = entered.headers["set-cookie"]?.[0]?.split(";")[0];
    expect(await write(guest, "evil\n")).toMatchObject({ code: "DENIED" });
    await server.restart();
    const after = server.guest(share);
    after.cookie = guest.cookie;
    expect(await write(after, "evil\n")).toMatchObject({ code: "DENIED" });
    expect(content()).toBe("alpha\n");
  });

  it("the level cannot be raised, and nobody else's guest can be named", async () => {
    await enter("edit");
    const { share: other } = await server.enter({ permission: "edit" });
    expect((await lower("terminal")).status).toBe(400);
    expect((await lower("edit")).status).toBe(400);
    await lower("view");
    expect((await lower("edit")).status).toBe(400);
    const mine = (await guests()).at(0)?.session;
    const elsewhere = `/api/share/${other.id}/guests/${mine}x`;
    expect((await server.api(elsewhere, { method: "PATCH", body: { permission: "view" } })).status).toBe(404);
  });

  it("the audit says who was lowered to what", async () => {
    await enter("edit");
    await lower("view");
    const { body } = await server.api(`/api/share/audit?share=${share.id}`);
    const [last] = (body as Audit).entries;
    expect(last).toMatchObject({ event: "lower-guest", details: { level: "view" } });
    expect(String(last?.details.guest)).toContain("Bob");
  });
});

describe("R16: a Terminal Access guest is made View Only", () => {
  it("the IDE, ports and their sockets are closed to them", async () => {
    await enter("terminal");
    expect((await lower("view")).status).toBe(204);
    expect((await guest.ask("ide/")).status).toBe(403);
    expect(await guest.upgrade("ide/")).toBe(403);
    expect((await guest.ask("proxy/8080/")).status).toBe(403);
    expect((await guest.ask("")).headers.location).toBeUndefined();
    expect(await write(guest, "evil\n")).toMatchObject({ code: "DENIED" });
    expect(content()).toBe("alpha\n");
  });
});
