import type { ShareInfo } from "@waiide/protocol";
import { expect, it } from "vitest";
import { isAtLeast } from "../support/hub/config.ts";
import { startHub } from "../support/hub/hub.ts";
import { Guest, Owner, policyConfig, sharingEnvironment } from "../support/hub/sharing.ts";
import { patience } from "../support/patience.ts";

/** All that hubs before version 3 can grant: the right to create tokens, which they do not narrow. */
const tooMuch = `c.JupyterHub.load_roles.append({"name": "server", "scopes": ["users:activity!user", "access:servers!user", "tokens!user"]})`;
const environment = { ...sharingEnvironment, WAIIDE_ALLOW_EXPOSED_HUB_TOKEN: "on" };

interface Tokens {
  readonly api_tokens: readonly { readonly note: string }[];
}

it.each([
  ["6.1.1", "links-and-tokens", undefined],
  ["5.5.4", "links-and-tokens", undefined],
  ["4.1.6", "links-and-tokens", undefined],
  ["6.1.1", "links-only", "lacks tokens!user=alice"],
  ["2.3.1", tooMuch, "JupyterHub 2.3.1"],
  ["1.5.1", "", "JupyterHub 1.5.1"],
])("JupyterHub %s, %s: share links and their tokens at the hub", async (version, policy, reason) => {
  const config = /^[a-z-]+$/.test(policy) ? await policyConfig(policy) : policy;
  const hub = await startHub({ version, config, environment });
  try {
    const server = await hub.startServer("alice", "waiide");
    const owner = await Owner.of(hub, server);
    const info = (await owner.ask<ShareInfo>("GET", "info")).body;
    const available = reason === undefined;
    expect(info.hub_tokens).toEqual(available ? { available } : { available, reason: expect.stringContaining(reason) });
    const share = await owner.create({ permission: "view" });
    const listed = async () => {
      const { body } = await hub.api.call<Tokens>("GET", "/users/alice/tokens");
      return body.api_tokens.filter(({ note }) => note.startsWith("WAIIDE Share")).length;
    };
    expect(await listed()).toBe(available ? 1 : 0);
    const guest = new Guest(hub, share);
    expect((await guest.enter()).status).toBe(204);
    expect((await guest.client.fetch(`${guest.url}files/hello.py`)).status).toBe(200);
    // No user of these hubs can admit bob for alice: the answer says so, and the record is made all the same.
    const { hub_access } = await owner.create({ permission: "view", with: { user: "bob" } });
    const why = isAtLeast(version, "5.0") ? "not logged in" : `JupyterHub ${version} has no shares`;
    expect(hub_access).toEqual({ granted: false, reason: expect.stringContaining(why) });
    await owner.ask("DELETE", `revoke/${share.id}`);
    expect((await guest.client.fetch(`${guest.url}files/hello.py`)).status).toBe(401);
    await expect.poll(listed, patience).toBe(0);
  } finally {
    await hub.stop();
  }
});
