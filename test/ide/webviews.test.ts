import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort, ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { HttpClient } from "../support/http/client.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import {
  hostileNotebook,
  openNotebook,
  outputsOf,
  refusedShare,
  type Verdict,
} from "../support/page/hostile-notebook.ts";
import { patience } from "../support/patience.ts";
import { listShares, share } from "../support/sharing.ts";

const name = "results.ipynb";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

interface Opened {
  readonly gateway: RunningGateway;
  readonly page: Page;
  /** Of the notebook's outputs. */
  readonly frame: Frame;
}

/** The owner opens a notebook that holds an attack. @param host the IDE's, as the browser names it */
async function withNotebook(
  args: readonly string[],
  use: (opened: Opened) => Promise<void>,
  { host, prepare }: { host?: string; prepare?: (page: Page, gateway: RunningGateway) => Promise<void> } = {},
): Promise<void> {
  const gateway = await startGateway({ arguments: args });
  const { page, context } = await newPage(browser);
  try {
    await ideReady(gateway);
    const url = host === undefined ? gateway.url : gateway.url.replace(/\/\/[^:/]+/, `//${host}`);
    await writeFile(join(gateway.workspace, name), hostileNotebook(url));
    await prepare?.(page, gateway);
    await page.goto(url);
    await workbenchVisible(page);
    await openNotebook(page, name);
    await use({ gateway, page, frame: await outputsOf(page) });
  } finally {
    await context.close();
    await gateway.stop();
  }
}

async function verdict(frame: Frame, id: "from-output" | "from-markdown"): Promise<Verdict> {
  const place = frame.locator(`#${id}`);
  await place.waitFor({ state: "attached" });
  return JSON.parse((await place.textContent()) ?? "") as Verdict;
}

async function picturesShown(frame: Frame): Promise<number> {
  return frame.evaluate(() => [...document.images].filter(({ naturalWidth }) => naturalWidth > 0).length);
}

async function webviewsOf(gateway: RunningGateway): Promise<unknown> {
  const { body } = await new HttpClient().fetch(`${gateway.url}api/server`);
  return (JSON.parse(body) as { webviews: unknown }).webviews;
}

describe("R11: looking at a notebook that somebody else wrote", () => {
  it("R18: its scripts run on another origin, and its outputs are shown", async () => {
    await withNotebook([], async ({ gateway, page, frame }) => {
      for (const id of ["from-output", "from-markdown"] as const) {
        const { origin, top, share: made } = await verdict(frame, id);
        expect(new URL(origin).host).not.toBe(new URL(gateway.url).host);
        expect({ top, made }).toEqual({ top: "SecurityError", made: expect.stringMatching(refusedShare) });
      }
      expect(await frame.locator("#table").textContent()).toBe("a cell of a table");
      await expect.poll(() => picturesShown(frame), patience).toBe(1);
      expect(await share(gateway, "list")).toContain("Nothing is shared.");
      expect(await webviewsOf(gateway)).toEqual({ separated: true });
      await screenshot(page, "webview-origin");
    });
  });

  it("R18: with webview-origin each webview has its own name, and so its own origin", async () => {
    const port = await freePort();
    const origin = `http://{{uuid}}.views.ide.localhost:${port}`;
    const args = ["--port", String(port), "--webview-origin", origin];
    const use = async ({ gateway, frame }: Opened) => {
      const { origin: where, top, share: made } = await verdict(frame, "from-output");
      expect(new URL(where).hostname).toMatch(/^[0-9a-v]{52}\.views\.ide\.localhost$/);
      expect({ top, made }).toEqual({ top: "SecurityError", made: expect.stringMatching(refusedShare) });
      await expect.poll(() => picturesShown(frame), patience).toBe(1);
      expect(await share(gateway, "list")).toContain("Nothing is shared.");
    };
    await withNotebook(args, use, { host: "ide.localhost" });
  });

  it("with one forwarded port notebooks work, and the missing separation is known", async () => {
    const port = await freePort();
    const prepare = async (page: Page, gateway: RunningGateway) => {
      const own = new URL(gateway.url).port;
      await page.context().route(
        (url) => url.port !== own,
        (route) => route.abort("connectionrefused"),
      );
    };
    const use = async ({ gateway, frame }: Opened) => {
      expect((await verdict(frame, "from-output")).origin).toBe(new URL(gateway.url).origin);
      expect(await webviewsOf(gateway)).toEqual({
        separated: false,
        reason: expect.stringContaining("webview-origin"),
      });
    };
    await withNotebook(["--port", String(port)], use, { prepare });
  });

  it("an explicit origin that cannot be reached is named, and not replaced", async () => {
    const gateway = await startGateway({ arguments: ["--webview-origin", "http://{{uuid}}.views.test:9"] });
    const { page, context } = await newPage(browser);
    try {
      await ideReady(gateway);
      await page.goto(gateway.url);
      await workbenchVisible(page);
      await page.getByText("does not reach http://{{uuid}}.views.test:9").waitFor();
      expect(await page.evaluate(() => document.querySelectorAll("iframe[src*='webviews']").length)).toBe(0);
    } finally {
      await context.close();
      await gateway.stop();
    }
  });
});

describe("R11: where webviews are on the IDE's own origin", () => {
  it("a Full Access share offers Restricted Mode, in which no script runs", async () => {
    const gateway = await startGateway({ arguments: ["--webview-origin", "same"] });
    const { page, context } = await newPage(browser);
    try {
      await ideReady(gateway);
      await writeFile(join(gateway.workspace, name), hostileNotebook(gateway.url));
      await page.goto(gateway.url);
      await workbenchVisible(page);
      const ui = new ExtensionPage(page);
      await ui.statusBar().waitFor();
      await ui.command("WAIIDE: Share Workspace");
      await ui.quickInput().getByText("not separated from your IDE").waitFor();
      await screenshot(page, "full-access-not-separated");
      await ui.answer("Full Access");
      await page.keyboard.press("Escape");
      const advice = ui.notification("Guests can write files now");
      await advice.waitFor();
      await screenshot(page, "restricted-mode-offer");
      await Promise.all([
        page.waitForEvent("load"),
        advice.getByRole("button", { name: "Open in Restricted Mode" }).click(),
      ]);
      await page.getByText("Restricted Mode is intended for safe code browsing").waitFor();

      await workbenchVisible(page);
      await openNotebook(page, name);
      const shown = () => Promise.all(page.frames().map((frame) => picturesShown(frame).catch(() => 0)));
      await expect.poll(async () => Math.max(...(await shown())), patience).toBe(1);
      await screenshot(page, "restricted-mode");
      for (const frame of page.frames()) {
        expect(await frame.locator("#from-output, #from-markdown").count()).toBe(0);
      }
      expect(await listShares(gateway)).toMatchObject([{ level: "edit" }]);

      await share(gateway, "revoke", "--all");
      await page.reload();
      await workbenchVisible(page);
      expect(await page.getByText("Restricted Mode is intended for safe code browsing").count()).toBe(0);
    } finally {
      await context.close();
      await gateway.stop();
    }
  });

  it("“waiide share create” and doctor say that nothing separates them", async () => {
    const args = ["--webview-origin", "same", "--public-url", "http://ide.test"];
    const gateway = await startGateway({ arguments: args });
    try {
      expect(await share(gateway, "create", "--permission", "edit", "--yes")).toContain("not separated from your IDE");
      expect(await share(gateway, "create", "--permission", "view")).not.toContain("not separated");
      const { body } = await new HttpClient().fetch(`${gateway.url}api/server/doctor`);
      expect(body).toContain("notebook outputs and previews run on the IDE's own origin");
    } finally {
      await gateway.stop();
    }
  });
});

describe("R18: what webviews' origins answer", () => {
  let gateway: RunningGateway;
  let version: string;
  /** Of the second port, and of a name that has the main port. */
  let places: { url: string; host: string }[];
  beforeAll(async () => {
    const [port, second] = [await freePort(), await freePort()];
    gateway = await startGateway({ arguments: ["--port", String(port), "--webview-port", String(second)] });
    await ideReady(gateway);
    const page = await new HttpClient().open(gateway.url);
    version = /webviews\/([a-z]+-[0-9a-z]+)\//.exec(page.body)?.[1] ?? "";
    places = [
      { url: `http://127.0.0.1:${second}/`, host: `localhost:${second}` },
      { url: `http://127.0.0.1:${port}/`, host: `x.webview.localhost:${port}` },
    ];
  });
  afterAll(() => gateway.stop());

  it("webview files, with their own headers and no cookie", async () => {
    for (const { url, host } of places) {
      for (const file of ["index.html", "fake.html", "service-worker.js", "probe.html", "probe.js"]) {
        const headers = { host, ...(file === "service-worker.js" && { "service-worker": "script" }) };
        const answer = await new HttpClient().fetch(`${url}webviews/${version}/${file}?id=1`, headers);
        expect({ file, status: answer.status }).toEqual({ file, status: 200 });
        expect(answer.headers).toMatchObject({
          "x-content-type-options": "nosniff",
          "referrer-policy": "no-referrer",
          "cross-origin-resource-policy": "cross-origin",
        });
        expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'self' http://");
        expect(answer.headers["set-cookie"]).toBeUndefined();
        expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      }
    }
  });

  it("nothing else: no API, IDE, port, share or other file, by any spelling", async () => {
    const paths = [
      "",
      "ide/",
      "api",
      "api/health",
      "api/status",
      "api/share/create",
      "healthz",
      "metrics",
      "proxy/8071/",
      "share/assets/x/y.js",
      `${version}/static/out/vs/code/browser/workbench/workbench.js`,
      "webviews",
      "webviews/",
      `webviews/${version}/`,
      `webviews/${version}/../../ide/`,
      `webviews/${version}/%2e%2e/index.html`,
      `webviews/${version}/..%2f..%2f..%2f..%2fcode/browser/workbench/workbench.js`,
      `webviews/${version}/index.html/`,
      `webviews/${version}/Index.html`,
      "webviews/stable-0/index.html",
    ];
    for (const { url, host } of places) {
      for (const path of paths) {
        for (const method of ["GET", "POST"]) {
          const { status, headers } = await new HttpClient().send(url + path, { method, headers: { host } });
          const isRead = method === "GET";
          expect({ host, method, path, status }).toEqual({
            host,
            method,
            path,
            status: isRead ? 404 : expect.toBeOneOf([404, 405]),
          });
          expect(headers["set-cookie"]).toBeUndefined();
        }
      }
      const file = `${url}webviews/${version}/index.html`;
      const { status } = await new HttpClient().send(file, { method: "POST", headers: { host } });
      expect(status).toBe(405);
    }
  });

  it("no WebSocket", async () => {
    for (const { url, host } of places) {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      socket.write(
        `GET /?reconnectionToken=x HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      );
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk.toString();
      });
      await once(socket, "close");
      expect(answer).not.toContain(" 101 ");
    }
  });

  it("the second port is a host of ours only, and ends with the gateway", async () => {
    const [second] = places;
    if (second === undefined) throw new Error("no second port");
    const other = await new HttpClient().fetch(`${second.url}webviews/${version}/index.html`, { host: "evil.test" });
    expect(other.status).toBe(404);
    await gateway.pause();
    await vi.waitFor(() => expect(new HttpClient().fetch(second.url)).rejects.toThrow("ECONNREFUSED"), patience);
  });
});
