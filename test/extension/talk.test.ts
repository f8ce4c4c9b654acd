import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { RunningGateway } from "../support/gateway.ts";
import { settingsOfOwners } from "../support/ide-settings.ts";
import { phone, stumblingBlocks } from "../support/page/accessibility.ts";
import { newPage, screenshot } from "../support/page/browser.ts";
import type { ExtensionPage } from "../support/page/extension.ts";
import { guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { openOwnerWindow } from "../support/page/owner-window.ts";
import { comeIn, createShare, share } from "../support/sharing.ts";

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
});
afterEach(async () => {
  await guest.context().close();
  await share(gateway, "revoke", "--all");
  await ui.command("Notifications: Clear All Notifications");
});

async function enter(name: string): Promise<void> {
  const { url } = await createShare(gateway, "--permission", "Full Access");
  await guest.goto(url);
  await comeIn(guest, name);
  await guestWorkbenchVisible(guest);
}

const talkButton = () => guest.getByRole("button", { name: /^Conversation/ });

it("a guest and the owner write to each other", async () => {
  await enter("Bob");
  await talkButton().press("Enter");
  const text = guest.getByLabel("Message to everybody in this share");
  await text.fill("Look at https://example.org/a, <b>please</b>.");
  const notice = ui.notification("Bob wrote a message.");
  // A message under the mouse stays.
  await Promise.all([notice.hover(), text.press("Enter")]);
  await guest.getByRole("log").getByText("Bob (you)").waitFor();
  expect(await text.inputValue()).toBe("");
  // The workbench gives way, so that nothing of it is covered.
  const pane = await guest.getByRole("complementary", { name: "Conversation" }).boundingBox();
  const editor = await guest.locator(".part.editor").boundingBox();
  expect((editor?.x ?? 0) + (editor?.width ?? 0)).toBeLessThanOrEqual((pane?.x ?? 0) + 1);
  expect((await stumblingBlocks(guest)).filter((one) => one.includes("talk"))).toEqual([]);

  await notice.getByRole("button", { name: "Show Conversation" }).click();
  const view = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await view.getByText("<b>please</b>").waitFor();
  await view.getByLabel("Message", { exact: true }).last().fill("I see it.");
  await view.getByRole("button", { name: "Send" }).click();
  await guest.getByRole("log").getByText("I see it.").waitFor();
  await screenshot(guest, "share-talk");
  await screenshot(page, "extension-talk");

  await guest.getByRole("button", { name: "https://example.org/a" }).click();
  await guest.getByRole("dialog").getByText("https://example.org/a").waitFor();
  await guest.getByRole("button", { name: "Cancel" }).click();
  expect(guest.context().pages()).toHaveLength(1);
});

it("what comes while the conversation is closed is counted", async () => {
  await enter("Carol");
  await ui.command("WAIIDE: Show Conversation");
  const view = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await view.getByLabel("Message", { exact: true }).last().fill("Hello Carol");
  await view.getByLabel("Message", { exact: true }).last().press("Enter");
  await guest.getByRole("button", { name: "Conversation (1)" }).click();
  await guest.getByRole("log").getByText("Hello Carol").waitFor();
  await guest.keyboard.press("Escape");
  expect(await talkButton().getAttribute("aria-expanded")).toBe("false");
  await guest.setViewportSize(phone.viewport);
  await talkButton().click();
  await screenshot(guest, "share-talk-phone");
});
