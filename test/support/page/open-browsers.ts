import type { Browser, BrowserContext, Page } from "playwright-core";

const browsers = new Set<Browser>();
const reports = new WeakMap<Page, string[]>();

/** Remembers a browser as long as it runs, and what its pages report as errors. */
export function remember(browser: Browser): void {
  browsers.add(browser);
  browser.on("disconnected", () => browsers.delete(browser));
  browser.on("context", watch);
}

export function openPages(): Page[] {
  return [...browsers].flatMap((browser) => browser.contexts()).flatMap((context) => context.pages());
}

/** @returns the page's last errors, oldest first */
export function lastErrors(page: Page): readonly string[] {
  return reports.get(page) ?? [];
}

function watch(context: BrowserContext): void {
  const note = (page: Page | null, text: string) => {
    if (page !== null) reports.set(page, [...lastErrors(page), text.slice(0, 200)].slice(-5));
  };
  context.on("console", (message) => {
    if (message.type() === "error") note(message.page(), message.text());
  });
  context.on("weberror", (error) => note(error.page(), String(error.error())));
}
