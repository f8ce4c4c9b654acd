import type { Locator, Page } from "playwright-core";
import { vi } from "vitest";
import { patience } from "../patience.ts";

/** VS Code's questions and lists that come down from the top, in any page of it: an owner's, a guest's, the guest workbench. */
export function quickInput(page: Page): Locator {
  return page.locator(".quick-input-widget").filter({ visible: true });
}

/**
 * Looks for a command; resolves with the lines that have its name. The palette lists the commands of the moment in which its
 * text changes, and extensions bring theirs when they are ready: so it is asked anew until it lists this one. The text goes
 * into its box, whatever has the keyboard's focus.
 */
export async function palette(page: Page, text: string): Promise<Locator> {
  await page.keyboard.press("F1");
  const box = quickInput(page).locator("input.input");
  const rows = quickInput(page).locator(".monaco-list-row").filter({ hasText: text });
  await vi.waitFor(async () => {
    for (const asked of [">", `>${text}`]) await box.fill(asked);
    await rows.first().waitFor({ timeout: 10_000 });
  }, patience);
  return rows;
}

export async function runCommand(page: Page, name: string): Promise<void> {
  await (await palette(page, name)).first().click();
}

/** Opens a file by a part of its name; rows of the explorer move while files appear. */
export async function openByName(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+P");
  const box = quickInput(page).locator("input.input");
  await box.fill(name);
  await quickInput(page).locator(".monaco-list-row.focused", { hasText: name }).waitFor();
  await box.press("Enter");
}
