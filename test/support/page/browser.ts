import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { vi } from "vitest";
import { patience } from "../patience.ts";
import { remember } from "./open-browsers.ts";

const candidates = [
  process.env.WAIIDE_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** What Chromium would do on its own account, and what it cannot do as root in a container. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Chromium takes the last of these lists alone, so it begins with Playwright's. The two at its end would load a page with each window,
  // for an address bar that nobody sees.
  `--disable-features=${[
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
  ].join(",")}`,
  // For pages that live for a minute: functions are compiled once they run, and kept; fewer, larger collections of young objects.
  "--js-flags=--max-lazy --no-flush-bytecode --min-semi-space-size=32",
];

export function chromiumOptions(args: readonly string[] = []): { executablePath: string; args: string[] } {
  const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) throw new Error("no Chromium found: install one, or name it in WAIIDE_CHROMIUM");
  return { executablePath, args: [...quiet, ...args] };
}

export async function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch(chromiumOptions(args));
  remember(browser);
  return browser;
}

/** Waits for the workbench of the page: the explorer shows its files, and keys and commands work but for the terminal's. */
export async function workbenchVisible(page: Page): Promise<void> {
  // The IDE server may only be starting.
  await page
    .locator(".explorer-folders-view .monaco-list-row")
    .first()
    .waitFor({ timeout: 2 * patience.timeout });
  await workbenchReached(page, "code/didStartWorkbench");
}

/** For tests about the way to the IDE: waits for its page, which has the scripts of VS Code and only begins to work then. */
export async function ideReached(page: Page): Promise<void> {
  await page.locator("#vscode-workbench-web-configuration").waitFor({ state: "attached" });
  // A tab that is closed while its page starts to load can hang.
  await page.waitForLoadState("load");
}

/** Waits for a mark that VS Code sets in the page's performance timeline as it starts. */
async function workbenchReached(page: Page, mark: string): Promise<void> {
  await page.waitForFunction((name) => performance.getEntriesByName(name).length > 0, mark);
}

const artifacts = resolve(import.meta.dirname, "../../../.artifacts");

/** A picture for people, in `.artifacts/`; with UPDATE_SCREENSHOTS=1 also where the docs show it. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(artifacts, { recursive: true });
  // What fades in is shown as it stays.
  const picture = await page.screenshot({ path: resolve(artifacts, `${name}.png`), animations: "disabled" });
  if (process.env.UPDATE_SCREENSHOTS === "1") {
    await writeFile(resolve(import.meta.dirname, "../../../docs/images", `${name}.png`), picture);
  }
}

export async function newContext(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(patience.timeout);
  return context;
}

export async function newPage(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ page: Page; context: BrowserContext }> {
  const context = await newContext(browser, options);
  return { page: await context.newPage(), context };
}

/** Opens the first terminal in the IDE and puts the keyboard into it. */
export async function openTerminal(page: Page): Promise<void> {
  // Long after the workbench is there its terminal service starts, in an idle moment; until then the key does nothing.
  await workbenchReached(page, "code/terminal/didReconnect");
  await page.keyboard.press("Control+Shift+Backquote");
  await page.locator(".terminal-wrapper.active .xterm-helper-textarea").waitFor({ state: "attached" });
  await page.locator(".terminal-wrapper.active .xterm-screen").click();
  await commandIsTaken(page);
}

/**
 * As extensions start that change the shell's environment, VS Code starts another shell in its place, and what is typed in
 * that moment is lost; once something was written to a shell, it stays. So the first command is one that does nothing.
 */
async function commandIsTaken(page: Page): Promise<void> {
  const done = page.locator(".terminal-wrapper.active .codicon-terminal-decoration-success").first();
  await vi.waitFor(async () => {
    await page.keyboard.type(":\n");
    await done.waitFor({ state: "attached", timeout: 5_000 });
  }, patience);
}
