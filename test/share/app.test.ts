import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CreateShare } from "@waiide/protocol";
import type { FrameLocator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { ownerToken, SharingGateway } from "../../packages/gateway/test/support/sharing-gateway.ts";
import { it } from "../support/fixtures.ts";
import { freePort } from "../support/gateway.ts";
import { besideTheScreen, colourSchemes, phone, stumblingBlocks } from "../support/page/accessibility.ts";
import { newPage, screenshot } from "../support/page/browser.ts";
import { comeIn } from "../support/sharing.ts";

/** An app of alice's, with what apps have: a form, a link to a new tab, storage. */
const content = `<!doctype html><html lang="en"><title>Sales</title><h1>Sales</h1><p id="where"></p>
<label>Region <input id="region"></label> <a href="details?region=north" target="_blank">Details</a>
<script>
document.getElementById("where").textContent = location.pathname.split("/app/")[1].split("/").slice(1).join("/") + location.search;
document.title = String(self.origin);
</script><p id="part" style="background: url(/part.png)"></p>
<script type="module">import part from "/part.js"; document.getElementById("part").textContent = part;</script>`;
/** What it imports, as from development servers: by an address from the root. Configured commands know no other braces than {port}. */
const module = `export default "a part from the root";`;

/** As a program of its own: WAIIDE's own process is never shared. */
const source = `require("node:http").createServer((q, r) => q.url === "/part.js" ? r.setHeader("Content-Type", "text/javascript").end(${JSON.stringify(module)}) : r.setHeader("Content-Type", "text/html").end(${JSON.stringify(content)})).listen(Number(process.argv[1]), "127.0.0.1", () => console.log("listens"))`;
const run = (port: number | "{port}") => [process.execPath, "-e", source, String(port)];

let server: SharingGateway;
let app: ChildProcess;
let port: number;

beforeAll(async () => {
  port = await freePort();
  app = await start(port);
  server = await SharingGateway.launch({
    flags: { apps: JSON.stringify({ board: { title: "Board", command: run("{port}") } }) },
  });
});
afterAll(async () => {
  // First: the gateway may never have started.
  await stop(app);
  await server.stop();
});

async function start(at: number): Promise<ChildProcess> {
  const [command = "", ...args] = run(at);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

async function stop(program: ChildProcess): Promise<void> {
  const exited = once(program, "exit");
  program.kill();
  await exited;
}

async function linkTo(target: NonNullable<CreateShare["app"]>): Promise<{ id: string; link: string }> {
  const { id, url } = await server.create({ permission: "Use the App", app: target });
  const { pathname, hash } = new URL(url);
  return { id, link: new URL(pathname + hash, server.url).href };
}

async function enter(
  page: Page,
  target: NonNullable<CreateShare["app"]> = { port },
): Promise<{ id: string; link: string }> {
  const made = await linkTo(target);
  await page.goto(made.link);
  await comeIn(page, "Ana");
  return made;
}

const inApp = (page: Page): FrameLocator => page.frameLocator("iframe");
const bar = (page: Page) => page.getByRole("banner", { name: "This share" });

describe("the page around a shared app", () => {
  it("says before whose program it is, and then shows it below a bar", async ({ page }) => {
    const { link } = await linkTo({ port, path: "/start" });
    await page.goto(link);
    await page.getByLabel("Your name").waitFor();
    await page.getByText("Never type your JupyterHub password").waitFor();
    expect(await stumblingBlocks(page)).toEqual([]);
    await screenshot(page, "app-landing");
    await comeIn(page, "Ana");
    await inApp(page).getByText("start", { exact: true }).waitFor();
    await bar(page).getByText("never type your passwords in it").waitFor();
    await bar(page).getByText("Ana (you)").waitFor();
    await bar(page).getByText("1 day left").or(bar(page).getByText("23 hours")).first().waitFor();
    for (const [scheme, media] of Object.entries(colourSchemes)) {
      await page.emulateMedia({ contrast: null, forcedColors: null, ...media });
      expect(await stumblingBlocks(page, "header"), scheme).toEqual([]);
    }
    await screenshot(page, "app");
  });

  it("R31: the app has no origin, and its tabs are pages of ours at their place", async ({ page }) => {
    await enter(page);
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
    const frame = page.frames().find((one) => one.parentFrame() !== null);
    expect(await frame?.title()).toBe("null");
    const opening = page.waitForEvent("popup");
    await inApp(page).getByRole("link", { name: "Details" }).click();
    const tab = await opening;
    await inApp(tab).getByText("details?region=north").waitFor();
    expect(new URL(tab.url()).pathname).toBe(new URL(page.url()).pathname);
    await bar(tab).getByText("never type your passwords in it").waitFor();
  });

  it("finds modules and pictures that it names from the root", async ({ page }) => {
    const picture = page.waitForRequest(/\/app\/[^/]+\/part\.png$/);
    await enter(page);
    await inApp(page).getByText("a part from the root").waitFor();
    await picture;
  });

  it("saves what a script downloads by a link that is in no document", async ({ page }) => {
    await enter(page);
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
    const saved = page.waitForEvent("download");
    const frame = page.frames().find((one) => one.parentFrame() !== null);
    await frame?.evaluate(() => {
      Object.assign(document.createElement("a"), { href: "details", download: "sales.html" }).click();
    });
    expect((await saved).suggestedFilename()).toBe("sales.html");
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
  });

  it("a reload, and Back, show the app at a new address", async ({ page }) => {
    await enter(page);
    const address = () =>
      page
        .frames()
        .find((one) => one.parentFrame() !== null)
        ?.url();
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
    const first = address();
    await page.reload();
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
    expect(address()).not.toBe(first);
    await page.goto("about:blank");
    await page.goBack();
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
  });

  it("keeps what a guest entered when the connection was lost for a moment", async ({ page }) => {
    const drops: (() => void)[] = [];
    const answers: string[] = [];
    await page.routeWebSocket(/\/api\/session$/, (socket) => {
      const gateway = socket.connectToServer();
      gateway.onMessage((message) => {
        answers.push(String(message));
        socket.send(message);
      });
      drops.push(() => void Promise.all([socket.close({ code: 1012 }), gateway.close()]));
    });
    await enter(page);
    await inApp(page).getByLabel("Region").fill("north");
    answers.length = 0;
    drops.at(-1)?.();
    // The new connection's welcome, and the answer about the address.
    await expect.poll(() => answers.filter((one) => one.includes('"response"')).length).toBeGreaterThan(0);
    expect(await inApp(page).getByLabel("Region").inputValue()).toBe("north");
  });

  it("Leave ends the visit, and the end of the share says who ended it", async ({ page, browser }) => {
    const { id, link } = await enter(page);
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
    const { page: other, context } = await newPage(browser, phone);
    await other.goto(link);
    await comeIn(other, "Ben");
    await inApp(other).getByRole("heading", { name: "Sales" }).waitFor();
    expect(await besideTheScreen(other)).toEqual([]);
    await screenshot(other, "app-phone");
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByText("You have left this share.").waitFor();
    await server.api(`/api/share/revoke/${id}`, { method: "DELETE" });
    await other.getByRole("heading", { name: "This share has ended" }).waitFor();
    await other.getByText("has stopped sharing").waitFor();
    expect(await other.locator("iframe").count()).toBe(0);
    await context.close();
  });
});

describe("an app that does not run", () => {
  it("is told, and comes back by itself", async ({ page }) => {
    const own = await freePort();
    const program = await start(own);
    await enter(page, { port: own });
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
    await stop(program);
    await page.getByRole("heading", { name: /is not running/ }).waitFor();
    expect(await stumblingBlocks(page)).toEqual([]);
    await screenshot(page, "app-stopped");
    const again = await start(own);
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
    await stop(again);
  });

  it("can be started by guests if it is of the configuration", async ({ page }) => {
    await enter(page, { name: "board" });
    const start = page.getByRole("button", { name: "Start", exact: true });
    await start.click();
    await inApp(page).getByRole("heading", { name: "Sales" }).waitFor();
    await bar(page).getByText(": Board").waitFor();
  });
});

it("R5: a link of another site to a port meets a question, and a click goes on", async ({ page }) => {
  const site = createServer((_request, response) => {
    const own = `${server.url}proxy/${port}/`;
    response.setHeader("Content-Type", "text/html").end(`<a href="${own}?all=1">Look</a>`);
  });
  site.listen(0, "localhost");
  await once(site, "listening");
  const { port: elsewhere } = site.address() as AddressInfo;
  await page.goto(`${server.url}?token=${ownerToken}`);
  await page.goto(`http://localhost:${elsewhere}/`);
  await page.getByRole("link", { name: "Look" }).click();
  await page.getByRole("heading", { name: `Open port ${port}?` }).waitFor();
  await page.getByText(`http://localhost:${elsewhere}`).waitFor();
  expect(await stumblingBlocks(page)).toEqual([]);
  await screenshot(page, "foreign-visit");
  await page.getByRole("link", { name: "Open", exact: true }).click();
  await page.getByRole("heading", { name: "Sales" }).waitFor();
  // It stays so when the page is loaded again.
  await page.reload();
  await page.getByRole("heading", { name: "Sales" }).waitFor();
  site.close();
  site.closeAllConnections();
});
