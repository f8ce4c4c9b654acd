import { join } from "node:path";
import type { Audit, CloneToken, Proposals, Share } from "@waiide/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloneAddress, runGuestGit } from "../../packages/gateway/test/support/git/guest-git.ts";
import { TestRepository } from "../../packages/gateway/test/support/git/test-repository.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { Guest, Owner, policyConfig, sharingEnvironment } from "../support/hub/sharing.ts";
import { launchBrowser, newPage } from "../support/page/browser.ts";

let hub: Hub;
let server: RunningServer;
let owner: Owner;

beforeAll(async () => {
  const config = await policyConfig("hub-users-only");
  hub = await startHub({ config, environment: sharingEnvironment, users: ["alice", "bob", "carol"] });
  server = await hub.startServer("alice", "waiide");
  owner = await Owner.of(hub, server);
});
afterAll(async () => {
  await hub.stop();
});

describe("R19: guests by a link must be users of the hub", () => {
  it("guests without a login are asked to log in; the link alone is not enough", async () => {
    const guest = new Guest(hub, await owner.create({ permission: "view" }));
    for (const what of ["look", "enter"] as const) {
      const { status, body } = await guest.post(what, { secret: guest.secret });
      expect([status, body.error]).toEqual([401, expect.objectContaining({ code: "SHARE_HUB_LOGIN" })]);
    }
    expect((await guest.client.fetch(`${guest.url}files/hello.py`)).status).toBe(401);
  });

  it("presence and audit use the hub's name, whatever the guest enters", async () => {
    const share = await owner.create({ permission: "view" });
    const guest = new Guest(hub, share, await hub.login("bob"));
    const page = await hub.visit(guest.client, `${guest.url}login`);
    expect([page.status, page.url]).toEqual([200, guest.url]);
    expect((await guest.post("look", { secret: guest.secret })).body).toMatchObject({
      hub_user: "bob",
      owner: "alice",
    });
    expect((await guest.enter("alice")).status).toBe(204);
    const { welcome, closed } = await guest.session();
    expect(welcome).toMatchObject({ you: { name: "bob" } });
    const { shares } = (await owner.ask<{ shares: Share[] }>("GET", "list")).body;
    const guests = shares.find(({ id }) => id === share.id)?.guests;
    expect(guests).toMatchObject([{ name: "bob", hub_user: "bob", present: true }]);
    const { entries } = (await owner.ask<Audit>("GET", `audit?share=${share.id}`)).body;
    expect(entries.find(({ event }) => event === "enter")?.who).toMatch(/^bob of the hub \(/);
    await owner.ask("DELETE", `revoke/${share.id}`);
    await closed;
  });

  it("git clones a commit through the hub's proxy, and pushes a proposal", async () => {
    const home = hub.home("alice");
    const repository = new TestRepository(join(home, "workspace"));
    repository.commit("First", { "notes.md": "one\n" });
    const share = await owner.create({ permission: "view", commit: { ref: "main", propose: true } });
    const guest = new Guest(hub, share, await hub.login("bob"));
    await hub.visit(guest.client, `${guest.url}login`);
    expect((await guest.enter()).status).toBe(204);
    const { body } = await guest.client.send(`${guest.url}clone-token`, {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin" },
    });
    const token = JSON.parse(body) as CloneToken;
    expect(token.propose).toBe("from/bob");
    const bobs = hub.home("bob");
    const git = (...args: string[]) => runGuestGit(bobs, token.password, ...args);
    const address = cloneAddress(new URL(hub.url).origin, token);
    const cloned = await git("clone", "-q", address, "clone");
    expect(cloned.code, cloned.text).toBe(0);
    new TestRepository(join(bobs, "clone")).commit("A fix", { "notes.md": "two\n" });
    const pushed = await git("-C", "clone", "push", "-q", "origin", "HEAD:from/bob");
    expect(pushed.code, pushed.text).toBe(0);
    const { proposals } = (await owner.ask<Proposals>("GET", `${share.id}/proposals`)).body;
    expect(proposals).toMatchObject([{ user: "bob", message: "A fix" }]);
  });

  it("a login is not a key: without the link's secret it opens nothing but the share", async () => {
    const guest = new Guest(hub, await owner.create({ permission: "view" }), await hub.login("bob"));
    await hub.visit(guest.client, `${guest.url}login`);
    expect((await guest.post("enter", { secret: "wrong" })).status).toBe(404);
    expect((await guest.client.fetch(`${guest.url}files/hello.py`)).status).toBe(401);
    expect((await guest.client.fetch(`${server.url}ide/`)).status).toBe(403);
    expect((await guest.client.fetch(`${server.url}api/share/list`)).status).toBe(403);
  });

  it("R15: in a browser the secret survives the login, and neither hub nor proxy sees it", async () => {
    const guest = new Guest(hub, await owner.create({ permission: "view" }));
    const browser = await launchBrowser();
    try {
      const { page } = await newPage(browser);
      const asked: string[] = [];
      page.on("request", (request) => asked.push(`${request.url()} ${request.postData() ?? ""}`));
      await page.goto(`${guest.url}#${guest.secret}`);
      await page.getByRole("button", { name: "Log in" }).click();
      await hub.loginInBrowser(page, "bob");
      // The hub asks each user once whether alice's server may know who he is.
      const consent = page.getByRole("button", { name: /authorize/i });
      const known = page.locator("#as").getByText("bob");
      await consent.or(known).first().waitFor();
      if (await consent.isVisible()) await consent.click();
      await known.waitFor();
      expect(await page.evaluate(() => [location.hash, sessionStorage.length])).toEqual(["", 0]);
      const entered = page.waitForResponse((answer) => answer.url().endsWith("/enter"));
      await page.getByRole("button", { name: "Open" }).click();
      expect((await entered).status()).toBe(204);
      const withSecret = asked.filter((one) => one.includes(guest.secret)).map((one) => one.split(" ")[0]);
      expect([...new Set(withSecret)]).toEqual([`${guest.url}look`, `${guest.url}enter`]);
      expect(hub.output).not.toContain(guest.secret);
    } finally {
      await browser.close();
    }
  });

  it("a user without access at the hub stays at the hub, without a loop", async () => {
    const guest = new Guest(hub, await owner.create({ permission: "view" }), await hub.login("carol"));
    const page = await hub.visit(guest.client, `${guest.url}login`);
    expect([page.status, new URL(page.url).pathname]).toEqual([403, "/hub/api/oauth2/authorize"]);
    expect((await guest.enter()).status).toBe(401);
  });
});
