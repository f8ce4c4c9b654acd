import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ShareInfo } from "@waiide/protocol";
import type { Page, WebSocket } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, vi } from "vitest";
import { runWaiide } from "../support/gateway.ts";
import { HttpClient } from "../support/http/client.ts";
import { opensIde } from "../support/hub/contract.ts";
import { hubNames, it } from "../support/hub/fixtures.ts";
import { type Hub, type HubOptions, type RunningServer, startHub } from "../support/hub/hub.ts";
import { ideReached, screenshot } from "../support/page/browser.ts";
import { guestWorkbenchVisible, typeIntoFile } from "../support/page/guest-workbench.ts";
import { patience } from "../support/patience.ts";
import { comeIn, createShare, listShares, share } from "../support/sharing.ts";

const escaped = "bob.x@ex.org";

it.override("browserArguments", [hubNames]);

describe.each<[string, HubOptions, string, string]>([
  ["a default server", {}, "alice", ""],
  ["a named server of an escaped user name, below /jupyter/", { baseUrl: "/jupyter/" }, escaped, "lab-1"],
  ["a subdomain for each user", { subdomainHost: "hub.test" }, "alice", "waiide"],
])("behind a real hub, %s", (_what, options, owner, name) => {
  let hub: Hub;
  let server: RunningServer;
  let origin: string;
  /** The credentials with which the owner's programs call the API. */
  let authorization: string;

  beforeAll(async () => {
    hub = await startHub({ ...options, users: [owner, "carol"] });
    server = await hub.startServer(owner, name);
    await hub.ideReady(server);
    origin = new URL(server.url).origin;
    authorization = `token ${(await hub.createToken(owner)).token}`;
  });
  afterEach(() => share(server, "revoke", "--all"));
  afterAll(() => hub.stop());

  const api = (path: string, method = "GET") =>
    new HttpClient().send(`${server.url}api/share/${path}`, { method, headers: { authorization } });

  it("links name what the hub says, or else where the owner's browser opened the IDE", async ({ page }) => {
    const namesTheServer = async () => {
      const made = await createShare(server);
      expect(made.url.replace(/#.*/, "")).toBe(`${server.url}share/${made.id}/`);
    };
    if (options.subdomainHost === undefined) {
      expect(server.environment.JUPYTERHUB_PUBLIC_URL || "unknown").toBe("unknown");
      const { code, stderr } = await runWaiide(["share", "create"], server.environment);
      expect(code).not.toBe(0);
      expect(stderr).toContain("PUBLIC_URL_UNKNOWN");
    } else {
      await namesTheServer();
    }
    await page.goto(server.url);
    await hub.loginInBrowser(page, owner);
    await ideReached(page);
    expect(page.url()).toBe(`${server.url}ide/`);
    // Known once VS Code has opened its socket.
    await vi.waitFor(namesTheServer, patience);
  });

  it("R15: a guest without an account joins, edits and saves, until the share ends", async ({ page, context }) => {
    const made = await createShare(server, "--permission", "Full Access");
    const addresses: string[] = [];
    context.on("request", (request) => addresses.push(request.url().replace(/#.*/, "")));
    await page.goto(made.url);
    await page.getByRole("heading", { name: `${owner} shares the workspace “workspace” with you` }).waitFor();
    await page.getByText("the owner may run what you edited").waitFor();
    await screenshot(page, `share-hub-${name || "default"}`);
    const opened = sessionOf(page, made.id);
    await comeIn(page, "Guest");
    const session = await opened;
    expect(addresses.filter((url) => !url.startsWith(`${server.url}share/`))).toEqual([]);
    expect(await context.cookies()).toMatchObject([
      { name: `waiide-${made.id}`, path: new URL(made.url).pathname, domain: new URL(origin).hostname, httpOnly: true },
    ]);
    expect(await listShares(server)).toMatchObject([{ id: made.id, guests: [{ name: "Guest", present: true }] }]);
    expect(await statusInPage(page, `${server.prefix}api/status`)).toBe(401);

    await guestWorkbenchVisible(page);
    await page.getByRole("banner").getByText(`${owner}: workspace`).waitFor();
    await typeIntoFile(page, "hello.py", "print('hello')", "# a guest was here\n");
    await page.keyboard.press("Control+S");
    const saved = () => readFile(join(hub.home(owner), "workspace/hello.py"), "utf8");
    await expect.poll(saved, patience).toBe("# a guest was here\nprint('hello')\n");

    const closed = session.waitForEvent("close");
    const [answer] = await Promise.all([api(`revoke/${made.id}`, "DELETE"), closed]);
    expect(JSON.parse(answer.body)).toEqual({ revoked: 1, guests: 1 });
    // Where the hub's proxy lost the reason on the way, the page only learns that it is not in any more.
    await page.getByRole("heading", { name: /^(This share has ended|You are no longer in this share)$/ }).waitFor();
    expect(await statusInPage(page, "files/hello.py")).toBe(401);
    expect(hub.output).not.toContain(new URL(made.url).hash.slice(1));
  });

  it("R15: no hub login opens a share, not even the owner's; none is redirected to the hub", async () => {
    const made = await createShare(server, "hello.py");
    const below = `${server.url}share/${made.id}/`;
    const [ownersClient, other] = [await hub.login(owner), await hub.login("carol")];
    await opensIde(hub, server, ownersClient);
    await hub.visit(other, server.url);
    for (const client of [ownersClient, other, new HttpClient()]) {
      expect((await client.fetch(`${below}files/hello.py`)).status).toBe(401);
      expect((await client.fetch(`${below}files/hello.py`, { authorization })).status).toBe(401);
      expect((await client.upgrade(`${below}api/session`, { origin, "sec-fetch-site": "same-origin" })).status).toBe(
        401,
      );
      expect((await client.send(`${below}leave`, { method: "POST", headers: { origin } })).status).toBe(401);
      // Everyone who opens a page is redirected to the landing page, and nowhere else.
      for (const path of ["", "ide/", "files/hello.py"]) {
        const landing = await client.open(below + path);
        expect([landing.status, landing.url]).toEqual([200, below]);
        expect(landing.body).toContain("Checking the link");
      }
    }
    expect(await listShares(server)).toMatchObject([{ id: made.id, guests: [] }]);
  });

  it("R19: Terminal Access needs more than a link here, and the command says why", async () => {
    const { code, stdout, stderr } = await runWaiide(
      ["share", "create", "--permission", "Terminal Access", "--yes"],
      server.environment,
    );
    expect([code === 0, stdout]).toEqual([false, ""]);
    expect(stderr).toContain("SHARE_CEILING");
    expect(stderr).toContain("links up to Full Access");
    const info = JSON.parse((await api("info")).body) as ShareInfo;
    expect(info).toMatchObject({ sharing_available: true, environment: "jupyterhub", user: owner, server_name: name });
    expect(info.levels.map(({ level, allowed }) => [level, allowed])).toEqual([
      ["view", true],
      ["edit", true],
      ["terminal", false],
    ]);
    expect(info.levels[2]?.reason).toContain("links up to Full Access");
    expect(await listShares(server)).toEqual([]);
  });
});

/** The page's session, once it was welcomed. */
async function sessionOf(page: Page, id: string): Promise<WebSocket> {
  const { promise, resolve } = Promise.withResolvers<WebSocket>();
  page.on("websocket", (socket) => {
    if (!socket.url().includes(`/share/${id}/`) || !socket.url().endsWith("/api/session")) return;
    socket.on("framereceived", ({ payload }) => {
      if (String(payload).includes('"welcome"')) resolve(socket);
    });
  });
  return promise;
}

/** What a request of the page's own is answered with. @param url below the share */
function statusInPage(page: Page, url: string): Promise<number> {
  return page.evaluate(
    async (address) => (await fetch(address.startsWith("/") ? address : document.body.dataset.base + address)).status,
    url,
  );
}
