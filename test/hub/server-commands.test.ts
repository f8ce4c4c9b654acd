import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { expect, vi } from "vitest";
import { it, openIde } from "../support/hub/fixtures.ts";
import { ideSettings } from "../support/ide-settings.ts";
import { newPage, openTerminal, screenshot } from "../support/page/browser.ts";
import { runCommand } from "../support/page/palette.ts";
import { patience } from "../support/patience.ts";
import { processesBelow } from "../support/processes.ts";

it.override("hubOptions", {
  environment: {
    CPU_LIMIT: "1.5",
    MEM_LIMIT: "2147483648",
    WAIIDE_DEFAULT_SETTINGS: JSON.stringify(ideSettings),
  },
  config: "c.Spawner.poll_interval = 1",
});

/** The tests follow one window. */
let context: BrowserContext;
let page: Page;
it.beforeAll(async ({ hub, server, browser }) => {
  ({ page, context } = await newPage(browser));
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openIde(hub, server, page);
  await page
    .locator(".statusbar-item.right")
    .filter({ hasText: /^\s*Share/ })
    .waitFor();
});

const dialog = (): Locator => page.locator(".monaco-dialog-box");
const button = (name: string): Locator => dialog().getByRole("button", { name, exact: true });

const command = (name: string): Promise<void> => runCommand(page, name);

it("Server Information shows owner, address and limits, and can be copied", async () => {
  await command("WAIIDE: Server Information");
  for (const line of [/WAIIDE: \d/, "Hub: JupyterHub 6.1.1", "User: alice", "Server: waiide", "CPUs: 1.5 at most"])
    await dialog().getByText(line).waitFor();
  await screenshot(page, "server-information");
  await button("Copy").click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain("User: alice");
});

it("Open Log, Run Doctor: what the gateway says, in the IDE", async () => {
  await command("WAIIDE: Open Log");
  await page.locator(".output-view").getByText("the IDE server is ready").waitFor();
  await screenshot(page, "server-log");
  await command("WAIIDE: Run Doctor");
  // The editor of outputs writes other blanks, and scrolls to the summary, the last line.
  await page
    .locator(".output-view .view-line", { hasText: /\d\sproblems?,\s\d/ })
    .first()
    .waitFor();
  await screenshot(page, "server-doctor");
});

it("the command waiide is known in the terminal, whatever PATH a login shell sets", async ({ hub }) => {
  await openTerminal(page);
  await page.keyboard.type("waiide --version | tee version.txt; echo $PATH > path.txt\n");
  const workspace = join(hub.home("alice"), "workspace");
  await vi.waitFor(async () => {
    expect(await readFile(join(workspace, "version.txt"), "utf8")).toMatch(/^\d+\.\d+\.\d+\n$/);
    // Last: the user's own extension of that name stays.
    expect(await readFile(join(workspace, "path.txt"), "utf8")).toMatch(/:\/\S+\/waiide\/bin\n$/);
  }, patience);
});

it("Go to Hub Home opens it beside the IDE", async ({ hub }) => {
  const opened = context.waitForEvent("page");
  await command("WAIIDE: Go to Hub Home");
  await screenshot(page, "server-hub-home");
  const home = await opened;
  await home.waitForURL(`${hub.url}hub/home`);
  await home.close();
});

it("Stop Server asks first, then stops the server without remains", async ({ hub }) => {
  await command("WAIIDE: Stop Server");
  await dialog().getByText("Stop this server?").waitFor();
  await screenshot(page, "server-stop");
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "hidden" });
  expect((await hub.api.user("alice")).servers.waiide?.ready).toBe(true);

  await command("WAIIDE: Stop Server");
  await button("Stop Server").click();
  await page.getByText("The server stops now. You can close this page.").first().waitFor();
  await vi.waitFor(async () => expect((await hub.api.user("alice")).servers.waiide).toBeUndefined(), patience);
  expect(hub.output).toContain("the owner asked to stop");
  await vi.waitFor(async () => expect(await processesBelow(hub.home("alice"))).toEqual([]), patience);
});
