import type { CreateShare, ShareList } from "@waiide/protocol";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SharingGateway } from "../../packages/gateway/test/support/sharing-gateway.ts";
import {
  besideTheScreen,
  colourSchemes,
  hasVisibleFocus,
  phone,
  stumblingBlocks,
} from "../support/page/accessibility.ts";
import { launchBrowser, newPage, screenshot } from "../support/page/browser.ts";

let browser: Browser;
let server: SharingGateway;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await SharingGateway.start({ files: { "a.txt": "alpha\n" } });
});
afterEach(() => page.context().close());

async function open(url: string, options: BrowserContextOptions = {}): Promise<void> {
  ({ page } = await newPage(browser, options));
  await page.goto(url);
}

/** A new share's link at the address where this gateway really is. */
async function link(request: CreateShare): Promise<string> {
  const { pathname, hash } = new URL((await server.create(request)).url);
  return new URL(pathname + hash, server.url).href;
}

const step = (id: string) => page.locator(`#${id}`);
const heading = () => page.getByRole("heading", { level: 1 });

describe("in all colours there is nothing that screen readers or weak eyes stumble over", () => {
  /** What the page can say: how to get there, and the part that is then visible. */
  const faces: Readonly<Record<string, readonly [() => Promise<string> | string, string]>> = {
    "what is shared": [() => link({ permission: "View Only" }), "enter"],
    "a warning": [() => link({ permission: "Terminal Access" }), "warning"],
    "that the owner must accept": [() => link({ permission: "View Only", approve: true }), "approval"],
    "an incomplete link": [() => new URL("share/some/", server.url).href, "incomplete"],
    "a link that does not work": [() => new URL("share/some/#wrong", server.url).href, "failed"],
  };

  it.each(Object.entries(faces))("%s", async (name, [address, part]) => {
    await open(await address());
    await step(part).waitFor();
    for (const [scheme, media] of Object.entries(colourSchemes)) {
      await page.emulateMedia({ contrast: null, forcedColors: null, ...media });
      expect(await stumblingBlocks(page), scheme).toEqual([]);
      if (part === "warning") await screenshot(page, `landing-${scheme}`);
    }
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    expect(await page.getByRole("heading").count(), name).toBe(1);
  });
});

describe("by the keyboard and by ear", () => {
  it("the focus is on the next step, described by who shares what, how and until when", async () => {
    await open(await link({ permission: "View Only" }));
    const name = page.getByRole("textbox", { name: "Your name (others will see it)" });
    await name.waitFor();
    expect(await hasVisibleFocus(name)).toBe(true);
    const described = await name.evaluate((node) =>
      node.ariaDescribedByElements?.map(({ textContent }) => textContent),
    );
    expect(described?.join(" ")).toMatch(/shares the workspace “workspace” with you(.|\n)*View Only(.|\n)*Until/);
    await page.keyboard.type("Carol");
    await page.keyboard.press("Tab");
    expect(await hasVisibleFocus(page.getByRole("button", { name: "Open" }))).toBe(true);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
  });

  it("Terminal Access is understood first, by the keyboard too", async () => {
    await open(await link({ permission: "Terminal Access" }));
    const understood = page.getByRole("checkbox", { name: "I understand" });
    await understood.waitFor();
    expect(await hasVisibleFocus(understood)).toBe(true);
    expect(await understood.evaluate((node) => node.ariaDescribedByElements?.at(-1)?.textContent)).toContain(
      "The owner and the owner's programs can see everything that you type and run",
    );
    await page.keyboard.press("Space");
    expect(await understood.isChecked()).toBe(true);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("name");
  });

  it("what went wrong is announced, and the focus stays where it was", async () => {
    const made = await server.create({ permission: "view" });
    const { pathname, hash } = new URL(made.url);
    await open(new URL(pathname + hash, server.url).href);
    await step("name").fill("Carol");
    await server.api(`/api/share/revoke/${made.id}`, { method: "DELETE" });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "invalid or has expired" }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("go");
  });
});

describe("a share whose owner accepts guests", () => {
  async function ask(): Promise<void> {
    await open(await link({ permission: "View Only", approve: true }));
    await page.getByLabel("Your name").fill("Carol");
    await page.getByRole("button", { name: "Ask to join" }).press("Enter");
    await page.getByRole("status").filter({ hasText: "lets you in" }).waitFor();
  }
  const decide = async (what: "accept" | "decline") => {
    const { body } = await server.api("/api/share/list");
    const [waits] = (body as ShareList).shares[0]?.requests ?? [];
    expect(waits).toMatchObject({ name: "Carol" });
    await server.api(`/api/share/requests/${waits?.request}/${what}`, { method: "POST" });
  };

  it("says who must accept, in all colours, and continues by itself", async () => {
    await ask();
    expect(await hasVisibleFocus(page.getByRole("button", { name: "Cancel" }))).toBe(true);
    for (const [scheme, media] of Object.entries(colourSchemes)) {
      await page.emulateMedia({ contrast: null, forcedColors: null, ...media });
      expect(await stumblingBlocks(page), scheme).toEqual([]);
      await screenshot(page, `landing-waiting-${scheme}`);
    }
    await Promise.all([page.waitForEvent("load"), decide("accept")]);
    await expect.poll(async () => (await page.context().cookies()).map(({ name }) => name)).toHaveLength(1);
  });

  it("a declined guest reads it and can ask again", async () => {
    await ask();
    await decide("decline");
    await page.getByRole("alert").filter({ hasText: "has declined your request to join" }).waitFor();
    expect(await stumblingBlocks(page)).toEqual([]);
    await screenshot(page, "landing-declined");
    const again = page.getByRole("button", { name: "Ask again" });
    expect(await hasVisibleFocus(again)).toBe(true);
    await again.press("Enter");
    expect(await hasVisibleFocus(page.getByRole("textbox", { name: "Your name" }))).toBe(true);
  });

  it("Cancel takes the request back", async () => {
    await ask();
    await page.getByRole("button", { name: "Cancel" }).press("Enter");
    expect(await hasVisibleFocus(page.getByRole("textbox", { name: "Your name" }))).toBe(true);
    const waiting = async () => ((await server.api("/api/share/list")).body as ShareList).shares[0]?.requests;
    await expect.poll(waiting).toEqual([]);
  });
});

it("on a phone everything is readable without sideways scrolling", async () => {
  await open(await link({ permission: "Terminal Access", note: "x" }), phone);
  await step("warning").waitFor();
  await heading().getByText("shares the workspace").waitFor();
  expect(await besideTheScreen(page)).toEqual([]);
  expect(await stumblingBlocks(page)).toEqual([]);
  await screenshot(page, "landing-phone");
});
