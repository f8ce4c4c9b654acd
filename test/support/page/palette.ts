import type { Locator, Page } from "playwright-core";
import { vi } from "vitest";
import { patience } from "../patience.ts";

/** VS Code's questions and lists that come down from the top, in any page of it: an owner's, a guest's, the guest workbench. */
export function quickInput(page: Page): Locator {
  return page.locator(".quick-input-widget").filter({ visible: true });
}

/**
 * Looks for a command; resolves with the lines that have its name. The palette lists the commands of the moment in which its
 * text changes, and extensions bring theirs late: so it is asked anew until it lists this one.
 */
export async function palette(page: Page, name: string): Promise<Locator> {
  const rows = quickInput(page).locator(".monaco-list-row").filter({ hasText: name });
  await openAndAsk(page, "F1", [">", `>${name}`], rows.first());
  return rows;
}

export async function runCommand(page: Page, name: string): Promise<void> {
  await (await palette(page, name)).first().click();
}

/**
 * Opens a file by its name; rows of the explorer move while files appear. Until the list's own look at the disk is done, VS Code
 * answers from the one before (fileQueryCacheState.ts), which knows no newer file; and the text may have gone into another list,
 * which was still closing. So it is asked anew until it lists the file.
 */
export async function openByName(page: Page, name: string): Promise<void> {
  const row = quickInput(page).locator(".monaco-list-row.focused", { hasText: name });
  await openAndAsk(page, "Control+P", ["", name], row);
  await box(page).press("Enter");
}

/** A tab that closes in the moment takes the key, and what takes the focus closes the list: then the key is pressed again. */
async function openAndAsk(page: Page, key: string, texts: readonly string[], shown: Locator): Promise<void> {
  await page.keyboard.press(key);
  await vi.waitFor(async () => {
    const opened = box(page).waitFor({ timeout: 5_000 });
    const isOpen = await opened.then(
      () => true,
      () => false,
    );
    if (!isOpen) await page.keyboard.press(key);
    await ask(page, texts, shown);
  }, patience);
}

/** Types into the list that is open, again and again, until what it should lead to is there. @param texts one after the other */
export async function askUntil(page: Page, texts: readonly string[], shown: Locator): Promise<void> {
  await vi.waitFor(() => ask(page, texts, shown), patience);
}

async function ask(page: Page, texts: readonly string[], shown: Locator): Promise<void> {
  for (const text of texts) await box(page).fill(text, { timeout: 10_000 });
  await shown.waitFor({ timeout: 10_000 });
}

/** Where the list's text goes, whatever has the keyboard's focus. */
function box(page: Page): Locator {
  return quickInput(page).locator("input.input");
}
