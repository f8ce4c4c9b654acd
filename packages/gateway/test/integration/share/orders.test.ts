import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Audit, type ShareList, type ShareOverview, sessionClose } from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Order, publicKeyText, signOrder } from "../../../src/share/hub-link/orders.ts";
import { askAt } from "../../support/asking.ts";
import { PlainHub } from "../../support/plain-hub.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const { privateKey } = generateKeyPairSync("ed25519");
const prefix = "/user/alice/";

async function start() {
  const hub = await PlainHub.start("alice");
  onTestFinished(() => hub.close());
  const server = await SharingGateway.start({
    files: { "a.txt": "alpha\n" },
    flags: { auth: undefined, token: undefined, port: undefined, "share-admin-keys": publicKeyText(privateKey) },
    environment: hub.environmentOf({ user: "alice", prefix }),
  });
  const give = async (method: Order["method"], path: string, name = "alice/", key = privateKey) => {
    const order = { service: "waiide", administrator: "root", server: name, method, path };
    const headers = { authorization: signOrder(order, key) };
    const { status, body } = await askAt(new URL(server.url), `${prefix}${path.slice(1)}`, { method, headers });
    return { status, body: JSON.parse(body) as Record<string, unknown> };
  };
  return { server, give };
}

describe("R2: orders of the administrator's page, at a gateway", () => {
  it("it sees shares and policy, and creates no store by reading", async () => {
    const { server, give } = await start();
    const store = join(server.dataFolder, "shares.sqlite");
    const before = await give("GET", "/api/share/overview");
    expect(before).toMatchObject({ status: 200, body: { sharing_available: true, links: true, shares: [] } });
    expect(existsSync(store)).toBe(false);
    await server.create({ permission: "view", note: "for the review" });
    const { body } = await give("GET", "/api/share/overview");
    expect((body as unknown as ShareOverview).shares).toMatchObject([{ level: "view", note: "for the review" }]);
    expect(JSON.stringify(body)).not.toMatch(/secret|#/);
  });

  it("it ends one share, then all; the owner's history names the administrator", async () => {
    const { server, give } = await start();
    const shares = [];
    for (const permission of ["view", "edit", "view"] as const) shares.push(await server.create({ permission }));
    expect(await give("DELETE", `/api/share/revoke/${shares[0]?.id}`)).toMatchObject({
      status: 200,
      body: { revoked: 1 },
    });
    expect((await give("DELETE", `/api/share/revoke/${shares[0]?.id}`)).status).toBe(404);
    expect(await give("DELETE", "/api/share/revoke")).toMatchObject({ status: 200, body: { revoked: 2 } });
    expect(((await server.api("/api/share/list")).body as ShareList).shares).toEqual([]);
    const { entries } = (await server.api("/api/share/audit")).body as Audit;
    const ends = entries.filter(({ event }) => event === "revoke").map(({ who }) => who);
    expect(ends).toEqual(Array(3).fill("administrator root, through the service waiide"));
    expect(entries.filter(({ event }) => event === "create").map(({ who }) => who)).toEqual(Array(3).fill("alice"));
  });

  it("guest and owner are told at once that an administrator ended it", async () => {
    const { server, give } = await start();
    const share = await server.create({ permission: "view" });
    const guest = await server.guest(share).enter("Bob");
    const session = await guest.session();
    const told = await server.ownerEvents();
    await give("DELETE", `/api/share/revoke/${share.id}`);
    expect(await session.closed).toEqual({ code: sessionClose.administrator, reason: "administrator" });
    const stopped = { id: share.id, by: "administrator", permission: "View Only", scope: { kind: "workspace" } };
    await expect.poll(() => told("stopped")).toEqual([stopped]);
  });

  it("requests of anyone else change nothing", async () => {
    const { server, give } = await start();
    const { id } = await server.create({ permission: "view" });
    const { privateKey: other } = generateKeyPairSync("ed25519");
    const refusals = [
      await give("DELETE", "/api/share/revoke", "alice/", other),
      await give("DELETE", "/api/share/revoke", "bob/"),
      await give("DELETE", `/api/share/${id}/guests/x`),
      await give("GET", "/api/share/audit"),
      await give("GET", "/api/status"),
    ];
    expect(refusals.map(({ status, body }) => [status, Object(body.error).code])).toEqual([
      [403, "SHARE_ORDER_KEY_UNKNOWN"],
      ...Array(4).fill([403, "SHARE_ORDER_REFUSED"]),
    ]);
    const ide = await askAt(new URL(server.url), `${prefix}ide/`, {
      headers: {
        authorization: signOrder(
          { service: "waiide", administrator: "root", server: "alice/", method: "GET", path: "/ide/" },
          privateKey,
        ),
      },
    });
    expect(ide.status).toBe(401);
    expect(((await server.api("/api/share/list")).body as ShareList).shares.map((share) => share.id)).toEqual([id]);
  });
});
