import { type Audit, type CreatedShare, type Share, sessionClose } from "@waiide/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpClient } from "../support/http/client.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { Guest, Owner, policyConfig, sharingEnvironment } from "../support/hub/sharing.ts";
import { patience } from "../support/patience.ts";

interface HubShareList {
  readonly items: readonly {
    readonly user: { readonly name: string } | null;
    readonly group: { readonly name: string } | null;
  }[];
}

let hub: Hub;
let server: RunningServer;
let owner: Owner;
let alice: HttpClient;

beforeAll(async () => {
  const config = await policyConfig("named-people");
  hub = await startHub({ config, environment: sharingEnvironment, users: ["alice", "bob", "carol", "dave"] });
  await hub.api.group("team", ["carol"]);
  server = await hub.startServer("alice", "waiide");
  owner = await Owner.of(hub, server);
  alice = await hub.login("alice");
  await hub.visit(alice, `${server.url}ide/`);
});
afterAll(async () => {
  await hub.stop();
});

/** The users whom the hub permits to log in at alice's server. */
async function hubShares(): Promise<string[]> {
  const { body } = await hub.api.call<HubShareList>("GET", "/shares/alice/waiide");
  return body.items.map(({ user, group }) => user?.name ?? `group ${group?.name}`);
}

/** A person who has the address and clicks “Log in”, then Authorize where the hub asks. */
async function visitor(user: string, share: CreatedShare): Promise<Guest & { landed: string }> {
  const guest = new Guest(hub, share, await hub.login(user));
  const page = await hub.visit(guest.client, `${guest.url}login`);
  return Object.assign(guest, { landed: page.url });
}

const file = async ({ client, url }: Guest) => (await client.fetch(`${url}files/hello.py`)).status;

describe("R2: shares with named people", () => {
  it("the named user logs in at the hub and joins under that name", async () => {
    const share = await owner.create({ permission: "edit", with: { user: "bob" }, file: "hello.py" });
    expect(share).toMatchObject({ with: { user: "bob" }, hub_access: { granted: true } });
    expect(new URL(share.url).hash).toBe("");
    expect(await hubShares()).toEqual(["bob"]);
    expect((await new Guest(hub, share).post("look", {})).body.error).toMatchObject({ code: "SHARE_HUB_LOGIN" });
    const bob = await visitor("bob", share);
    expect(bob.landed).toBe(bob.url);
    expect((await bob.post("look", {})).body).toMatchObject({ hub_user: "bob", what: "the file “hello.py”" });
    expect((await bob.post("enter", { name: "alice" })).status).toBe(204);
    const { welcome, closed } = await bob.session();
    expect(welcome).toMatchObject({ you: { name: "bob" } });
    expect(await file(bob)).toBe(200);
    expect((await bob.client.fetch(`${server.url}ide/`)).status).toBe(403);
    const { shares } = (await owner.ask<{ shares: Share[] }>("GET", "list")).body;
    expect(shares[0]?.guests).toMatchObject([{ name: "bob", hub_user: "bob" }]);
    const { entries } = (await owner.ask<Audit>("GET", `audit?share=${share.id}`)).body;
    expect(entries.find(({ event }) => event === "enter")?.who).toMatch(/^bob of the hub/);

    await owner.ask("DELETE", `revoke/${share.id}`);
    expect(await closed).toBe(sessionClose.revoked);
    expect(await file(bob)).toBe(401);
    expect((await bob.post("enter", {})).status).toBe(404);
    await expect.poll(hubShares, patience).toEqual([]);
  });

  it("nobody else: another user with access does not even learn of the share", async () => {
    const share = await owner.create({ permission: "view", with: { user: "bob" } });
    await hub.api.share("alice", "waiide", { user: "dave" });
    const dave = await visitor("dave", share);
    const refused = await dave.post("look", {});
    const never = new Guest(hub, { url: share.url.replace(share.id, "never-existed") }, dave.client);
    expect(refused.status).toBe(404);
    expect(await never.post("look", {})).toEqual(refused);
    expect((await dave.post("enter", {})).status).toBe(404);
    expect((await dave.post("enter", { secret: "guessed" })).status).toBe(404);
    await owner.ask("DELETE", `revoke/${share.id}`);
    // WAIIDE does not revoke what somebody shared at the hub.
    await expect.poll(hubShares, patience).toEqual(["dave"]);
  });

  it("a user unknown to the hub is an error with a reason", async () => {
    for (const recipient of [{ user: "nobody" }, { group: "none" }]) {
      const { status, body } = await owner.ask<{ error: { message: string } }>("POST", "create", {
        permission: "view",
        with: recipient,
      });
      expect([status, body.error.message]).toEqual([400, expect.stringContaining("“with”")]);
    }
  });

  it("R19: where links are off only people are named; Terminal Access may be", async () => {
    expect((await owner.ask("POST", "create", { permission: "view" })).status).toBe(403);
    const share = await owner.create({ permission: "terminal", with: { user: "bob" }, confirm: true });
    expect(share.level).toBe("terminal");
    await owner.ask("DELETE", `revoke/${share.id}`);
  });
});

describe("R2, R22: when people change", () => {
  it("members of a named group join; after leaving it they are out in a minute", async () => {
    const share = await owner.create({ permission: "view", with: { group: "team" } });
    const carol = await visitor("carol", share);
    expect((await carol.post("enter", {})).status).toBe(204);
    expect(await file(carol)).toBe(200);
    const { closed } = await carol.session();
    await hub.api.call("DELETE", "/groups/team/users", { body: { users: ["carol"] } });
    expect(await closed).toBe(sessionClose.login);
    expect(await file(carol)).toBe(401);
    await owner.ask("DELETE", `revoke/${share.id}`);
    await expect.poll(hubShares, patience).not.toContain("group team");
  });

  it("ended while the owner is away: nobody joins; the hub's share goes later", async () => {
    const share = await owner.create({ permission: "view", with: { user: "bob" } });
    const bob = await visitor("bob", share);
    await alice.open(`${server.url}logout`);
    await owner.ask("DELETE", `revoke/${share.id}`);
    expect((await bob.post("enter", {})).status).toBe(404);
    expect(await hubShares()).toContain("bob");
    alice = await hub.login("alice");
    await hub.visit(alice, `${server.url}ide/`);
    await expect.poll(hubShares, patience).not.toContain("bob");
  });
});
