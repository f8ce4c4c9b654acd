import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CreatedShare } from "@waiide/protocol";
import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { freePort, ideReady, type RunningGateway, runWaiide, startGateway } from "../support/gateway.ts";
import { launcher } from "../support/hub/config.ts";
import {
  ideReached,
  launchBrowser,
  newPage,
  openTerminal,
  screenshot,
  workbenchVisible,
} from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";
import { auditOf, comeIn, cookieNames, createShare, listShares, share } from "../support/sharing.ts";

const token = "the-owners-own-token-of-this-gateway";
// Rows of text instead of a canvas, so that the test can read what stands there.
const settings = { "terminal.integrated.gpuAcceleration": "off" };
const options = {
  // It starts again on the same port, which no other program may get in between.
  arguments: ["--port", String(await freePort()), "--auth", "token", "--token", token],
  settings,
  files: { "model.py": "one = 1\ntwo = 2\nthree = 3\n", "notes/plan.md": "# Plan\n" },
};

let browser: Browser;
let gateway: RunningGateway;
/** Where the gateway is, without the owner's token. */
let url: string;
let owner: Page;
let ownersBrowser: BrowserContext;
/** A private window of somebody else. */
let page: Page;
let context: BrowserContext;

beforeAll(async () => {
  [browser, gateway] = await Promise.all([launchBrowser(), startGateway(options)]);
  url = gateway.url.replace(/\?.*/, "");
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});
beforeEach(async () => {
  ({ page, context } = await newPage(browser));
});
afterEach(() => context.close());

it("before the owner has opened the IDE no link can be made, with advice", async () => {
  const { code, stdout, stderr } = await runWaiide(["share", "create"], gateway.environment);
  expect([code === 0, stdout]).toEqual([false, ""]);
  expect(stderr).toContain("PUBLIC_URL_UNKNOWN");
  expect(await listShares(gateway)).toEqual([]);
});

describe("in the terminal of the owner's IDE", () => {
  beforeAll(async () => {
    await ideReady(gateway);
    ({ page: owner, context: ownersBrowser } = await newPage(browser));
    await owner.goto(gateway.url);
    await workbenchVisible(owner);
    await openTerminal(owner);
  });

  const rows = () => owner.locator(".terminal-wrapper.active .xterm-rows > div");
  const terminalShows = (text: string | RegExp) => rows().filter({ hasText: text }).last().waitFor();

  it("the command shares over the control socket; the link has the browser's address", async () => {
    await owner.keyboard.type(`${launcher} share create model.py:2-3 --note mine --json > ~/made.json; touch ~/made\n`);
    await vi.waitFor(() => expect(readdirSync(gateway.home)).toContain("made"), patience);
    const made = JSON.parse(readFileSync(join(gateway.home, "made.json"), "utf8")) as CreatedShare;
    expect(made.url).toMatch(new RegExp(`^${url}share/${made.id}/#[\\w-]{22,}$`));
    expect(await listShares(gateway)).toMatchObject([
      { id: made.id, note: "mine", scope: { kind: "selection", path: "model.py", line: 2, end_line: 3 } },
    ]);
    await share(gateway, "revoke", made.id);
  });

  it("it asks before Terminal Access, in plain words; only yes makes a share", async () => {
    const ask = async (number: number) => {
      await owner.keyboard.type("clear\n");
      await vi.waitFor(async () => expect((await rows().allTextContents()).join("")).not.toContain("Share"), patience);
      await owner.keyboard.type(`${launcher} share create --permission terminal --note asked; echo end-${number} $?\n`);
      await terminalShows("run commands as you");
      await terminalShows("Share it? [y/N]");
    };
    for (const [number, answer] of ["n\n", "\n", "Control+d", "Control+c"].entries()) {
      await ask(number);
      if (answer.startsWith("Control")) await owner.keyboard.press(answer);
      else await owner.keyboard.type(answer);
      await terminalShows("You did not confirm it");
      await terminalShows(new RegExp(`^end-${number} 2`));
      expect(await listShares(gateway), answer).toEqual([]);
    }
    await ask(4);
    await owner.keyboard.type("y\n");
    await terminalShows(/^end-4 0/);
    expect(await listShares(gateway)).toMatchObject([{ permission: "Terminal Access", note: "asked" }]);
    await share(gateway, "revoke", "--all");
  });
});

it("without a terminal it does not ask: Terminal Access needs --yes", async () => {
  const refused = await runWaiide(["share", "create", "--permission", "terminal"], gateway.environment);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain(
    "Terminal Access lets anyone with the link run commands as you.\n  Add --yes to confirm.",
  );
  expect(await listShares(gateway)).toEqual([]);
  const made = await createShare(gateway, "--permission", "terminal");
  expect(made.permission).toBe("Terminal Access");
  await share(gateway, "revoke", made.id);
});

it("an expiry below a minute is refused in words that say what a bare number is", async () => {
  const refused = await runWaiide(["share", "create", "--expires", "3"], gateway.environment);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("waiide: --expires must be at least 1 minute (a bare number is seconds).");
  expect(await listShares(gateway)).toEqual([]);
});

describe("R15: a guest in a private window", () => {
  let requests: Request[];
  beforeEach(() => {
    requests = [];
    context.on("request", (request) => requests.push(request));
  });

  /** Everything that left the browser except the bodies of the two requests that carry the secret. */
  async function told(): Promise<string> {
    const parts = requests.map(async (request) => {
      const address = request.url().replace(/#.*/, "");
      const carriesSecret = /\/(look|enter)$/.test(address);
      return [request.method(), address, await request.allHeaders(), carriesSecret ? "" : request.postData()];
    });
    return JSON.stringify(await Promise.all(parts));
  }

  it("reads who shares what, how, and until when; enters a name, and joins", async () => {
    const { url: link, id } = await createShare(gateway, "model.py:2-3", "--expires", "4h");
    const secret = new URL(link).hash.slice(1);
    await page.goto(link);
    await page.getByRole("heading", { name: /shares lines 2 to 3 of “model\.py” with you/ }).waitFor();
    for (const text of ["View Only", "You can view files, but not edit them.", /, 2\d{3} at /])
      await page.getByText(text).waitFor();
    expect(await page.getByText("I understand").isVisible()).toBe(false);
    await page.emulateMedia({ colorScheme: "light" });
    await screenshot(page, "share-landing");
    await page.emulateMedia({ colorScheme: "dark" });
    await screenshot(page, "share-landing-dark");

    expect(page.url()).toBe(`${url}share/${id}/`);
    expect(await page.evaluate(() => [history.state, document.documentElement.outerHTML])).toEqual([
      null,
      expect.not.stringContaining(secret),
    ]);
    await comeIn(page, "Bob");
    expect(page.url()).toBe(`${url}share/${id}/`);
    expect(await context.cookies()).toMatchObject([
      { name: `waiide-${id}`, path: `/share/${id}/`, httpOnly: true, sameSite: "Lax" },
    ]);
    await page.reload();
    expect(await page.getByLabel("Your name").count()).toBe(0);
    // The link again, opened by a guest who is in: the page behind it also removes the secret from the address.
    await page.goto("about:blank");
    await page.goto(link);
    await page.waitForURL(`${url}share/${id}/`);
    // Pages that the guest opens from there do not learn it either.
    await page.goto(`${url}healthz`);
    expect(requests.map((request) => request.url()).filter((one) => one.endsWith("/enter"))).toHaveLength(1);
    expect(await told()).not.toContain(secret);
    expect(await listShares(gateway)).toMatchObject([{ id, guests: [{ name: "Bob" }] }]);
    await share(gateway, "revoke", id);
  });

  it("needs the keyboard only", async () => {
    const { url: link, id } = await createShare(gateway, "notes");
    await page.goto(link);
    await page.getByText("the folder “notes”").first().waitFor();
    await page.keyboard.type("Carol");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Open");
    await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
    expect(await cookieNames(context, `${url}share/${id}/`)).toEqual([`waiide-${id}`]);
    expect(await listShares(gateway)).toMatchObject([{ id, guests: [{ name: "Carol" }] }]);
    await share(gateway, "revoke", id);
  });

  it("has nothing of the owner's: neither IDE nor API, by whatever the browser holds", async () => {
    const { url: link } = await createShare(gateway);
    await page.goto(link);
    await comeIn(page, "Bob");
    for (const path of ["", "ide/", "proxy/1/"]) {
      await page.goto(url + path);
      await page.getByLabel("Token").waitFor();
    }
    const paths = ["api/share/list", "api/status", "ide/version"];
    const answers = await Promise.all(paths.map(async (path) => (await context.request.get(url + path)).status()));
    expect(answers).toEqual([401, 401, 401]);
    await share(gateway, "revoke", "--all");
  });

  it("may be in two shares at once, each by its own cookie", async () => {
    const made = [await createShare(gateway, "notes"), await createShare(gateway, "model.py")];
    const pages = [page, await context.newPage()];
    for (const [index, tab] of pages.entries()) {
      await tab.goto(made[index]?.url ?? "");
      await comeIn(tab, `Bob ${index}`);
    }
    for (const [index, tab] of pages.entries()) {
      const id = made[index]?.id;
      await tab.reload();
      expect(await tab.getByLabel("Your name").count()).toBe(0);
      expect(await cookieNames(context, `${url}share/${id}/`)).toEqual([`waiide-${id}`]);
    }
    // The end of one share does not end the other.
    await share(gateway, "revoke", made[0]?.id ?? "");
    await page.reload();
    await page.getByText("You are no longer in this share").waitFor();
    await pages[1]?.reload();
    expect(await pages[1]?.getByText("You are no longer in this share").count()).toBe(0);
    expect(await cookieNames(context, `${url}share/${made[0]?.id}/`)).toEqual([]);
    await share(gateway, "revoke", "--all");
  });
});

it("R15: the owner who opens a link sees what a guest sees, and stays the owner elsewhere", async () => {
  const { url: link, id } = await createShare(gateway);
  const tab = await ownersBrowser.newPage();
  await tab.goto(link);
  await tab.getByText("View Only").waitFor();
  await comeIn(tab, "The owner");
  expect(await listShares(gateway)).toMatchObject([{ id, guests: [{ name: "The owner" }] }]);
  const names = await cookieNames(ownersBrowser, `${url}share/${id}/`);
  expect(names).toEqual(expect.arrayContaining([`waiide-${id}`, expect.stringMatching(/^waiide-login-/)]));
  expect((await tab.request.get(`${url}share/${id}/ide/`, { maxRedirects: 0 })).status()).toBe(403);
  await owner.reload();
  await ideReached(owner);
  await share(gateway, "revoke", id);
  // Without the guest's cookie the owner's login opens nothing below the share.
  await tab.reload();
  await tab.getByText("You are no longer in this share").waitFor();
  expect((await tab.request.get(`${url}share/${id}/files/model.py`)).status()).toBe(401);
  await tab.close();
});

describe("an invalid link says so", () => {
  it("without its secret", async () => {
    const { url: link } = await createShare(gateway);
    await page.goto(link.replace(/#.*/, ""));
    await page.getByText("The link is not complete").waitFor();
    await screenshot(page, "share-link-incomplete");
    await share(gateway, "revoke", "--all");
  });

  it("with a wrong one, and of a share that has ended or never was: in the same words", async () => {
    const live = await createShare(gateway);
    const ended = await createShare(gateway);
    await share(gateway, "revoke", ended.id);
    const links = [`${live.url}x`, ended.url, `${url}share/never-was/#secret`];
    const texts: string[] = [];
    for (const link of links) {
      // Only the fragment differs otherwise, and the browser would not load the page again.
      await page.goto("about:blank");
      await page.goto(link);
      const alert = page.getByRole("alert").filter({ visible: true });
      await alert.waitFor();
      texts.push(await alert.innerText());
      expect(page.url()).not.toContain("#");
    }
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toMatch(/invalid or has expired.*ask the person who sent it for a new one/);
    await share(gateway, "revoke", "--all");
  });

  it("an old form with ?token= works, and the secret leaves the address", async () => {
    const { url: link, id } = await createShare(gateway, "notes");
    await page.goto(link.replace("#", "?token="));
    await page.getByText("the folder “notes”").first().waitFor();
    expect(page.url()).toBe(`${url}share/${id}/`);
    expect(await context.cookies()).toEqual([]);
    await share(gateway, "revoke", "--all");
  });

  it("a share that ends while the landing page is open", async () => {
    const { url: link, id } = await createShare(gateway);
    await page.goto(link);
    await page.getByLabel("Your name").fill("Bob");
    await share(gateway, "revoke", id);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("alert").filter({ hasText: "invalid or has expired" }).waitFor();
    expect(await context.cookies()).toEqual([]);
  });
});

it("list and audit are tables for people, and JSON for programs", async () => {
  const made = await createShare(gateway, "model.py", "--permission", "Full Access", "--note", "for review");
  await page.goto(made.url);
  await comeIn(page, "Dora");
  const list = (await share(gateway, "list")).trimEnd().split("\n");
  expect(list[0]?.split(/ {2,}/)).toEqual(["id", "level", "what", "until", "guests", "note"]);
  expect(list[1]).toMatch(new RegExp(`^${made.id}  Full Access  model\\.py  until .+  for review$`));
  expect(await listShares(gateway)).toMatchObject([{ id: made.id, level: "edit", note: "for review" }]);
  await share(gateway, "revoke", made.id);

  const table = (await share(gateway, "audit", "--share", made.id)).trimEnd().split("\n");
  expect(table[0]?.split(/ {2,}/)).toEqual(["when", "what", "share", "who", "details"]);
  expect(table.slice(1).map((row) => row.split(/ {2,}/)[1])).toEqual(["revoke", "enter", "create"]);
  const entries = await auditOf(gateway, made.id);
  expect(entries.map(({ event }) => event)).toEqual(["revoke", "enter", "create"]);
  expect(entries[1]?.who).toMatch(/^Dora \(\S+\)$/);
  const everything = JSON.stringify([entries, table, list]);
  for (const { value } of await context.cookies()) expect(everything).not.toContain(value);
  expect(everything).not.toContain(new URL(made.url).hash.slice(1));
  expect(await share(gateway, "list")).toBe("Nothing is shared.\n");
});

it("R21: guests are told that a server stops; after a restart link and cookie are valid", async () => {
  const made = await createShare(gateway, "--expires", "never");
  await page.goto(made.url);
  await comeIn(page, "Bob");
  const { page: late, context: lateContext } = await newPage(browser);
  await late.goto(made.url);
  await late.getByLabel("Your name").fill("Late");
  await owner.close();
  await gateway.pause();
  await late.getByRole("button", { name: "Open" }).click();
  await late.getByRole("alert").filter({ hasText: "The server does not answer" }).waitFor();

  gateway = await gateway.resume();
  expect(await listShares(gateway)).toMatchObject([{ id: made.id, expires_at: null }]);
  await page.reload();
  expect(await page.getByLabel("Your name").count()).toBe(0);
  await Promise.all([late.waitForEvent("load"), late.getByRole("button", { name: "Open" }).click()]);
  expect((await listShares(gateway))[0]?.guests.map(({ name }) => name).sort()).toEqual(["Bob", "Late"]);
  await lateContext.close();
});
