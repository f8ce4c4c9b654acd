import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunningGateway } from "../support/gateway.ts";
import { settingsOfOwners } from "../support/ide-settings.ts";
import { newPage, screenshot } from "../support/page/browser.ts";
import type { ExtensionPage } from "../support/page/extension.ts";
import { guestWorkbenchVisible, typeIntoFile } from "../support/page/guest-workbench.ts";
import { openOwnerWindow } from "../support/page/owner-window.ts";
import { auditOf, comeIn, createShare, listShares, share } from "../support/sharing.ts";

const token = "the-owners-own-token-of-this-gateway";

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
let ui: ExtensionPage;
let guest: Page;

beforeAll(async () => {
  ({ browser, gateway, page, ui } = await openOwnerWindow({
    arguments: ["--auth", "token", "--token", token],
    settings: settingsOfOwners,
    files: { "model.py": "one = 1\ntwo = 2\n" },
  }));
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});
beforeEach(async () => {
  ({ page: guest } = await newPage(browser));
  await ui.showShares();
});
afterEach(async () => {
  await guest.context().close();
  await share(gateway, "revoke", "--all");
  await ui.command("Notifications: Clear All Notifications");
});

async function askToJoin(url: string, name: string): Promise<void> {
  await guest.goto(url);
  await guest.getByLabel("Your name").fill(name);
  await guest.getByRole("button", { name: "Ask to join" }).click();
  await guest.getByRole("status").filter({ hasText: "lets you in" }).waitFor();
}

describe("guests whom the owner accepts", () => {
  it("by clicking: asked in a message, accepted there, and in", async () => {
    await ui.command("WAIIDE: Share Workspace");
    await ui.choice("Full Access").click();
    await ui.choice("Anyone with the link whom I accept").click();
    await ui.answerRest();
    const url = await ui.copyLink();
    const message = ui.notification("Bob (name not verified) asks to join your workspace (Full Access).");
    // A message under the mouse stays.
    await Promise.all([message.hover(), askToJoin(url, "Bob")]);
    await ui.viewRow(/Bob.*asks to join/).waitFor();
    const waiting = page.locator(".statusbar-item").filter({ hasText: "1 person asks to join" });
    await waiting.waitFor();
    await screenshot(page, "extension-request");
    await message.getByRole("button", { name: "Accept" }).click();
    await guestWorkbenchVisible(guest);
    await ui.viewRow(/Bob.*online/).waitFor();
    await waiting.waitFor({ state: "detached" });
  });

  it("declined in the view: the row goes, and the guest reads it", async () => {
    const { url, id } = await createShare(gateway, "--approve");
    await askToJoin(url, "Eve");
    await ui.command("View: Show Explorer");
    await page.locator(".statusbar-item").filter({ hasText: "1 person asks to join" }).click();
    const row = ui.viewRow(/Eve.*asks to join/).first();
    await row.hover();
    await row.getByRole("button", { name: "Decline" }).click();
    await guest.getByRole("alert").filter({ hasText: "has declined your request to join" }).waitFor();
    await row.waitFor({ state: "detached" });
    expect((await auditOf(gateway, id)).map(({ event }) => event)).toEqual(["decline", "request", "create"]);
  });

  it("from a terminal: listed, and accepted", async () => {
    const { url } = await createShare(gateway, "--approve");
    await askToJoin(url, "Carol");
    const request = JSON.parse(await share(gateway, "requests", "--json")).requests[0].request as string;
    expect(await share(gateway, "requests")).toContain("Carol");
    expect(await share(gateway, "accept", request)).toContain("1 guest accepted.");
    await guestWorkbenchVisible(guest);
    expect(await share(gateway, "requests")).toContain("Nobody is waiting.");
  });
});

it("a guest is made View Only from the view, and their page says so", async () => {
  const { url, id } = await createShare(gateway, "--permission", "Full Access");
  await guest.goto(url);
  await comeIn(guest, "Bob");
  await guestWorkbenchVisible(guest);
  await typeIntoFile(guest, "model.py", "one", "# by Bob\n");
  const file = join(gateway.workspace, "model.py");
  await expect.poll(() => readFileSync(file, "utf8")).toContain("by Bob");
  const before = readFileSync(file, "utf8");

  await ui.rowMenu(/Bob.*online/, "Make View Only");
  await ui.dialog().getByText("Make Bob View Only?").waitFor();
  await screenshot(page, "extension-view-only");
  await ui.dialog().getByRole("button", { name: "Make View Only" }).click();
  await ui.viewRow(/Bob.*online.*View Only/).waitFor();
  await guest.getByText("View Only").first().waitFor();
  await screenshot(guest, "guest-made-view-only");
  await guest.locator(".editor-instance .view-line").first().click();
  await guest.keyboard.type("evil");
  await guest.getByText("This share is View Only").first().waitFor();
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(await listShares(gateway)).toMatchObject([{ level: "edit", guests: [{ level: "view", present: true }] }]);
  expect((await auditOf(gateway, id)).map(({ event }) => event)).toContain("lower-guest");
});
