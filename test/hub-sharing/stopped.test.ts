import { resolve } from "node:path";
import type { CreatedShare } from "@waiide/protocol";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fencedBlocks } from "../support/fenced-blocks.ts";
import { type Hub, startHub } from "../support/hub/hub.ts";
import { Guest, Owner, sharingEnvironment } from "../support/hub/sharing.ts";
import { launchBrowser, newPage, screenshot } from "../support/page/browser.ts";

const folder = resolve(import.meta.dirname, "../../deploy/jupyterhub");

/** Clicked by a person who may start the server: by a role of docs/sharing-admin.md, on older hubs by a share. */
const versions = [
  ["6.1.1", "Start the server"],
  ["5.5.4", "Launch Server waiide"],
] as const;

describe.each(versions)("JupyterHub %s: a share whose server is not running", (version, button) => {
  let hub: Hub;
  let browser: Browser;
  let link: CreatedShare;
  let named: CreatedShare;
  const pages: Record<string, Page> = {};

  beforeAll(async () => {
    const [loads, starters] = (await fencedBlocks("sharing-admin.md")).filter(({ language }) => language === "python");
    const policies = loads?.text
      .replaceAll("/opt/waiide/deploy/jupyterhub", folder)
      .replace("links-and-tokens", "named-people");
    const config = [policies, 'c.Spawner.environment["WAIIDE_SHARE_LINKS"] = "on"'];
    if (version === "6.1.1") {
      config.push('c.JupyterHub.load_groups = {"team": {"users": ["alice", "dave"]}}', starters?.text);
    }
    hub = await startHub({
      version,
      config: config.join("\n"),
      environment: sharingEnvironment,
      users: ["alice", "bob", "carol", "dave"],
    });
    browser = await launchBrowser();
    const server = await hub.startServer("alice", "waiide");
    const owner = await Owner.of(hub, server);
    await hub.visit(await hub.login("alice"), `${server.url}ide/`);
    link = await owner.create({ permission: "view" });
    named = await owner.create({ permission: "view", with: { user: "bob" } });
    if (version !== "6.1.1") {
      const scopes = ["access:servers", "servers"].map((scope) => `${scope}!server=alice/waiide`);
      const given = await hub.api.call("POST", "/shares/alice/waiide", { body: { user: "dave", scopes } });
      expect(given.status).toBe(200);
    }
    await hub.stopServer("alice", "waiide");
  });
  afterAll(async () => {
    await browser.close();
    await hub.stop();
  });

  /** Opens a share in a browser of its own, and logs in at the hub's page that comes. */
  async function open(who: string, share: CreatedShare, login: boolean): Promise<Page> {
    const { page } = await newPage(browser);
    pages[who] = page;
    const { url, secret } = new Guest(hub, share);
    await page.goto(secret === "" ? url : `${url}#${secret}`);
    await page.getByText("The server “waiide” of alice is not running").waitFor();
    expect(new URL(page.url()).hash).toBe("");
    if (!login) return page;
    await hub.loginInBrowser(page, who);
    await page.waitForURL("**/hub/user/alice/waiide/share/**");
    await page.getByText("The server “waiide” of alice is not running").waitFor();
    return page;
  }

  it("R15: a stranger with a link gets the reason, not only a login page", async () => {
    const page = await open("a stranger", link, false);
    await page.getByText("Ask alice to start it").waitFor();
    await page.getByText("You do not have to log in to wait").waitFor();
    if (version === "6.1.1") await screenshot(page, "stopped-stranger");
  });

  it("R2: a hub user without access to the server gets the reason, not “404”", async () => {
    const page = await open("carol", link, true);
    await page.getByText("Ask alice to start it").waitFor();
    expect(await page.getByText("404").isVisible()).toBe(false);
    expect(await page.getByRole("button", { name: /start|launch/i }).count()).toBe(0);
  });

  it("R2: a named person is not offered a start that the hub refuses", async () => {
    const page = await open("bob", named, true);
    await page.getByText("Ask alice to start it").waitFor();
    expect(await page.getByRole("button", { name: /start|launch/i }).count()).toBe(0);
    if (version === "6.1.1") await screenshot(page, "stopped-named");
  });

  it("R15: those who may start it do, and the page continues with the link's secret", async () => {
    const dave = await open("dave", link, true);
    await dave.getByText("you may start it").waitFor();
    await dave.getByRole("button", { name: button }).click();
    for (const who of ["a stranger", "carol", "dave"]) {
      await pages[who]?.getByRole("heading", { name: "alice shares", exact: false }).waitFor();
      expect(await pages[who]?.evaluate(() => [location.hash, sessionStorage.length])).toEqual(["", 0]);
    }
    await pages.bob?.getByText("If this is shared with your account at JupyterHub").waitFor();
    expect((await hub.api.user("alice")).servers.waiide?.ready).toBe(true);
    expect(hub.output).not.toContain(new Guest(hub, link).secret);
  });
});

it("R15: with an origin for each user guests try again with the link's secret", async () => {
  const [loads] = (await fencedBlocks("sharing-admin.md")).filter(({ language }) => language === "python");
  const config = loads?.text
    .replaceAll("/opt/waiide/deploy/jupyterhub", folder)
    .replace("links-and-tokens", "links-only");
  const { WAIIDE_SHARE_LIMITS } = sharingEnvironment;
  const hub = await startHub({ config: config ?? "", subdomainHost: "hub.test", environment: { WAIIDE_SHARE_LIMITS } });
  const browser = await launchBrowser(["--host-resolver-rules=MAP *.hub.test 127.0.0.1, MAP hub.test 127.0.0.1"]);
  try {
    const owner = await Owner.of(hub, await hub.startServer("alice", "waiide"));
    const { url } = await owner.create({ permission: "view" });
    await hub.stopServer("alice", "waiide");
    const { page } = await newPage(browser);
    await page.goto(url);
    const again = page.getByRole("button", { name: "Try again" });
    await again.click();
    await again.waitFor();
    expect(new URL(page.url()).hostname).toBe("hub.test");
    await hub.startServer("alice", "waiide");
    await again.click();
    await page.getByRole("heading", { name: "alice shares" }).waitFor();
    expect(page.url()).toBe(url.replace(/#.*/, ""));
  } finally {
    await browser.close();
    await hub.stop();
  }
});
