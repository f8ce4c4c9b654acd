import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { startTestApp } from "../../packages/gateway/test/support/apps/app-guest.ts";
import { it } from "../support/fixtures.ts";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { ideReached, openTerminal, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { forwardPort } from "../support/page/ports-view.ts";
import { patience } from "../support/patience.ts";
import { createShare, share } from "../support/sharing.ts";

it.override("browserArguments", ["--host-resolver-rules=MAP evil.test 127.0.0.1"]);
it.override("gatewayOptions", {
  settings: {
    // VS Code would forward every port that a program opens in between.
    "remote.autoForwardPorts": false,
    // Rows of text instead of a canvas, so that the test can read what stands there; and no terminal of the page before.
    "terminal.integrated.gpuAcceleration": "off",
    "terminal.integrated.enablePersistentSessions": false,
  },
});

describe("the starting page", () => {
  it("shows progress, and continues to the IDE automatically", async ({ start, page }) => {
    const gateway = await start();
    await page.goto(gateway.url);
    await workbenchVisible(page);
  });

  it("a crash loop shows the last lines and a button that starts the IDE server again", async ({ start, page }) => {
    const gateway = await start();
    await ideReady(gateway);
    const status = async () =>
      (await (await fetch(`${gateway.url}api/status`)).json()) as { ide: { state: string; restarts: number } };
    for (let deaths = 0; (await status()).ide.state !== "failed"; ) {
      if (await killIdeServer(gateway)) deaths += 1;
      expect(deaths).toBeLessThan(10);
      await vi.waitFor(async () => expect(["ready", "failed"]).toContain((await status()).ide.state), patience);
    }
    await page.goto(gateway.url);
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("log").textContent()).toContain("ended by SIGKILL");
    await screenshot(page, "crash-loop");
    await page.getByRole("button", { name: "Restart" }).click();
    await ideReached(page);
  });
});

/** Kills the IDE server of a gateway and sees it end; false if there is none at the moment. */
async function killIdeServer(gateway: RunningGateway): Promise<boolean> {
  const pid = ideServerOf(gateway);
  if (pid === undefined) return false;
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
  await vi.waitFor(() => expect(ideServerOf(gateway)).not.toBe(pid), patience);
  return true;
}

function ideServerOf(gateway: RunningGateway): number | undefined {
  const listed = execFileSync("ps", ["-eo", "pid,ppid,args"], { encoding: "utf8" }).split("\n");
  const row = listed.find(
    (line) => line.includes("server-main.js") && Number(line.trim().split(/\s+/)[1]) === gateway.pid,
  );
  return row === undefined ? undefined : Number(row.trim().split(/\s+/)[0]);
}

/** How many unsaved texts the page keeps in this browser; undefined until it can keep any. */
function keptTexts(page: Page): Promise<number | undefined> {
  return page.evaluate(async () => {
    const name = "waiide-kept-text";
    if (!(await indexedDB.databases()).some((database) => database.name === name)) return undefined;
    const finished = <Result>(request: IDBRequest<Result>) =>
      new Promise<Result>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await finished(indexedDB.open(name));
    try {
      if (!database.objectStoreNames.contains("texts")) return undefined;
      return await finished(database.transaction("texts").objectStore("texts").count());
    } finally {
      database.close();
    }
  });
}

it("an open IDE whose server died reloads itself if nothing is unsaved", async ({ start, page }) => {
  const gateway = await start();
  const saved = () => readFile(join(gateway.workspace, "hello.py"), "utf8");
  await ideReady(gateway);
  await page.goto(gateway.url);
  await workbenchVisible(page);
  await vi.waitFor(async () => expect(await keptTexts(page)).toBe(0), patience);
  await page.locator(".explorer-folders-view").getByText("hello.py").dblclick();
  const firstLine = page.locator(".monaco-editor[data-uri$='hello.py'] .view-line").first();
  await firstLine.click();
  await page.keyboard.type("# before ");
  // A page with unsaved text would not reload: the file is written before VS Code counts it as saved.
  await vi.waitFor(async () => expect(await saved()).toContain("# before "), patience);
  await vi.waitFor(async () => expect(await keptTexts(page)).toBe(0), patience);
  const loaded = page.waitForEvent("load", patience);
  expect(await killIdeServer(gateway)).toBe(true);
  await loaded;
  await workbenchVisible(page);
  await firstLine.click();
  await page.keyboard.type("# after ");
  await vi.waitFor(async () => expect(await saved()).toMatch(/# before.*# after|# after.*# before/), patience);
});

describe("login with a token", () => {
  const token = "a-token-for-the-browser";
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway({ arguments: ["--auth", "token", "--token", token] });
  });
  afterAll(async () => void (await gateway.stop()));

  it("the link opens the IDE, and the token leaves the address bar", async ({ page }) => {
    expect(gateway.url).toContain(`?token=${token}`);
    const requested: string[] = [];
    page.on("request", (request) => requested.push(request.url()));
    await page.goto(gateway.url);
    await workbenchVisible(page);
    expect(page.url()).not.toContain(token);
    expect(requested.filter((url) => url.includes(token))).toEqual([gateway.url]);
  });

  it("without it a page asks; a wrong token is refused, the right one continues", async ({ page }) => {
    const url = gateway.url.replace(/\?.*/, "");
    await page.goto(`${url}ide/`);
    await page.getByLabel("Token").fill("not the token");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await screenshot(page, "login");
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Log in" }).click();
    await ideReached(page);
    expect(new URL(page.url()).pathname).toBe("/ide/");
  });
});

it("R5: a stranger's name for this machine gets nothing (DNS rebinding)", async ({ gateway, page }) => {
  const { port } = new URL(gateway.url);
  const answer = await page.goto(`http://evil.test:${port}/api/status`);
  expect(answer?.status()).toBe(403);
  await page.getByText("evil.test").first().waitFor();
  await screenshot(page, "host-refused");
});

it("R5: a page of another origin opens no WebSocket to the IDE", async ({ gateway, page }) => {
  const stranger = await listen(
    createServer((_request, response) => response.setHeader("Content-Type", "text/html").end("<p>stranger")),
  );
  try {
    await page.goto(`http://127.0.0.1:${stranger.port}/`);
    const outcome = await page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => resolve("open");
          socket.onerror = () => resolve("refused");
        }),
      `${gateway.url.replace("http", "ws")}?type=management&reconnectionToken=1`,
    );
    expect(outcome).toBe("refused");
  } finally {
    stranger.server.close();
  }
});

describe("under a prefix", () => {
  it("the IDE works, its ports too, and HTML of ports is rewritten where asked", async ({ start, page }) => {
    const args = ["--base-url", "/user/alice/", "--rewrite-html"];
    const site = await listen(
      createServer((request, response) => {
        const html = '<link rel="icon" href="data:,"><script src="/static/app.js"></script><a href="/next">next</a>';
        if (request.url === "/static/app.js")
          response.setHeader("Content-Type", "text/javascript").end("document.title = 'ran'");
        else response.setHeader("Content-Type", "text/html").end(`${html}<p>${request.url}</p>`);
      }),
    );
    const gateway = await start({ arguments: args });
    expect(new URL(gateway.url).pathname).toBe("/user/alice/");
    await page.goto(`${gateway.url}ide/`);
    await workbenchVisible(page);
    await page.goto(`${gateway.url}proxy/${site.port}/`);
    await page.waitForFunction(() => document.title === "ran");
    await page.getByText("next").click();
    await page.getByText("/next").waitFor();
    expect(new URL(page.url()).pathname).toBe(`/user/alice/proxy/${site.port}/next`);
    site.server.close();
  });
});

it("ports open through the gateway, by the Ports view and by a link in a terminal", async ({ gateway, page }) => {
  const answer = (from: string) =>
    listen(
      createServer((_request, response) =>
        response.setHeader("Content-Type", "text/html").end(`<h1>from ${from}</h1>`),
      ),
    );
  const [viewed, linked] = [await answer("the view's port"), await answer("the link's port")];
  const linkOpens = async () => {
    await openTerminal(page);
    const link = `http://localhost:${linked.port}/`;
    await page.keyboard.type(`clear; echo ${link}\n`);
    const opened = await followTerminalLink(page, link);
    await opened.getByText("from the link's port").waitFor();
    expect(opened.url()).toBe(`${gateway.url}proxy/${linked.port}/`);
    await opened.close();
  };
  await page.goto(`${gateway.url}ide/`);
  await workbenchVisible(page);
  await page.getByRole("button", { name: "No Ports Forwarded" }).click();
  const address = page.locator(".panel").getByText(`${gateway.url}proxy/${viewed.port}/`);
  await forwardPort(page, viewed.port, address);
  const byView = await openedBy(page, async () => {
    const box = await boxOf(address);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  });
  await byView.getByText("from the view's port").waitFor();
  await byView.close();

  // While an app is shared, the label of its port shows who can use it.
  const app = await startTestApp();
  const row = page.locator(".panel").getByText(`${gateway.url}proxy/${app.port}/`);
  await forwardPort(page, app.port, row);
  const { id } = await createShare(gateway, "--port", String(app.port));
  const label = page.locator(".panel").getByText(`shared with anyone with the link (${app.port})`);
  await label.waitFor();
  await screenshot(page, "ports-view-shared");
  await share(gateway, "revoke", id);
  await label.waitFor({ state: "detached" });
  await row.waitFor();
  await linkOpens();

  // The IDE has this address, too.
  await page.goto(gateway.url);
  await workbenchVisible(page);
  await linkOpens();
  for (const { server } of [viewed, linked]) server.close();
});

/** Follows the link in the terminal's first line as a person does: pointed at, underlined, clicked with Ctrl. */
async function followTerminalLink(page: Page, url: string): Promise<Page> {
  const line = page.locator(".terminal-wrapper.active .xterm-rows > div").first();
  // At the very beginning: further right it is still the command, before the screen was cleared.
  await vi.waitFor(async () => expect((await line.textContent())?.startsWith(url)).toBe(true), patience);
  const box = await boxOf(line);
  const [x, y] = [box.x + 60, box.y + box.height / 2];
  return openedBy(page, async () => {
    // Links are looked for when the mouse moves, and forgotten when the terminal draws its prompt.
    await page.mouse.move(x, y);
    await page.mouse.move(x + 2, y);
    expect(await line.locator("span[style*='underline']").count()).toBeGreaterThan(0);
  });
}

/** Moves the mouse there and clicks with Ctrl; again if the element was redrawn, as then nothing got the click. */
function openedBy(page: Page, point: () => Promise<void>): Promise<Page> {
  return vi.waitFor(async () => {
    await point();
    await page.keyboard.down("Control");
    const clicked = page.mouse.down().then(() => page.mouse.up());
    const [opened] = await Promise.all([page.context().waitForEvent("page", { timeout: 5_000 }), clicked]).finally(() =>
      page.keyboard.up("Control"),
    );
    return opened;
  }, patience);
}

async function boxOf(place: Locator) {
  const box = await place.boundingBox();
  if (box === null) throw new Error("it has no place on the page");
  return box;
}

async function listen(server: Server): Promise<{ server: Server; port: number }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return { server, port: (server.address() as AddressInfo).port };
}
