import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { RunningGateway } from "../support/gateway.ts";
import { settingsOfOwners } from "../support/ide-settings.ts";
import { phone, stumblingBlocks } from "../support/page/accessibility.ts";
import { newPage, screenshot } from "../support/page/browser.ts";
import type { ExtensionPage } from "../support/page/extension.ts";
import { editorLine, guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { openOwnerWindow } from "../support/page/owner-window.ts";
import { openByName } from "../support/page/palette.ts";
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

const thread = (one: Page) => one.locator(".review-widget");
const written = (one: Page, text: string) => thread(one).locator(".review-comment").filter({ hasText: text });

/** Writes into the comment's box that has the focus. */
async function write(one: Page, text: string): Promise<void> {
  const box = thread(one).locator(".comment-form .monaco-editor.focused");
  // Without a line it has no text yet.
  await box.locator(".view-line").first().waitFor();
  await one.keyboard.insertText(text);
  await thread(one).locator(".form-actions .monaco-button:not(.disabled)").waitFor();
  await one.keyboard.press("Control+Enter");
  await written(one, text).waitFor();
}

it("the owner comments on a line; a guest sees it there and replies, by keyboard", async () => {
  await enter("Dora");
  await openByName(guest, "model.py");
  await openByName(page, "model.py");
  await editorLine(page, "two = 2").click();
  await ui.command("Comments: Add Comment on Current Selection");
  await write(page, "Is **two** right?");

  await written(guest, "Is **two** right?").waitFor();
  // Somebody else wrote it: it is counted, and listed with its place.
  await guest.getByRole("button", { name: "Conversation (1)" }).click();
  await guest.getByText("Comments on lines (1)").waitFor();
  await guest.getByRole("button", { name: "model.py, line 2" }).click();
  await guest.locator(".statusbar-item").getByText("Ln 2, Col 1").waitFor();
  await screenshot(guest, "share-comments-list");
  await guest.getByRole("button", { name: "Close the conversation" }).click();
  expect(await written(guest, "Is **two** right?").locator("strong", { hasText: "two" }).count()).toBe(0);
  await editorLine(guest, "one = 1").click();
  await guest.keyboard.press("Alt+F9");
  await thread(guest).locator(".review-thread-reply-button").press("Enter");
  await write(guest, "Yes, it is.");
  await written(page, "Yes, it is.").getByText("Dora").waitFor();
  await screenshot(guest, "share-comments");
  await screenshot(page, "extension-comments");
});
