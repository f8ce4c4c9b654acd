import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { policyConfig, sharingEnvironment } from "../support/hub/sharing.ts";
import { ideSettings } from "../support/ide-settings.ts";
import { launchBrowser, newPage, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { comeIn, listShares, share } from "../support/sharing.ts";

/** Named people, and links that only show: an administrator's ceiling. */
const ceiling = '\nc.Spawner.environment.update({"WAIIDE_SHARE_LINKS": "on", "WAIIDE_SHARE_LINK_LEVEL": "view"})\n';

let hub: Hub;
let server: RunningServer;
let browser: Browser;
let alice: Page;
let guest: Page;
let ui: ExtensionPage;

beforeAll(async () => {
  const { WAIIDE_SHARE_LIMITS } = sharingEnvironment;
  const environment = { WAIIDE_SHARE_LIMITS, WAIIDE_DEFAULT_SETTINGS: JSON.stringify(ideSettings) };
  const config = (await policyConfig("named-people")) + ceiling;
  [hub, browser] = await Promise.all([startHub({ config, environment }), launchBrowser()]);
  server = await hub.startServer("alice");
  await hub.ideReady(server);
  const owner = await newPage(browser);
  await owner.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  alice = owner.page;
  ui = new ExtensionPage(alice);
  await alice.goto(`${server.url}ide/`);
  await hub.loginInBrowser(alice, "alice");
  await workbenchVisible(alice);
  await ui.statusBar().waitFor();
  ({ page: guest } = await newPage(browser));
});
afterEach(async () => {
  await share(server, "revoke", "--all");
  await ui.command("Notifications: Clear All Notifications");
});
afterAll(async () => {
  await browser.close();
  await hub.stop();
});

it("R2: a share with bob by clicking: he joins, alice removes him, and revokes it", async () => {
  await ui.command("WAIIDE: Share Workspace");
  await ui.choice("Full Access").click();
  // R19: a ceiling of the administrator; what it forbids says why, and a click on it chooses nothing.
  const link = ui.choice("Anyone with the link");
  await link.getByText("not possible: an administrator permits links up to View Only").waitFor();
  await link.click();
  await ui.choice("A user of the hub").click();
  await ui.quickInput().getByText("Name of the user at the hub").waitFor();
  await ui.write("bob");
  await ui.answerRest();
  const url = await ui.copyLink();
  expect(await listShares(server)).toMatchObject([{ level: "edit", with: { user: "bob" } }]);

  await guest.goto(url);
  await guest.getByRole("button", { name: "Log in" }).click();
  await hub.loginInBrowser(guest, "bob");
  await guest.getByRole("button", { name: /authorize/i }).click();
  await guest.getByText("You join as bob").waitFor();
  await ui.showShares();
  const pressed = performance.now();
  const since = () => `${Math.round(performance.now() - pressed)} ms`;
  // Both are awaited at once: a notice goes after ten seconds, and a slow page may take longer.
  await Promise.all([
    ui.notification("bob joined your workspace (Full Access).").waitFor(),
    guest.getByRole("button", { name: "Open" }).click(),
  ]);
  const told = since();
  await guestWorkbenchVisible(guest);
  console.log(`alice was told of bob ${told} after he pressed Open; his page was ready after ${since()}`);
  await ui.viewRow(/bob.*online · logged in at the hub/).waitFor();

  await ui.rowButton(/bob.*online/, "Remove Guest");
  await ui.answerDialog("Remove bob?", "Remove");
  await guest.getByText("You were removed").waitFor();
  await expect.poll(async () => (await listShares(server))[0]?.guests).toEqual([]);

  await guest.goto(url);
  await guest.getByRole("button", { name: "Open" }).click();
  await guestWorkbenchVisible(guest);
  await ui.rowButton("Workspace", "Revoke Share");
  await ui.answerDialog("This immediately blocks all recipients.", "Revoke");
  await guest.getByText("has stopped sharing “workspace”").waitFor();
  expect(await listShares(server)).toEqual([]);
});

it("a link within the ceiling lets anyone in, until it is revoked", async () => {
  await ui.command("WAIIDE: Share Workspace");
  await ui.choice("View Only").click();
  await ui.choice("Anyone with the link").click();
  await ui.answerRest();
  const url = await ui.copyLink();
  expect(url).toMatch(/\/user\/alice\/share\/[\w-]+\/#[\w-]{22,}$/);
  const { page: stranger, context } = await newPage(browser);
  await stranger.goto(url);
  const notice = ui.notification("Eve joined");
  // A notice under the mouse stays.
  await Promise.all([notice.hover(), comeIn(stranger, "Eve")]);
  await guestWorkbenchVisible(stranger);
  await notice.getByRole("button", { name: "Revoke" }).click();
  await ui.answerDialog("This immediately blocks all recipients.", "Revoke");
  await stranger.getByText("has stopped sharing “workspace”").waitFor();
  await context.close();
});

it("R16: Terminal Access for a named user needs confirmation, without a link", async () => {
  await ui.command("WAIIDE: Share Workspace");
  await ui.choice("Terminal Access.*with named people only").click();
  await ui.answerDialog("can run commands as you", "Share Terminal Access");
  await ui.choice("Anyone with the link").getByText("not possible").waitFor();
  await ui.choice("A user of the hub").click();
  await ui.quickInput().getByText("Name of the user at the hub").waitFor();
  await ui.write("bob");
  await ui.answerRest();
  await alice.keyboard.press("Escape");
  expect(await listShares(server)).toMatchObject([{ level: "terminal", with: { user: "bob" } }]);
});
