import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import type { Page as FirefoxPage } from "puppeteer-core";
import { describe, expect } from "vitest";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { environments } from "../../scripts/environments/table.ts";
import { it as withHub } from "../support/hub/fixtures.ts";
import type { Hub, RunningServer } from "../support/hub/hub.ts";
import { ideReached, newContext, newPage, workbenchVisible } from "../support/page/browser.ts";
import { launchFirefox } from "../support/page/firefox.ts";
import { attack, type Target, type Tried } from "../support/page/neighbor-page.ts";

const neighbor = resolve(import.meta.dirname, "../support/http/neighbor-server.ts");
const singleUser = join(await pythonEnvironment(environments.singleUser), "jupyterhub-singleuser");

const it = withHub
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from it
  .extend("firefox", { scope: "file" }, async ({}, { onCleanup }) => {
    const firefox = await launchFirefox();
    onCleanup(() => firefox.close());
    return firefox;
  })
  /** The server of a user of JupyterHub's own. */
  .extend("theirs", { scope: "file" }, ({ hub }) => hub.startServer("alice", "jupyter"))
  /** Answers with pages that attack. */
  .extend("bobs", { scope: "file" }, ({ hub }) => hub.startServer("bob"));

it.override("hubOptions", {
  config: [
    "def choose(spawner):",
    `    if spawner.user.name == "bob":`,
    `        spawner.cmd = [${JSON.stringify(process.execPath)}, ${JSON.stringify(neighbor)}]`,
    `    elif spawner.name == "jupyter":`,
    `        spawner.cmd = [${JSON.stringify(singleUser)}, "--allow-root"]`,
    "c.Spawner.pre_spawn_hook = choose",
  ].join("\n"),
});

function targetOfOurs({ prefix }: RunningServer): Target {
  return {
    prefix,
    page: "ide/",
    mark: "vscode-workbench-web-configuration",
    change: "api/activity/keep",
    body: "",
    socket: "ide/?reconnectionToken=00000000-0000-4000-8000-000000000000&reconnection=false&skipWebSocketFrames=false",
  };
}

function targetOfTheirs({ prefix }: RunningServer): Target {
  return {
    prefix,
    page: "",
    mark: "Jupyter Server",
    change: "api/contents",
    body: JSON.stringify({ type: "file" }),
    socket: "api/events/subscribe",
  };
}

interface Servers {
  readonly ours: RunningServer;
  readonly theirs: RunningServer;
  readonly bobs: RunningServer;
}

/** A page of Chromium or Firefox. */
interface Attacked {
  goto(url: string): Promise<unknown>;
  evaluate(run: typeof attack, target: Target): Promise<Tried>;
}

/** What alice's browser permits a page of bob's. */
async function tryAll(page: Attacked, { ours, theirs, bobs }: Servers, coop: string) {
  await page.goto(`${bobs.url}?coop=${coop}`);
  return {
    theirs: await page.evaluate(attack, targetOfTheirs(theirs)),
    ours: await page.evaluate(attack, targetOfOurs(ours)),
  };
}

async function loginInFirefox(hub: Hub, server: RunningServer, page: FirefoxPage): Promise<void> {
  await page.goto(`${server.url}ide/`);
  await page.type("#username_input", server.user);
  await page.type("#password_input", hub.password);
  await Promise.all([page.waitForNavigation(), page.click("#login_submit")]);
  await page.waitForSelector("#vscode-workbench-web-configuration");
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

function expectNoMoreThanTheirs(tried: { readonly ours: Tried; readonly theirs: Tried }): void {
  expect(tried.ours).toMatchObject(allRefused);
  const isRefused = (result: number | string | undefined) => result === "refused" || result === 403;
  const refusedByTheirs = Object.keys(allRefused).filter((way) => isRefused(tried.theirs[way]));
  expect(refusedByTheirs).toContain("GET of the API");
  for (const way of refusedByTheirs) expect(isRefused(tried.ours[way]), way).toBe(true);
}

describe("R5: another user's page on the one origin of a real hub", () => {
  /** Alice's Chromium, logged in at both of her servers. Each test leaves it in the IDE. */
  let page: Page;
  it.beforeAll(async ({ hub, server, theirs, browser }) => {
    ({ page } = await newPage(browser));
    await page.goto(`${hub.url}hub/login?next=%2Fhub%2Fhome`);
    await hub.loginInBrowser(page, server.user);
    await page.waitForURL(/hub\/home/);
    await page.goto(theirs.url);
    await page.goto(`${server.url}ide/`);
    await workbenchVisible(page);
  });

  it.for(["", "same-origin", "same-origin-allow-popups", "noopener-allow-popups"])(
    "gets nothing of ours, in chromium with COOP “%s”, and no more than of Jupyter's",
    async (coop, { server: ours, theirs, bobs }) => {
      expectNoMoreThanTheirs(await tryAll(page, { ours, theirs, bobs }, coop));
      // And the page itself is still answered, in the same browser.
      await page.goto(`${ours.url}ide/`);
      await ideReached(page);
      await Promise.all(
        page
          .context()
          .pages()
          .filter((other) => other !== page)
          .map((other) => other.close()),
      );
    },
  );

  describe("in Firefox", () => {
    it.beforeAll(async ({ hub, server, theirs, firefox }) => {
      const [first, second] = [await firefox.newPage(), await firefox.newPage()];
      await loginInFirefox(hub, server, first);
      await first.close();
      await second.goto(theirs.url);
      await second.close();
    });

    it.for(["", "same-origin"])(
      "gets nothing of ours, in firefox with COOP “%s”, and no more than of Jupyter's",
      async (coop, { server: ours, theirs, bobs, firefox }) => {
        const attacked = await firefox.newPage();
        expectNoMoreThanTheirs(await tryAll(attacked, { ours, theirs, bobs }, coop));
        await attacked.close();
      },
    );
  });

  it("keeps our page's own parts: pictures of the machine, by the page's proven path", async ({ hub }) => {
    await workbenchVisible(page);
    const file = join(hub.home("alice"), "workspace/dot.gif");
    await writeFile(file, Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64"));
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
  });

  it("has no service worker that reads our page in our place", async ({ server, bobs, browser }) => {
    const context = await newContext(browser, { storageState: await page.context().storageState() });
    const tab = await context.newPage();
    await tab.goto(bobs.url);
    await tab.evaluate(async (script) => {
      await navigator.serviceWorker.register(script, { scope: "/" });
      const { active } = await navigator.serviceWorker.ready;
      while (active?.state !== "activated") await new Promise((done) => setTimeout(done, 20));
    }, `${bobs.prefix}worker.js`);
    await tab.goto(`${server.url}ide/`);
    const seen = (await tab.textContent("pre")) ?? "";
    expect(seen).toContain("403");
    expect(seen).not.toContain("vscode-workbench-web-configuration");
    await context.close();
  });
});
