import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, vi } from "vitest";
import { it } from "../support/fixtures.ts";
import { newPage, openTerminal, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

const files = {
  "analysis.py": 'import math\n\nfor radius in range(1, 6):\n    print(f"{radius}: {math.pi * radius ** 2:.2f}")\n',
  "README.md": "# A project\n",
  "data/points.csv": "x,y\n1,2\n3,4\n",
};

it.override("gatewayOptions", { files, home: { ".bashrc": "PS1='\\w$ '\n" } });

/** The tests follow one session, in one window. */
let page: Page;
it.beforeAll(async ({ gateway, browser }) => {
  ({ page } = await newPage(browser));
  await page.goto(gateway.url);
});

it("opens the workspace in a real VS Code", async () => {
  await workbenchVisible(page);
  const file = page.locator(".explorer-folders-view").getByText("analysis.py");
  await expect.poll(() => file.count(), patience).toBe(1);
  expect(await page.getByText("Do you trust the authors").count()).toBe(0);
  expect(await page.getByText("Build with Agent").count()).toBe(0);
});

it("edits a file and saves it to the disk", async ({ gateway }) => {
  await page.locator(".explorer-folders-view").getByText("analysis.py").dblclick();
  const editor = page.locator(".monaco-editor[data-uri$='analysis.py']");
  await editor.waitFor();
  await editor.locator(".view-line").first().click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# Areas of circles\n");
  await page.keyboard.press("Control+s");
  await vi.waitFor(async () => {
    expect(await readFile(join(gateway.workspace, "analysis.py"), "utf8")).toMatch(/^# Areas of circles\n/);
  }, patience);
});

it("runs a command in the terminal", async ({ gateway }) => {
  await openTerminal(page);
  await page.keyboard.type("python3 analysis.py | tee areas.txt\n");
  await vi.waitFor(async () => {
    expect(await readFile(join(gateway.workspace, "areas.txt"), "utf8")).toContain("5: 78.54");
  }, patience);
  await page.locator(".explorer-folders-view").getByText("areas.txt").waitFor();
  await screenshot(page, "session");
});

it("opens a file from the terminal by the IDE's own command", async () => {
  await page.keyboard.type("code-server data/points.csv\n");
  await page.locator(".monaco-editor[data-uri$='points.csv'] .view-line").first().waitFor();
});
