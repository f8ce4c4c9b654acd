import { sessionClose } from "@waiide/protocol";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  besideTheScreen,
  colourSchemes,
  hasVisibleFocus,
  phone,
  stumblingBlocks,
} from "../../../../../test/support/page/accessibility.ts";
import { launchBrowser, screenshot } from "../../../../../test/support/page/browser.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { SharedGateway } from "../../support/shared-gateway.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

let browser: Browser;
let workspace: Workspace;
let server: SharedGateway;
let guest: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  workspace = await makeWorkspace({ "poem.txt": "one\n" });
  server = await SharedGateway.start(workspace.folder, { permission: "edit" });
});
afterEach(async () => {
  await guest.close();
  await server.close();
  await workspace[Symbol.asyncDispose]();
});

async function open(options: BrowserContextOptions = {}): Promise<void> {
  guest = await GuestPage.open(browser, server, options);
}

/** Ends the share while something is typed that can no longer be saved. */
async function endUnsaved(): Promise<void> {
  await guest.openFile("poem.txt", "one");
  server.network.drop({ refuse: true });
  await guest.page.getByRole("status").filter({ hasText: "No connection" }).waitFor();
  await guest.page.keyboard.press("Control+Home");
  await guest.page.keyboard.type("unsaved ");
  await guest.line("unsaved one").waitFor();
  server.network.farewell = sessionClose.revoked;
  server.network.allow();
  await guest.page.getByRole("heading", { name: "This share has ended" }).waitFor();
}

const focused = () =>
  guest.page.evaluate(() => {
    const { ariaLabel, textContent } = document.activeElement ?? {};
    return ariaLabel ?? textContent;
  });
const spoken = (text: string) => guest.page.locator(".bar").getByRole("status").filter({ hasText: text });

/** Looks at a part of the page in everything that people's systems ask for. */
async function looksRight(within: string, name: string): Promise<void> {
  const { page } = guest;
  for (const [scheme, media] of Object.entries(colourSchemes)) {
    await page.emulateMedia({ contrast: null, forcedColors: null, ...media });
    const isContrast = "contrast" in media || "forcedColors" in media;
    await page.locator(`body[data-theme="${isContrast ? "hc-" : ""}${media.colorScheme}"]`).waitFor();
    expect(await stumblingBlocks(page, within), scheme).toEqual([]);
    await screenshot(page, `guest-${name}-${scheme}`);
  }
}

it("bar, pause and end page are accessible, in all color schemes", async () => {
  await open();
  const { page } = guest;
  await looksRight(".bar", "bar");
  server.network.end(sessionClose.idle, "idle");
  await page.getByRole("dialog", { name: "Paused" }).waitFor();
  await looksRight(".pause", "pause");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await endUnsaved();
  await looksRight("body", "end");
});

it("axe, which finds nothing in these pages, does find what is wrong", async () => {
  await open();
  await guest.page.evaluate(() => {
    const image = document.createElement("img");
    image.src = "data:,";
    document.querySelector(".bar")?.append(image);
  });
  expect(await stumblingBlocks(guest.page, ".bar")).toEqual([expect.stringMatching(/^image-alt: <img/)]);
});

describe("by ear", () => {
  it("the bar announces a new level and the near end", async () => {
    await open();
    const { page } = guest;
    // Counted from now, however long the page took to open: minutes are left until five.
    await server.change({ expires_in: 6.9 * 60 });
    await expect
      .poll(() => page.locator(".bar").ariaSnapshot())
      .toBe(`- banner "This share":
  - strong: "alice: project"
  - text: Full Access You can edit files, and the owner may run what you edited.
  - status
  - button "Conversation"
  - list "Who is online":
    - listitem "Guest 1 (you)"
  - text: 6 minutes left
  - status`);
    await server.change({ expires_in: 4 * 60 });
    await spoken("Less than 5 minutes left").waitFor();
    await server.change({ expires_in: 60 });
    await spoken("Less than a minute left").waitFor();
    await server.change({ permission: "view", expires_in: 3_600 });
    await spoken("This share is View Only now. You can view files, but not edit them.").waitFor();
  });

  it("the focus goes to the end page's heading, which is read out with the reason", async () => {
    await open();
    await endUnsaved();
    await expect.poll(focused).toBe("This share has ended");
    const heading = guest.page.getByRole("heading", { name: "This share has ended" });
    expect(
      await heading.evaluate((node) => [node === document.activeElement, node.ariaDescribedByElements?.length]),
    ).toEqual([true, 1]);
    const levels = guest.page.getByRole("heading").evaluateAll((nodes) => nodes.map(({ tagName }) => tagName));
    expect(await levels).toEqual(["H1", "H2"]);
    expect(await guest.page.locator("html").getAttribute("lang")).toBe("en");
  });
});

describe("with the keyboard only", () => {
  it("the end page's buttons follow the order of the page, each with a visible focus", async () => {
    await open();
    await endUnsaved();
    const { page } = guest;
    await expect.poll(focused).toBe("This share has ended");
    for (const name of ["Copy poem.txt", "Download poem.txt", "Show poem.txt"]) {
      await page.keyboard.press("Tab");
      expect(await focused()).toBe(name);
      expect(await hasVisibleFocus(page.locator(":focus"))).toBe(true);
    }
    await page.keyboard.press("Enter");
    await page.getByText("unsaved one").waitFor();
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("What was typed in poem.txt");
    await page.keyboard.press("Tab");
    expect(await focused()).not.toBe("What was typed in poem.txt");
  });

  it("Escape and Enter both end a pause; Escape decides nothing about unsaved text", async () => {
    await open();
    const { page } = guest;
    const pause = page.getByRole("dialog", { name: "Paused" });
    for (const key of ["Escape", "Enter"]) {
      server.network.end(sessionClose.idle, "idle");
      await pause.waitFor();
      expect(await hasVisibleFocus(page.getByRole("button", { name: "Resume" }))).toBe(true);
      await page.keyboard.press(key);
      await pause.waitFor({ state: "detached" });
      await expect.poll(() => server.network.sessions).toBe(1);
    }
    await guest.openFile("poem.txt", "one");
    const release = server.network.hold("live-change");
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("unsaved ");
    await server.change({ permission: "view" });
    const lowered = page.getByRole("dialog", { name: "You can only view files now" });
    await lowered.waitFor();
    release();
    for (let press = 0; press < 3; press++) await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    expect(await lowered.isVisible()).toBe(true);
    await page.getByRole("button", { name: "Continue without these changes" }).press("Enter");
    await lowered.waitFor({ state: "detached" });
  });
});

it("on a phone the bar, a file and the end page need no sideways scrolling", async () => {
  await open(phone);
  const { page } = guest;
  const files = page.getByRole("button", { name: "Files" });
  if ((await files.getAttribute("aria-expanded")) === "false") await files.tap();
  await guest.row("poem.txt").tap();
  await guest.line("one").waitFor();
  expect(await files.getAttribute("aria-expanded")).toBe("false");
  await page.getByRole("banner").getByText("Full Access").waitFor();
  expect(await besideTheScreen(page, ".bar")).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.viewport.width);
  const status = await page.locator(".part.statusbar").boundingBox();
  expect(Math.round((status?.y ?? 0) + (status?.height ?? 0))).toBe(phone.viewport.height);
  const sizes = page
    .locator(".bar-what, .bar-time, .editor-instance .view-line")
    .evaluateAll((nodes) => nodes.map((node) => Number.parseFloat(getComputedStyle(node).fontSize)));
  expect(Math.min(...(await sizes))).toBeGreaterThanOrEqual(12);
  await screenshot(page, "guest-phone");
  server.network.end(sessionClose.revoked, "revoked");
  await page.getByRole("heading", { name: "This share has ended" }).waitFor();
  expect(await besideTheScreen(page)).toEqual([]);
  expect(await stumblingBlocks(page)).toEqual([]);
  await screenshot(page, "guest-phone-end");
});
