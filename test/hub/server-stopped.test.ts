import type { Locator, Page } from "playwright-core";
import { expect, vi } from "vitest";
import { it, openIde } from "../support/hub/fixtures.ts";
import { stumblingBlocks } from "../support/page/accessibility.ts";
import { ideReached, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { askUntil, quickInput, runCommand } from "../support/page/palette.ts";
import { patience } from "../support/patience.ts";

it.override("owner", { user: "alice", name: "" });

/** The tests follow one window. */
let page: Page;
let bar: Locator;
/** Taken while the server runs. */
let looks: readonly Look[];
it.beforeAll(async ({ hub, server, browser }) => {
  ({ page } = await newPage(browser));
  bar = page.getByRole("alert").filter({ hasText: "Server stopped." });
  await openIde(hub, server, page);
  looks = await looksOfThemes();
});

it("a server stopped at the hub says so in the IDE, where it can be restarted", async ({ hub }) => {
  await hub.stopServer("alice");
  await bar.waitFor();
  await screenshot(page, "hub-server-stopped");

  const [home] = await Promise.all([page.waitForEvent("popup"), bar.getByText("Hub home").click()]);
  await expect.poll(() => home.url(), patience).toBe(`${hub.url}hub/home`);
  await home.close();

  const [started] = await Promise.all([page.waitForEvent("popup"), bar.getByText("Start again").click()]);
  await ideReached(started);
  expect(new URL(started.url()).pathname).toMatch(/^\/user\/alice\//);
  expect((await hub.api.user("alice")).servers[""]?.ready).toBe(true);
  // The window that was open goes on, too.
  await bar.waitFor({ state: "detached" });
  await workbenchVisible(page);
  await started.close();
});

/** By VS Code's names, with the class of the workbench and the picture's name. */
const themes = [
  ["Dark High Contrast", "hc-black", "hc-dark"],
  ["Light High Contrast", "hc-light", "hc-light"],
  ["Light 2026", "vs", "light"],
  ["Dark 2026", "vs-dark", "dark"],
] as const;

interface Look {
  readonly classes: string;
  readonly colors: string;
}

/** What a theme is made of in a page. */
function currentLook(): Look {
  const { className } = document.querySelector(".monaco-workbench") ?? document.body;
  return { classes: className, colors: document.querySelector("style.contributedColorTheme")?.textContent ?? "" };
}

/** Colors that VS Code's parts have set themselves stay; the bar takes all of its own from the theme. */
function putOn({ classes, colors }: Look): void {
  const style = document.querySelector("style.contributedColorTheme");
  if (style !== null) style.textContent = colors;
  document.querySelector(".monaco-workbench")?.setAttribute("class", classes);
}

/** A list that was opened before VS Code knew all themes stays without them, so it is opened until it has the first of ours. */
async function openThemes(): Promise<void> {
  const [theme] = themes[0];
  await vi.waitFor(async () => {
    await runCommand(page, "Preferences: Color Theme");
    await quickInput(page).locator("input.input").fill(theme, { timeout: 10_000 });
    await quickInput(page).locator(".monaco-list-row", { hasText: theme }).waitFor({ timeout: 5_000 });
  }, patience);
}

/** The list of themes shows each as one looks through it. */
async function looksOfThemes(): Promise<Look[]> {
  await openThemes();
  const looks: Look[] = [];
  for (const [theme, mark] of themes) {
    await askUntil(page, ["", theme], page.locator(`.monaco-workbench.${mark}`));
    looks.push(await page.evaluate(currentLook));
  }
  await page.keyboard.press("Escape");
  await quickInput(page).waitFor({ state: "hidden" });
  return looks;
}

it("the bar of a stopped server can be read in each theme", async ({ hub }) => {
  expect(new Set(looks.map(({ colors }) => colors)).size).toBe(themes.length);
  for (const { colors } of looks) expect(colors).toContain("--vscode-notifications-background:");
  await hub.stopServer("alice");
  await bar.waitFor();
  for (const [index, [, , name]] of themes.entries()) {
    // Without the server VS Code loads no theme.
    await page.evaluate(putOn, looks[index] ?? { classes: "", colors: "" });
    await screenshot(page, `hub-server-stopped-${name}`);
    expect(await stumblingBlocks(page, ".monaco-workbench > [role=alert]"), name).toEqual([]);
    const [border, background] = await bar.evaluate((element) => {
      const { borderBottomColor, backgroundColor } = getComputedStyle(element);
      return [borderBottomColor, backgroundColor];
    });
    expect(border, name).not.toBe(background);
  }
});
