import type { Locator, Page } from "playwright-core";

/** Waits for the guest workbench of a page that is in. */
export async function guestWorkbenchVisible(page: Page): Promise<void> {
  await page.waitForFunction(() => performance.getEntriesByName("waiide/workbench").length > 0);
}

/** A file or folder in the explorer of a guest, or of the owner's IDE. */
export function explorerRow(page: Page, name: string): Locator {
  return page.locator(".explorer-folders-view").getByRole("treeitem", { name, exact: true });
}

export function editorLine(page: Page, text: string): Locator {
  return page.locator(".editor-instance .view-line", { hasText: text }).first();
}

/** Opens a file of the top folder once it shows a text, and types before its first character. */
export async function typeIntoFile(page: Page, name: string, shown: string, typed: string): Promise<void> {
  await explorerRow(page, name).dblclick();
  await editorLine(page, shown).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type(typed);
}
