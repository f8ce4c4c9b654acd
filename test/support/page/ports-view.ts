import type { Locator, Page } from "playwright-core";
import { vi } from "vitest";
import { patience } from "../patience.ts";

/** Enters a port in the Ports view until it is seen there: VS Code redraws its table at times, which discards the typed text. */
export async function forwardPort(page: Page, port: number, seen: Locator): Promise<void> {
  const input = page.getByPlaceholder("Port number or address").filter({ visible: true });
  const add = page.getByRole("button", { name: /^(?:Forward a|Add) Port/ }).first();
  const soon = { timeout: 5_000 };
  await vi.waitFor(async () => {
    if (await seen.isVisible()) return;
    if (!(await input.isVisible())) await add.click(soon);
    await input.fill(String(port), soon);
    await input.press("Enter", soon);
    await seen.waitFor(soon);
  }, patience);
}
