import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { environments } from "../../scripts/environments/table.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { launchBrowser, newPage, workbenchVisible } from "../support/page/browser.ts";
import { type Firefox, launchFirefox } from "../support/page/firefox.ts";
import { attack, type Target, type Tried } from "../support/page/neighbor-page.ts";

const neighbor = resolve(import.meta.dirname, "../support/http/neighbor-server.ts");

describe("R5: another user's page on the one origin of a real hub", () => {
  let hub: Hub;
  let ours: RunningServer;
  let theirs: RunningServer;
  let bobs: RunningServer;
  let browser: Browser;
  let firefox: Firefox;

  beforeAll(async () => {
    const singleUser = join(await pythonEnvironment(environments.singleUser), "jupyterhub-singleuser");
    hub = await startHub({
      config: [
        "def choose(spawner):",
        `    if spawner.user.name == "bob":`,
        `        spawner.cmd = [${JSON.stringify(process.execPath)}, ${JSON.stringify(neighbor)}]`,
        `    elif spawner.name == "jupyter":`,
        `        spawner.cmd = [${JSON.stringify(singleUser)}, "--allow-root"]`,
        "c.Spawner.pre_spawn_hook = choose",
      ].join("\n"),
    });
    [ours, theirs, bobs] = [
      await hub.startServer("alice", "waiide"),
      await hub.startServer("alice", "jupyter"),
      await hub.startServer("bob"),
    ];
    await hub.ideReady(ours);
    [browser, firefox] = [await launchBrowser(), await launchFirefox()];
  });
  afterAll(async () => {
    await firefox?.close();
    await browser?.close();
    await hub?.stop();
  });

  const targetOfOurs = (): Target => ({
    prefix: ours.prefix,
    page: "ide/",
    mark: "vscode-workbench-web-configuration",
    change: "api/activity/keep",
    body: "",
    socket: "ide/?reconnectionToken=00000000-0000-4000-8000-000000000000&reconnection=false&skipWebSocketFrames=false",
  });
  const targetOfTheirs = (): Target => ({
    prefix: theirs.prefix,
    page: "",
    mark: "Jupyter Server",
    change: "api/contents",
    body: JSON.stringify({ type: "file" }),
    socket: "api/events/subscribe",
  });

  /** What alice's browser lets a page of bob's do, Chromium or Firefox. */
  async function tryAll(kind: "chromium" | "firefox", coop: string): Promise<{ ours: Tried; theirs: Tried }> {
    const evil = `${bobs.url}?coop=${coop}`;
    if (kind === "chromium") {
      const { page, context } = await newPage(browser);
      await page.goto(`${ours.url}ide/`);
      await hub.loginInBrowser(page, "alice");
      await workbenchVisible(page);
      await page.goto(theirs.url);
      await page.goto(evil);
      const tried = {
        theirs: await page.evaluate(attack, targetOfTheirs()),
        ours: await page.evaluate(attack, targetOfOurs()),
      };
      // And the page itself still works, in the same browser.
      await page.goto(`${ours.url}ide/`);
      await workbenchVisible(page);
      await context.close();
      return tried;
    }
    const first = await firefox.newPage();
    await first.goto(`${ours.url}ide/`);
    if ((await first.$("#username_input")) !== null) {
      await first.type("#username_input", "alice");
      await first.type("#password_input", hub.password);
      await Promise.all([first.waitForNavigation(), first.click("#login_submit")]);
    }
    await first.waitForSelector(".explorer-folders-view .monaco-list-row");
    await first.close();
    const page = await firefox.newPage();
    await page.goto(theirs.url);
    await page.goto(evil);
    const tried = {
      theirs: await page.evaluate(attack, targetOfTheirs()),
      ours: await page.evaluate(attack, targetOfOurs()),
    };
    await page.close();
    return tried;
  }

  const allRefused = {
    "fetch of the page": 403,
    "GET of the API": 403,
    "GET of the API without a mode": 403,
    "POST to the API": 403,
    "DELETE at the API": 403,
    WebSocket: "refused",
    "frame read": "refused",
    "object read": "refused",
    "opened window read": "refused",
    "API in a window read": "refused",
    "API as a script": "refused",
    "API as a picture": "refused",
  };

  it.each([
    ["chromium", ""],
    ["chromium", "same-origin"],
    ["chromium", "same-origin-allow-popups"],
    ["chromium", "noopener-allow-popups"],
    ["firefox", ""],
    ["firefox", "same-origin"],
  ] as const)("gets nothing of ours, in %s with COOP “%s”, and no more than of Jupyter's", async (kind, coop) => {
    const tried = await tryAll(kind, coop);
    expect(tried.ours).toMatchObject(allRefused);
    const isRefused = (result: number | string | undefined) => result === "refused" || result === 403;
    const refusedByTheirs = Object.keys(allRefused).filter((way) => isRefused(tried.theirs[way]));
    expect(refusedByTheirs).toContain("GET of the API");
    for (const way of refusedByTheirs) expect(isRefused(tried.ours[way]), way).toBe(true);
  });

  it("keeps our page's own parts: pictures of the machine, by the page's proven path", async () => {
    const file = join(hub.home("alice"), "workspace/dot.gif");
    await writeFile(file, Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64"));
    const { page, context } = await newPage(browser);
    await page.goto(`${ours.url}ide/`);
    await hub.loginInBrowser(page, "alice");
    await workbenchVisible(page);
    const loaded = await page.evaluate(async (path) => {
      const element = document.getElementById("vscode-workbench-web-configuration");
      const { serverBasePath } = JSON.parse(element?.dataset.settings ?? "{}") as { serverBasePath: string };
      const product = /[a-z]+-[0-9a-f]{40}/.exec(document.documentElement.outerHTML)?.[0];
      const load = (base: string) => {
        const picture = new Image();
        picture.src = `${base}/${product}/vscode-remote-resource?path=${encodeURIComponent(path)}`;
        return picture.decode().then(
          () => picture.naturalWidth,
          () => "refused",
        );
      };
      return [await load(serverBasePath), await load(".")];
    }, file);
    expect(loaded).toEqual([1, "refused"]);
    await context.close();
  });

  it("has no service worker that reads our page in our place", async () => {
    const { page, context } = await newPage(browser);
    await page.goto(`${ours.url}ide/`);
    await hub.loginInBrowser(page, "alice");
    await workbenchVisible(page);
    await page.goto(bobs.url);
    await page.evaluate(async (script) => {
      await navigator.serviceWorker.register(script, { scope: "/" });
      const { active } = await navigator.serviceWorker.ready;
      while (active?.state !== "activated") await new Promise((done) => setTimeout(done, 20));
    }, `${bobs.prefix}worker.js`);
    await page.goto(`${ours.url}ide/`);
    const seen = (await page.textContent("pre")) ?? "";
    expect(seen).toContain("403");
    expect(seen).not.toContain("vscode-workbench-web-configuration");
    await context.close();
  });
});
