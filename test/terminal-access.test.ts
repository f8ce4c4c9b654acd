import { access, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Config } from "../packages/gateway/src/config/config.ts";
import { Ide } from "../packages/gateway/src/ide/ide.ts";
import { listProcesses } from "../packages/gateway/src/ide/process-tree.ts";
import { TerminalIdes } from "../packages/gateway/src/share/terminal-ides.ts";
import { launchBrowser, newPage, openTerminal, screenshot, workbenchVisible } from "./support/browser.ts";
import { type IdeFront, serveIdes } from "./support/share-front.ts";

const share = { id: "AAAAAAAAAAAAAAAAAAAAAA", opens: "notes/today.md" };
const ownersSettings = '{ "workbench.colorTheme": "Solarized Light", "editor.fontSize": 17 }\n';

let root: string;
let project: string;
let owner: Ide;
let ides: TerminalIdes;
let front: IdeFront;
let browser: Browser;
let ownersPage: Page;
let guestsPage: Page;

const logger = pino({ enabled: false });
const isRunning = (pid: number) => listProcesses().some((one) => one.pid === pid && !one.ended);
const ownersFile = (name: string) => readFile(join(root, "owner", name), "utf8");
const guestsData = () => join(root, "gateway", "terminal", share.id);
const tab = (page: Page, name: string) => page.locator(".tabs-container .tab").filter({ hasText: name });

const activeTab = (page: Page) => page.locator(".tabs-container .tab.active");

async function runCommand(page: Page, name: string): Promise<void> {
  await page.keyboard.press("F1");
  await page.keyboard.type(name);
  const row = page.locator(".quick-input-list .monaco-list-row").first();
  await row.filter({ hasText: name.split(": ").at(-1) ?? "" }).click();
}

/** Writes where it is started a line with the settings and variables it finds. */
const extension = `
const { appendFileSync } = require("node:fs");
exports.activate = () => {
  const { WAIIDE_SHARE, WAIIDE_CONTROL_SOCKET } = process.env;
  appendFileSync(${JSON.stringify("ROOT/extension.log")}, JSON.stringify({ WAIIDE_SHARE, WAIIDE_CONTROL_SOCKET }) + "\\n");
};`;

async function installForOwner(): Promise<void> {
  const extensions = join(root, "owner", "extensions");
  const name = "ada.witness-1.0.0";
  const location = { $mid: 1, path: join(extensions, name), scheme: "file" };
  const entry = { identifier: { id: "ada.witness" }, version: "1.0.0", location, relativeLocation: name };
  await mkdir(join(extensions, name), { recursive: true });
  await mkdir(join(root, "owner", "data", "User"), { recursive: true });
  await writeFile(join(root, "owner", "data", "User", "settings.json"), ownersSettings);
  await writeFile(join(extensions, "extensions.json"), JSON.stringify([entry]));
  await writeFile(join(extensions, name, "main.js"), extension.replace("ROOT", root));
  const manifest = { name: "witness", publisher: "ada", version: "1.0.0", engines: { vscode: "^1.60.0" } };
  const activation = { main: "./main.js", activationEvents: ["onStartupFinished"] };
  await writeFile(join(extensions, name, "package.json"), JSON.stringify({ ...manifest, ...activation }));
}

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "waiide-access-")));
  project = join(root, "project");
  await mkdir(join(project, "notes"), { recursive: true });
  await writeFile(join(project, "notes", "today.md"), "# Today\n");
  await writeFile(join(project, "other.txt"), "other\n");
  await installForOwner();
  const config = {
    workspace: project,
    ideServer: process.env.WAIIDE_SERVER_ROOT ?? join(homedir(), ".local", "share", "waiide", "ide-server"),
    dataFolder: join(root, "owner"),
    cacheFolder: join(homedir(), ".cache", "waiide"),
    ideListen: "unix",
    telemetry: false,
    workspaceTrust: false,
    aiFeatures: false,
    passHubToken: false,
    extensions: [],
    extensionGallery: undefined,
    defaultSettings: {},
  } as unknown as Config;
  owner = new Ide({ config, logger, runtimeFolder: root, environment: { WAIIDE_CONTROL_SOCKET: "/owner/only" } });
  owner.start();
  ides = new TerminalIdes({
    config,
    logger,
    runtimeFolder: root,
    folder: join(root, "gateway"),
    onKilled: () => undefined,
  });
  front = await serveIdes((mount) => {
    if (mount === "ide/") return owner;
    return mount === `share/${share.id}/ide/` ? ides.ide({ ...share, root: project }) : undefined;
  });
  browser = await launchBrowser();
  ownersPage = (await newPage(browser)).page;
  guestsPage = (await newPage(browser)).page;
  await owner.process.whenReady();
  await ownersPage.goto(`${front.origin}/base/ide/`);
  await workbenchVisible(ownersPage);
});

afterAll(async () => {
  await browser?.close();
  front?.close();
  await Promise.all([owner?.close(), ides?.close()]);
  if (root !== undefined) await rm(root, { recursive: true, force: true });
});

it("R16 a guest waits for the server on a page that asks nothing of the owner's, and lands in the shared file", async () => {
  const asked: URL[] = [];
  guestsPage.on("request", (request) => asked.push(new URL(request.url())));
  const first = await guestsPage.goto(`${front.origin}/base/share/${share.id}/ide/`);
  expect(first?.status()).toBe(503);
  await workbenchVisible(guestsPage);
  await tab(guestsPage, "today.md").waitFor();
  await guestsPage.locator(".monaco-editor[data-uri$='notes/today.md']").waitFor();
  const mount = `${front.origin}/base/share/${share.id}/ide/`;
  const outside = asked.filter(({ protocol, href }) => protocol.startsWith("http") && !href.startsWith(mount));
  expect(outside).toEqual([]);
  await screenshot(guestsPage, "terminal-access");
});

it("R16 the owner's settings are not the guest's, and a guest's not the owner's", async () => {
  await runCommand(guestsPage, "View: Toggle Minimap");
  await vi.waitFor(async () => {
    const settings = JSON.parse(await readFile(join(guestsData(), "data", "User", "settings.json"), "utf8"));
    expect(settings).toEqual({ "editor.minimap.enabled": false });
  }, 20_000);
  expect(await ownersFile("data/User/settings.json")).toBe(ownersSettings);
  const theme = (page: Page) => page.evaluate("document.body.querySelector('.monaco-workbench').className");
  expect(await theme(ownersPage)).toContain("solarized-light");
  expect(await theme(guestsPage)).not.toContain("solarized-light");
});

it("R16 the owner's extensions run for the guest too, without the control socket and with the mark", async () => {
  await vi.waitFor(async () => {
    const lines = (await readFile(join(root, "extension.log"), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { WAIIDE_CONTROL_SOCKET: "/owner/only" },
      { WAIIDE_SHARE: share.id },
    ]);
  }, 20_000);
});

it("R16 ports are the share's own; a link opens the file, loading again what was open", async () => {
  const meta = guestsPage.locator("#vscode-workbench-web-configuration");
  const settings = JSON.parse((await meta.getAttribute("data-settings")) ?? "{}");
  expect(settings.folderUri.path).toBe(project);
  const port = new URL(
    settings.productConfiguration.proxyEndpointTemplate.replace("{{port}}", "3000"),
    guestsPage.url(),
  );
  expect(port.pathname).toBe(`/base/share/${share.id}/proxy/3000/`);

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
  // What it says when it has tried for the last time.
  const givenUp = guestsPage.waitForEvent("console", (message) => message.text().includes("Failed to decrypt secrets"));
  await guestsPage.reload();
  await workbenchVisible(guestsPage);
  await givenUp;
  expect(await guestsPage.evaluate('localStorage.getItem("secrets.provider")')).toBe(kept);
});

it("R16 at the end all that was started in the guest's terminal dies, and nothing of the owner's", async () => {
  const start = async (page: Page, name: string) => {
    await openTerminal(page);
    await page.keyboard.type(
      `env > ${name}.env; setsid sh -c 'echo $$ > ${name}.pid; exec sleep 600' & nohup sleep 600 >/dev/null 2>&1 & echo $! > ${name}.nohup\n`,
    );
    const read = (file: string) => readFile(join(project, `${name}.${file}`), "utf8");
    await vi.waitFor(async () => expect(`${await read("pid")}${await read("nohup")}`).toMatch(/^\d+\n\d+\n$/), 20_000);
    return { pids: [Number(await read("pid")), Number(await read("nohup"))], environment: await read("env") };
  };
  const guests = await start(guestsPage, "guest");
  const owners = await start(ownersPage, "owner");
  expect(guests.environment).toContain(`\nWAIIDE_SHARE=${share.id}\n`);
  expect(guests.environment).not.toContain("WAIIDE_CONTROL_SOCKET");
  expect(owners.environment).not.toContain("WAIIDE_SHARE");

  const killed = await ides.end(share.id);
  expect(guests.pids.filter(isRunning)).toEqual([]);
  // The server, its tether, hosts of extensions and terminals, the shell, and both sleeps at least.
  expect(killed).toBeGreaterThanOrEqual(7);
  expect(owners.pids.filter(isRunning)).toEqual(owners.pids);
  await expect(access(guestsData())).rejects.toThrow("ENOENT");
  expect(await ownersFile("data/User/settings.json")).toBe(ownersSettings);
  expect(JSON.parse(await ownersFile("extensions/extensions.json"))).toHaveLength(1);

  // The owner's terminal still takes commands.
  await ownersPage.keyboard.type("echo alive > owner.alive; kill %1 %2\n");
  await vi.waitFor(async () => expect(await readFile(join(project, "owner.alive"), "utf8")).toBe("alive\n"), 20_000);
});
