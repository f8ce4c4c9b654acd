import type { Locator, Page } from "playwright-core";
import { vi } from "vitest";
import { patience } from "../patience.ts";

/** VS Code's questions and lists that come down from the top, in any page of it: an owner's, a guest's, the guest workbench. */
export function quickInput(page: Page): Locator {
  return page.locator(".quick-input-widget").filter({ visible: true });
}

/** Looks for a command; resolves with the lines that have its name. */
export async function palette(page: Page, name: string): Promise<Locator> {
  const rows = quickInput(page).locator(".monaco-list-row").filter({ hasText: name });
  await page.keyboard.press("F1");
  await lookFor(page, [">", `>${name}`], rows.first());
  return rows;
}

export async function runCommand(page: Page, name: string): Promise<void> {
  await (await palette(page, name)).first().click();
}

/** Opens a file by its name; rows of the explorer move while files appear. */
export async function openByName(page: Page, name: string): Promise<void> {
  const row = quickInput(page).locator(".monaco-list-row.focused", { hasText: name });
  await page.keyboard.press("Control+P");
  await lookFor(page, ["", name], row);
  await quickInput(page).locator("input.input").press("Enter");
}

/**
 * Writes into the list that a key has just opened, until it has the line. It lists what is there in the moment in which its text
 * changes, and extensions bring their commands late; the list before it may still be closing. The text goes into the list's
 * own box, whatever has the keyboard's focus.
 */
async function lookFor(page: Page, texts: readonly string[], line: Locator): Promise<void> {
  await vi.waitFor(async () => {
    for (const text of texts) await quickInput(page).locator("input.input").fill(text, { timeout: 10_000 });
    await line.waitFor({ timeout: 10_000 });
  }, patience);
}
