import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { patience } from "../patience.ts";

const candidates = [process.env.WAIIDE_FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox"];

export interface Firefox {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/**
 * The Firefox that is installed, over WebDriver BiDi. Puppeteer, as Playwright asks for more of that protocol than the
 * Firefox of Debian speaks. Root may only start it with a home folder of root's own.
 */
export async function launchFirefox(preferences: Readonly<Record<string, string>> = {}): Promise<Firefox> {
  const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) throw new Error("no Firefox found: install one, or name it in WAIIDE_FIREFOX");
  const home = await mkdtemp(join(tmpdir(), "waiide-firefox-"));
  const options = { browser: "firefox", executablePath, timeout: patience.timeout } as const;
  let browser: Browser;
  try {
    browser = await puppeteer.launch({
      ...options,
      extraPrefsFirefox: { ...preferences },
      defaultViewport: { width: 1280, height: 800 },
      // Neither a desktop nor somebody's session is to be found.
      env: { PATH: process.env.PATH, HOME: home, MOZ_HEADLESS: "1" },
    });
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  return {
    async newPage() {
      const page = await browser.newPage();
      page.setDefaultTimeout(patience.timeout);
      return page;
    },
    async close() {
      await browser.close();
      // What it started still ends, and may write until then.
      await rm(home, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
