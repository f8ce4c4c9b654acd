import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Audit, type ShareInfo, sessionClose } from "@waiide/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultyHub, startFaultyHub } from "../support/hub/faulty-hub.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { Guest, Owner, policyConfig, sharingEnvironment } from "../support/hub/sharing.ts";

interface TokenModel {
  readonly id: string;
  readonly note: string;
  readonly scopes: readonly string[];
  readonly expires_at: string | null;
  readonly last_activity: string | null;
}

/** A share ends within 30 s after its end at the hub (DESIGN §3.3); the rest allows for a slow machine. */
const withinHalfAMinute = { timeout: 45_000, interval: 250 };

let hub: Hub;
let faulty: FaultyHub;
let server: RunningServer;
let guarded: RunningServer;
let owner: Owner;

beforeAll(async () => {
  faulty = await startFaultyHub();
  const config = `${await policyConfig("links-and-tokens")}
# The tests' servers run as root, who can read everything; the server "guarded" does not know that.
def permit(spawner):
    if spawner.name != "guarded":
        spawner.environment = dict(spawner.environment, WAIIDE_ALLOW_EXPOSED_HUB_TOKEN="on")

c.Spawner.pre_spawn_hook = permit
c.JupyterHub.activity_resolution = 0
c.Spawner.hub_connect_url = "${faulty.url}"
`;
  hub = await startHub({ config, environment: sharingEnvironment });
  faulty.target = new URL(hub.apiUrl).origin;
  server = await hub.startServer("alice", "waiide");
  guarded = await hub.startServer("alice", "guarded");
  owner = await Owner.of(hub, server);
});
afterAll(async () => {
  await hub.stop();
  await faulty.close();
});

/** The tokens of shares, as the hub lists them to the owner. */
async function tokens(): Promise<TokenModel[]> {
  const { body } = await hub.api.call<{ api_tokens: TokenModel[] }>("GET", "/users/alice/tokens");
  return body.api_tokens.filter(({ note }) => note.startsWith("WAIIDE Share"));
}

async function onlyToken(note: string): Promise<TokenModel> {
  const found = (await tokens()).filter((token) => token.note === note);
  if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} tokens “${note}”`);
  return found[0];
}

describe("companion tokens", () => {
  it("are listed at the hub: note, expiry, and one scope that means nothing elsewhere", async () => {
    const alice = await hub.login("alice");
    const levels = [
      ["View Only", "view"],
      ["Full Access", "edit"],
    ] as const;
    for (const [permission, level] of levels) {
      const share = await owner.create({ permission, note: `for ${level}`, expires_in: 3_600 });
      const token = await onlyToken(`WAIIDE Share - ${permission}: for ${level}`);
      const held = [
        `custom:waiide:${level}!server=alice/waiide`,
        "read:users:groups!user=alice",
        "read:users:name!user=alice",
      ];
      expect(token.scopes.filter((scope) => scope.startsWith("custom:"))).toEqual([held[0]]);
      expect(token.scopes.every((scope) => held.includes(scope))).toBe(true);
      expect(Math.abs(Date.parse(token.expires_at ?? "") - Date.parse(share.expires_at ?? ""))).toBeLessThan(60_000);
      expect((await alice.open(`${hub.url}hub/token`)).body).toContain(token.note);
      await owner.ask("DELETE", `revoke/${share.id}`);
    }
    await expect.poll(async () => (await tokens()).length, withinHalfAMinute).toBe(0);
    expect((await alice.open(`${hub.url}hub/token`)).body).not.toContain("WAIIDE Share");
  });

  it("are used at each entry, so that the hub says when; guests never see them", async () => {
    const share = await owner.create({ permission: "view", note: "used" });
    const note = "WAIIDE Share - View Only: used";
    const before = Date.parse((await onlyToken(note)).last_activity ?? "");
    const since = hub.output.length;
    const guest = new Guest(hub, share);
    expect((await guest.enter()).status).toBe(204);
    expect(Date.parse((await onlyToken(note)).last_activity ?? "")).toBeGreaterThan(before);
    await hub.printed(/200 GET \/hub\/api\/user \(alice@/, since);
    await owner.ask("DELETE", `revoke/${share.id}`);
  });

  it("R4: the token is encrypted on the disk, and the secret is not there", async () => {
    const share = await owner.create({ permission: "view", note: "sealed" });
    const { token: minted } = await hub.createToken("alice");
    const folder = join(hub.home("alice"), ".WAIIDE-server", "gateway", "waiide");
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    const files = await Promise.all(paths.map((path) => readFile(path, "latin1")));
    const content = files.join("\n");
    expect(content).toContain("WAIIDE Share - View Only: sealed");
    expect(content).not.toContain(new URL(share.url).hash.slice(1));
    // Tokens of the hub have about 32 hexadecimal digits: nothing on the disk looks like one.
    expect(minted).toMatch(/^[0-9a-zA-Z_-]{32,}$/);
    expect(content).not.toMatch(/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/);
    await owner.ask("DELETE", `revoke/${share.id}`);
  });

  it("R19: a changed share changes at the hub, and its link stays valid", async () => {
    const share = await owner.create({ permission: "edit", note: "changed", expires_in: 3_600 });
    await owner.ask("PATCH", share.id, { permission: "view", expires_in: 7_200 });
    const lowered = async () => (await tokens()).map(({ note }) => note);
    await expect.poll(lowered, withinHalfAMinute).toEqual(["WAIIDE Share - View Only: changed"]);
    expect((await new Guest(hub, share).enter()).status).toBe(204);
    expect((await tokens()).map(({ note }) => note)).toEqual(["WAIIDE Share - View Only: changed"]);
    await owner.ask("DELETE", `revoke/${share.id}`);
    await expect.poll(async () => (await tokens()).length, withinHalfAMinute).toBe(0);
  });

  it("deleted at the hub: the share ends in half a minute; a failing hub ends none", async () => {
    const [kept, ended] = [
      await owner.create({ permission: "view", note: "kept" }),
      await owner.create({ permission: "view", note: "ended" }),
    ];
    const [stays, goes] = [new Guest(hub, kept), new Guest(hub, ended)];
    await stays.enter();
    await goes.enter();
    const session = await goes.session();
    await stays.session();
    faulty.failing = true;
    await hub.api.deleteToken("alice", (await onlyToken("WAIIDE Share - View Only: ended")).id);
    // Longer than the interval between two requests to the hub, which answers none of them.
    const asked = performance.now();
    await expect
      .poll(
        async () => performance.now() - asked > 25_000 && (await goes.client.fetch(`${goes.url}files/hello.py`)).status,
        withinHalfAMinute,
      )
      .toBe(200);
    faulty.failing = false;
    expect(await session.closed).toBe(sessionClose.hub);
    expect((await goes.client.fetch(`${goes.url}files/hello.py`)).status).toBe(401);
    expect((await goes.enter()).status).toBe(404);
    expect((await stays.client.fetch(`${stays.url}files/hello.py`)).status).toBe(200);
    const { body } = await owner.ask<Audit>("GET", `audit?share=${ended.id}`);
    expect(body.entries.find(({ event }) => event === "revoke")?.who).toBe("hub");
    await owner.ask("DELETE", "revoke");
    await expect.poll(async () => (await tokens()).length, withinHalfAMinute).toBe(0);
  });
});

it("R4: refused with a reason if programs of the IDE can read the hub's token", async () => {
  const exposed = await Owner.of(hub, guarded);
  const info = (await exposed.ask<ShareInfo>("GET", "info")).body;
  expect(info.sharing_available).toBe(true);
  expect(info.hub_tokens).toEqual({ available: false, reason: expect.stringContaining("root") });
  expect((await owner.ask<ShareInfo>("GET", "info")).body.hub_tokens).toEqual({ available: true });
  const share = await exposed.create({ permission: "view", note: "unlisted" });
  expect(await tokens()).toEqual([]);
  expect((await new Guest(hub, share).enter()).status).toBe(204);
});
