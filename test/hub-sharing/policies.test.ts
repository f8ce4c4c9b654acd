import { readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ShareInfo } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { startHub } from "../support/hub/hub.ts";
import { Owner, policyConfig, sharingEnvironment } from "../support/hub/sharing.ts";

const folder = resolve(import.meta.dirname, "../../deploy/jupyterhub");

/** What each configuration answers to a View Only link, a View Only share with bob, and a Terminal Access share with bob. */
const policies = {
  "hub-users-only": [201, 201, 201],
  "links-and-tokens": [201, 201, 201],
  "links-only": [201, 201, 201],
  "named-people": [403, 201, 201],
  "no-sharing": [503, 503, 503],
} as const;
const names = Object.keys(policies) as (keyof typeof policies)[];
/** No choices of what may be shared: stopped, service and containers/docker.test.ts start hubs with them. */
const beside = ["docker", "stopped-servers", "admin-page"];

it("every configuration is started here", async () => {
  expect((await readdir(folder)).filter((name) => name.endsWith(".py")).sort()).toEqual(
    [...names, ...beside].map((name) => `${name}.py`).sort(),
  );
});

it("R4: no configuration lets guests hand over their tokens", async () => {
  for (const name of [...names, ...beside]) {
    const text = (await readFile(resolve(folder, `${name}.py`), "utf8")).replace(/^\s*#.*$/gm, "");
    const allowed = /oauth_client_allowed_scopes\s*\+?=\s*\[([^\]]*)\]/.exec(text)?.[1] ?? "";
    expect(allowed, name).not.toMatch(/tokens|inherit|self|admin/);
  }
});

describe("R19: a hub with the configuration", () => {
  it.each(names)("%s", async (name) => {
    const hub = await startHub({ config: await policyConfig(name), environment: sharingEnvironment });
    try {
      const server = await hub.startServer("alice", "waiide");
      const owner = await Owner.of(hub, server);
      const requests = [
        { permission: "view" },
        { permission: "view", with: { user: "bob" } },
        { permission: "terminal", with: { user: "bob" }, confirm: true },
      ];
      const statuses: number[] = [];
      for (const request of requests) statuses.push((await owner.ask("POST", "create", request)).status);
      expect(statuses).toEqual(policies[name]);
      const terminal = await owner.ask("POST", "create", { permission: "terminal", confirm: true });
      expect(terminal.status).toBe(name === "no-sharing" ? 503 : 403);
      const { body } = await owner.ask<ShareInfo>("GET", "info");
      expect(body.sharing_available).toBe(name !== "no-sharing");
      expect([body.links, body.hub_users_only]).toEqual([name !== "named-people", name === "hub-users-only"]);
      expect(body.levels.map(({ allowed_named }) => allowed_named)).toEqual([true, true, true]);
      const scopes: unknown = JSON.parse(server.environment.JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES ?? "[]");
      expect(JSON.stringify(scopes)).not.toMatch(/tokens|inherit/);
    } finally {
      await hub.stop();
    }
  });
});
