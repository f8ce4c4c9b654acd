import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { freePort, ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, openTerminal, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { editorLine } from "../support/page/guest-workbench.ts";
import { holdRemoteHost } from "../support/page/late-host.ts";
import { openByName, runCommand } from "../support/page/palette.ts";
import { patience } from "../support/patience.ts";

const ownersSettings = '{ "workbench.colorTheme": "Solarized Light", "editor.fontSize": 17 }\n';

/** Prints the variables that it finds where it is started. */
const witness = `
const { appendFileSync } = require("node:fs");
exports.activate = () => {
  const { WAIIDE_SHARE, WAIIDE_CONTROL_SOCKET, HOME } = process.env;
  appendFileSync(HOME + "/witness.log", JSON.stringify({ WAIIDE_SHARE, WAIIDE_CONTROL_SOCKET }) + "\\n");
};`;
const witnessManifest = {
  name: "witness",
  publisher: "ada",
  version: "1.0.0",
  engines: { vscode: "^1.60.0" },
  main: "./main.js",
  activationEvents: ["onStartupFinished"],
};
/** As VS Code lists what is installed. */
const installed = [
  {
    identifier: { id: "ada.witness" },
    version: "1.0.0",
    location: { $mid: 1, path: "/ada.witness-1.0.0", scheme: "file" },
    relativeLocation: "ada.witness-1.0.0",
  },
];
const ownersData = ".WAIIDE-server";
/** VS Code asks in the page, and writes terminals as text there. */
const workspaceSettings = '{ "window.dialogStyle": "custom", "terminal.integrated.gpuAcceleration": "off" }\n';
const home = {
  [`${ownersData}/data/User/settings.json`]: ownersSettings,
  [`${ownersData}/extensions/extensions.json`]: JSON.stringify(installed),
  [`${ownersData}/extensions/ada.witness-1.0.0/package.json`]: JSON.stringify(witnessManifest),
  [`${ownersData}/extensions/ada.witness-1.0.0/main.js`]: witness,
};

let options: string[];
let gateway: RunningGateway;
let browser: Browser;
let ownersPage: Page;
let guestsPage: Page;
let share: { id: string; url: string };
/** Where the guest's IDE is. */
let mount: string;

const inHome = (name: string) => readFile(join(gateway.home, name), "utf8");
const inWorkspace = (name: string) => readFile(join(gateway.workspace, name), "utf8");
const guestsData = () => join(gateway.home, ownersData, "gateway/_/terminal", share.id);
const tab = (page: Page, name: string) => page.locator(".tabs-container .tab").filter({ hasText: name });

/** Whether a process is there and has not ended (proc_pid_stat(5)). */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return /^[^ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const { origin } = new URL(gateway.url);
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { Origin: origin, ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
  const answer = await fetch(`${gateway.url}${path}`, { method, headers, ...content });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

const activeTab = (page: Page) => page.locator(".tabs-container .tab.active");

/** The owner makes a share, and the guest's browser enters it. */
async function enterNewShare(): Promise<void> {
  const wish = { permission: "Terminal Access", file: "notes/today.md" };
  share = (await ask("POST", "api/share/create", wish)) as typeof share;
  const { origin, pathname, hash } = new URL(share.url);
  mount = `${origin}${pathname}ide/`;
  const entered = await guestsPage.request.post(`${origin}${pathname}enter`, {
    data: { secret: hash.slice(1), name: "Bob" },
    headers: { Origin: origin },
  });
  expect(entered.status()).toBe(204);
}

/** Starts processes in a new terminal that do not end with it. */
async function startHidden(page: Page, name: string): Promise<{ pids: number[]; environment: string }> {
  await openTerminal(page);
  await page.keyboard.type(
    `env > ${name}.env; setsid sh -c 'echo $$ > ${name}.pid; exec sleep 600' & nohup sleep 600 >/dev/null 2>&1 & echo $! > ${name}.nohup\n`,
  );
  const read = (file: string) => inWorkspace(`${name}.${file}`);
  await vi.waitFor(async () => expect(`${await read("pid")}${await read("nohup")}`).toMatch(/^\d+\n\d+\n$/), patience);
  return { pids: [Number(await read("pid")), Number(await read("nohup"))], environment: await read("env") };
}

const running = (pids: readonly number[]) => Promise.all(pids.map(isRunning));

/** The numbers of killed processes of the share, as the audit has them. */
async function kills(): Promise<number[]> {
  const { entries } = (await ask("GET", `api/share/audit?share=${share.id}`)) as {
    entries: { event: string; details: { processes?: number } }[];
  };
  return entries.filter(({ event }) => event === "kill").map(({ details }) => details.processes ?? 0);
}

beforeAll(async () => {
  browser = await launchBrowser();
  const port = await freePort();
  options = ["--port", String(port), "--public-url", `http://localhost:${port}`];
  const files = { "notes/today.md": "# Today\n", "other.txt": "other\n", ".vscode/settings.json": workspaceSettings };
  gateway = await startGateway({ files, home, arguments: options });
  await ideReady(gateway);
  ownersPage = (await newPage(browser)).page;
  guestsPage = (await newPage(browser)).page;
  await ownersPage.goto(gateway.url);
  await workbenchVisible(ownersPage);

  await enterNewShare();
});

afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

it("R16 a guest waits on an independent page, and arrives in the shared file", async () => {
  const asked: URL[] = [];
  guestsPage.on("request", (request) => asked.push(new URL(request.url())));
  const first = await guestsPage.goto(mount);
  expect(first?.status()).toBe(503);
  await workbenchVisible(guestsPage);
  await tab(guestsPage, "today.md").waitFor();
  await guestsPage.locator(".monaco-editor[data-uri$='notes/today.md']").waitFor();
  // Beside the share's own paths only files that webviews are made of, which are the same for everybody.
  const ofShare = new URL("..", mount).href;
  const isWebviewFile = ({ pathname }: URL) => pathname.startsWith("/webviews/");
  const outside = asked.filter((url) => url.protocol.startsWith("http") && !url.href.startsWith(ofShare));
  expect(outside.filter((url) => !isWebviewFile(url))).toEqual([]);
  await screenshot(guestsPage, "terminal-access");
});

it("R16 the owner's settings are not the guest's, and a guest's not the owner's", async () => {
  await runCommand(guestsPage, "View: Toggle Minimap");
  await vi.waitFor(async () => {
    const settings = JSON.parse(await readFile(join(guestsData(), "data", "User", "settings.json"), "utf8"));
    expect(settings).toEqual({ "editor.minimap.enabled": false });
  }, patience);
  expect(await inHome(`${ownersData}/data/User/settings.json`)).toBe(ownersSettings);
  const theme = (page: Page) => page.evaluate("document.body.querySelector('.monaco-workbench').className");
  expect(await theme(ownersPage)).toContain("solarized-light");
  expect(await theme(guestsPage)).not.toContain("solarized-light");
});

it("R16 the owner's extensions run for the guest, marked, without the socket", async () => {
  await vi.waitFor(async () => {
    const lines = (await inHome("witness.log")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { WAIIDE_CONTROL_SOCKET: expect.stringContaining("control.sock") },
      { WAIIDE_SHARE: share.id },
    ]);
  }, patience);
});

it("R16 ports are the share's own; a link opens the file, a reload what was open", async () => {
  const meta = guestsPage.locator("#vscode-workbench-web-configuration");
  const settings = JSON.parse((await meta.getAttribute("data-settings")) ?? "{}");
  expect(settings.folderUri.path).toBe(gateway.workspace);
  const port = new URL(
    settings.productConfiguration.proxyEndpointTemplate.replace("{{port}}", "3000"),
    guestsPage.url(),
  );
  expect(port.pathname).toBe(`/share/${share.id}/proxy/3000/`);

  await guestsPage.locator(".explorer-folders-view").getByText("other.txt").dblclick();
  await tab(guestsPage, "other.txt").waitFor();
  // The browser's own reload loses what VS Code has not saved yet.
  const loaded = guestsPage.waitForEvent("load");
  await runCommand(guestsPage, "Developer: Reload Window");
  await loaded;
  await workbenchVisible(guestsPage);
  await tab(guestsPage, "other.txt").waitFor();
  await tab(guestsPage, "today.md").waitFor();
  await activeTab(guestsPage).filter({ hasText: "other.txt" }).waitFor();
  await guestsPage.goto(guestsPage.url());
  await workbenchVisible(guestsPage);
  await activeTab(guestsPage).filter({ hasText: "today.md" }).waitFor();
});

it("R16 secrets that the browser keeps for this origin are neither readable nor lost", async () => {
  const minted = await guestsPage.evaluate("fetch('mint-key', { method: 'POST' }).then((answer) => answer.status)");
  expect(minted).not.toBe(200);
  const kept = Buffer.alloc(90, "sealed with the key of another server").toString("base64");
  await guestsPage.evaluate(`localStorage.setItem("secrets.provider", ${JSON.stringify(kept)})`);
  // The text after its last attempt.
  const givenUp = guestsPage.waitForEvent("console", (message) => message.text().includes("Failed to decrypt secrets"));
  await guestsPage.reload();
  await workbenchVisible(guestsPage);
  await givenUp;
  expect(await guestsPage.evaluate('localStorage.getItem("secrets.provider")')).toBe(kept);
});

it("R24: owner and guest write together in their IDEs; the guest watches a terminal", async () => {
  const write = async (page: Page, line: string, typed: string) => {
    await page.bringToFront();
    await editorLine(page, line).click();
    await page.locator(".editor-instance .monaco-editor.focused").waitFor();
    await page.keyboard.press("End");
    await page.keyboard.type(typed);
  };
  // What a browser's reload left open depends on when VS Code last noted it.
  for (const page of [guestsPage, ownersPage]) {
    await page.bringToFront();
    await openByName(page, "today.md");
  }
  await write(ownersPage, "# Today", " owner");
  await editorLine(guestsPage, "# Today owner").waitFor();
  await write(guestsPage, "# Today owner", " and guest");
  await editorLine(ownersPage, "# Today owner and guest").waitFor();
  await expect.poll(() => inWorkspace("notes/today.md"), patience).toBe("# Today owner and guest\n");
  await screenshot(ownersPage, "terminal-access-live-owner");
  await screenshot(guestsPage, "terminal-access-live-guest");

  await ask("POST", `api/share/${share.id}/comments`, { path: "notes/today.md", line: 1, text: "Is it today?" });
  const comment = guestsPage.locator(".review-widget .comment-body").getByText("Is it today?");
  await comment.waitFor();
  await ask("POST", `api/share/${share.id}/talk`, { text: "Hello in there" });
  await runCommand(guestsPage, "WAIIDE: Show Conversation");
  const conversation = guestsPage.frameLocator("iframe.webview").frameLocator("#active-frame");
  await conversation.getByText("Hello in there").waitFor();
  await conversation.getByRole("textbox", { name: "Message" }).fill("Hello out there");
  await conversation.getByRole("button", { name: "Send" }).click();
  await conversation.getByRole("log").getByText("Hello out there").waitFor();
  await screenshot(guestsPage, "terminal-access-conversation");

  await ownersPage.bringToFront();
  await openTerminal(ownersPage);
  const ui = new ExtensionPage(ownersPage);
  await ui.command("WAIIDE: Share This Terminal");
  await ui.answerDialog("Show the terminal", "Show Terminal");
  await ownersPage.locator(".terminal-wrapper.active .xterm-screen").click();
  await ownersPage.keyboard.type("echo shown-$((40 + 2))\n");
  await guestsPage.bringToFront();
  await guestsPage.locator(".terminal-wrapper .xterm-rows > div").getByText("shown-42").waitFor();
  await screenshot(guestsPage, "terminal-access-watches");
});

it("R24: a guest's comments stay where the IDE server's extensions start last", async () => {
  const page = await guestsPage.context().newPage();
  const release = await holdRemoteHost(page);
  const [connection] = await Promise.all([
    page.waitForEvent("websocket", (socket) => socket.url().endsWith("/api/live")),
    page.goto(mount),
  ]);
  await connection.waitForEvent("framereceived", ({ payload }) => String(payload).includes("window-talk"));
  const starts = (await inHome("witness.log")).length;
  await release();
  await expect.poll(async () => (await inHome("witness.log")).length, patience).toBeGreaterThan(starts);
  await page.locator(".review-widget .comment-body").getByText("Is it today?").waitFor();
  await page.close();
});

it("R16 at the end everything from the guest's terminal ends, and nothing of the owner's", async () => {
  const guests = await startHidden(guestsPage, "guest");
  const owners = await startHidden(ownersPage, "owner");
  expect(guests.environment).toContain(`\nWAIIDE_SHARE=${share.id}\n`);
  expect(guests.environment).not.toContain("WAIIDE_CONTROL_SOCKET");
  expect(owners.environment).not.toContain("WAIIDE_SHARE");

  expect(await running([...guests.pids, ...owners.pids])).toEqual([true, true, true, true]);
  await ask("DELETE", `api/share/revoke/${share.id}`);
  await vi.waitFor(async () => expect(await running(guests.pids)).toEqual([false, false]), patience);
  await vi.waitFor(() => expect(access(guestsData())).rejects.toThrow("ENOENT"), patience);
  // The server, its tether, hosts of extensions and terminals, the shell, and both sleeps at least.
  await vi.waitFor(async () => expect((await kills()).map((count) => count >= 7)).toEqual([true]), patience);
  expect((await guestsPage.request.get(mount)).status()).toBe(401);
  expect(await running(owners.pids)).toEqual([true, true]);
  expect(await inHome(`${ownersData}/data/User/settings.json`)).toBe(ownersSettings);
  // Ours, which the gateway installed, and the owner's.
  expect(JSON.parse(await inHome(`${ownersData}/extensions/extensions.json`))).toHaveLength(2);

  // The owner's terminal still takes commands.
  await ownersPage.keyboard.type("echo alive > owner.alive\n");
  await vi.waitFor(async () => expect(await inWorkspace("owner.alive")).toBe("alive\n"), patience);
  // A program that the owner starts in this way outlives even the gateway, as it should.
  for (const pid of owners.pids) process.kill(pid);
});

it("R22 after a kill by force the next start ends what remained of a share", async () => {
  await enterNewShare();
  await guestsPage.goto(mount);
  await workbenchVisible(guestsPage);
  const { pids } = await startHidden(guestsPage, "left");
  process.kill(gateway.pid, "SIGKILL");
  await gateway.exited;
  // Their server and its terminals end with the gateway; these programs do not.
  expect((await running(pids))[0]).toBe(true);

  const next = await startGateway({ after: gateway, arguments: options });
  try {
    await vi.waitFor(async () => expect(await running(pids)).toEqual([false, false]), patience);
    await vi.waitFor(async () => expect((await kills()).length).toBe(1), patience);
    // The share goes on, with its guest and his data.
    await access(guestsData());
    await guestsPage.goto(mount);
    await workbenchVisible(guestsPage);
    await tab(guestsPage, "today.md").waitFor();
  } finally {
    await next.stop();
  }
});
