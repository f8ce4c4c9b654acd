import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { type Backend, startBackend } from "../support/http/backend.ts";
import { opensIde, portUrl } from "../support/hub/contract.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

/** How long identities are cached (RULES R1), and the hub's time to answer. Milliseconds. */
const clock = 60_000 + 5_000;

let hub: Hub;
let server: RunningServer;
let backend: Backend;
let browser: Browser;

beforeAll(async () => {
  backend = await startBackend();
  browser = await launchBrowser();
  hub = await startHub({ files: { "notes.md": "" } });
  server = await hub.startServer("alice", "waiide");
  await hub.ideReady(server);
});
afterAll(async () => {
  await browser.close();
  await hub.stop();
  await backend.close();
});

/** A WebSocket to the user's own program, which echoes every message. */
async function connect(
  headers: Record<string, string>,
): Promise<{ socket: WebSocket; code: () => number | undefined }> {
  const socket = new WebSocket(portUrl(server, backend.port, "socket").replace("http", "ws"), { headers });
  let closed: number | undefined;
  socket.on("close", (code) => {
    closed = code;
  });
  await once(socket, "open");
  return { socket, code: () => closed };
}

async function echoes(socket: WebSocket): Promise<boolean> {
  const answered = once(socket, "message");
  socket.send("still there?");
  const [data] = (await answered) as [Buffer];
  return data.toString() === "still there?";
}

/** The IDE with a file open; in another tab somebody logs out. */
async function pageWhoseLoginEnds(): Promise<Page> {
  const { page, context } = await newPage(browser);
  await page.goto(`${server.url}ide/`);
  await hub.loginInBrowser(page, "alice");
  await workbenchVisible(page);
  await page.locator(".explorer-folders-view").getByText("notes.md").dblclick();
  await page.locator(".monaco-editor[data-uri$='notes.md']").waitFor();
  const elsewhere = await context.newPage();
  await elsewhere.goto(`${server.url}logout`);
  return page;
}

/** The IDE says that the login has ended and offers one; after that login, what was typed in between is saved. */
async function goesOnAfterLogin(page: Page): Promise<void> {
  const file = join(hub.home("alice"), "workspace/notes.md");
  const notice = page.getByRole("alert").filter({ hasText: "Your login has ended" });
  await notice.waitFor({ timeout: clock + patience.timeout });
  await page.locator(".monaco-editor[data-uri$='notes.md']").click();
  await page.keyboard.type("typed meanwhile");
  await screenshot(page, "login-ended");
  expect(await readFile(file, "utf8")).toBe("");

  const [login] = await Promise.all([
    page.waitForEvent("popup"),
    notice.getByRole("link", { name: "Log in again" }).click(),
  ]);
  await hub.loginInBrowser(login, "alice");
  await workbenchVisible(login);
  await notice.waitFor({ state: "detached" });
  await expect.poll(() => readFile(file, "utf8"), patience).toBe("typed meanwhile");
}

it("R1: an open socket ends with 4401 when its login does, and only then", { timeout: 900_000 }, async () => {
  const [revoked, kept] = [await hub.createToken("alice"), await hub.createToken("alice")];
  const person = await hub.login("alice");
  await opensIde(hub, server, person);
  const cookie = person.cookies.headerFor(new URL(server.url)) ?? "";
  const { origin } = new URL(server.url);
  const sockets = {
    revoked: await connect({ authorization: `token ${revoked.token}` }),
    kept: await connect({ authorization: `token ${kept.token}` }),
    loggedOut: await connect({ cookie, origin }),
  };
  await hub.api.deleteToken("alice", revoked.id);
  await person.open(`${server.url}logout`);
  expect(await echoes(sockets.revoked.socket), "not before the clock strikes").toBe(true);
  const page = await pageWhoseLoginEnds();
  await vi.waitFor(
    () => {
      expect(sockets.revoked.code()).toBe(4401);
      expect(sockets.loggedOut.code()).toBe(4401);
    },
    { ...patience, timeout: clock + patience.timeout },
  );
  expect(await echoes(sockets.kept.socket)).toBe(true);
  await goesOnAfterLogin(page);

  // A hub that is gone says nothing about anybody.
  await hub.kill();
  await delay(clock);
  expect(await echoes(sockets.kept.socket)).toBe(true);
  expect(sockets.kept.code()).toBeUndefined();
  sockets.kept.socket.close();
  await hub.start();
});
