import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Backend, startBackend } from "../http/backend.ts";
import { HttpClient } from "../http/client.ts";
import { patience } from "../patience.ts";
import { remainingBelow } from "../processes.ts";
import { isAtLeast } from "./config.ts";
import { opensIde, portUrl, ways } from "./contract.ts";
import { type Hub, type RunningServer, startHub } from "./hub.ts";

const everything = { ide: 200, port: 200, socket: 101, api: 200 };
const nobody = { ide: 401, port: 401, socket: 401, api: 401 };
const forbidden = { ide: 403, port: 403, socket: 403, api: 403 };

/** What must hold with any hub, without a browser. */
export function describeHub(version: string): void {
  describe(`JupyterHub ${version}`, () => {
    let hub: Hub;
    let backend: Backend;
    let server: RunningServer;
    beforeAll(async () => {
      const environment = { JUPYTERHUB_ACTIVITY_INTERVAL: "1" };
      [hub, backend] = await Promise.all([
        startHub({ version, environment, config: "c.JupyterHub.activity_resolution = 0" }),
        startBackend(),
      ]);
      server = await hub.startServer("alice", "waiide");
      await hub.ideReady(server);
    });
    afterAll(async () => {
      await hub.stop();
      await backend.close();
    });

    it("login", async () => {
      const first = await hub.startServer("alice");
      await hub.ideReady(first);
      const client = await hub.login("alice");
      await opensIde(hub, first, client);
      expect(await ways(server, backend.port, client)).toEqual(nobody);
      await hub.stopServer("alice");
      expect((await hub.api.user("alice")).servers.waiide?.ready).toBe(true);
    });

    it("named server", async () => {
      const client = await hub.login("alice");
      await opensIde(hub, server, client);
      expect(hub.output).not.toMatch(/X-JupyterHub-Version|version mismatch|different from/i);
    });

    it("WebSocket", async () => {
      const client = await hub.login("alice");
      await opensIde(hub, server, client);
      expect(await ways(server, backend.port, client)).toEqual(everything);
      const foreign = { origin: "https://evil.example" };
      expect((await client.upgrade(`${server.url}proxy/${backend.port}/`, foreign)).status).toBe(403);
    });

    it("token", async () => {
      const { token } = await hub.createToken("alice");
      expect(await ways(server, backend.port, new HttpClient(), { authorization: `token ${token}` })).toEqual(
        everything,
      );
    });

    it("refusals", async () => {
      const { token } = await hub.createToken("bob");
      expect(await ways(server, backend.port, new HttpClient())).toEqual(nobody);
      expect(await ways(server, backend.port, new HttpClient(), { authorization: "token wrong" })).toEqual(nobody);
      expect(await ways(server, backend.port, new HttpClient(), { authorization: `token ${token}` })).toEqual(
        forbidden,
      );
      // Hubs before 2 let anybody log in at any server: only the gateway refuses then.
      const bob = await hub.login("bob");
      expect((await hub.visit(bob, server.url)).status).toBe(403);
      const expected = isAtLeast(version, "2.0") ? nobody : forbidden;
      expect(await ways(server, backend.port, bob)).toEqual(expected);
    });

    it("administrator", async () => {
      const root = await hub.login("root");
      await hub.visit(root, server.url);
      // Before version 2 administrators enter others' servers only where the hub permits it, which is not the default.
      const expected = isAtLeast(version, "2.0") ? everything : forbidden;
      expect(await ways(server, backend.port, root)).toEqual(expected);
    });

    it("activity", async () => {
      const client = await hub.login("alice");
      await opensIde(hub, server, client);
      const since = Date.now();
      // A click: the requests of the tests before come so steadily that they count as a page's own.
      await client.open(portUrl(server, backend.port), { "sec-fetch-user": "?1" });
      const reported = async () => Date.parse((await hub.api.user("alice")).servers.waiide?.last_activity ?? "");
      await expect.poll(reported, patience).toBeGreaterThanOrEqual(since);
    });

    it("stop", async () => {
      await hub.stopServer("alice", "waiide");
      expect(await remainingBelow(hub.home("alice"))).toEqual([]);
    });
  });
}
