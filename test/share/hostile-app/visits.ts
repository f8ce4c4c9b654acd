import type { Page as ChromiumPage } from "playwright-core";
import type { Page as FirefoxPage } from "puppeteer-core";
import { expect } from "vitest";
import { patience } from "../../support/patience.ts";
import { comeIn } from "../../support/sharing.ts";

/** A guest in a shared app, in one of the browsers. */
export interface Visit {
  goto(url: string): Promise<void>;
  /** Opens a link and goes in. */
  enter(link: string): Promise<void>;
  /** Runs in the page around the app. */
  evaluate<Value>(code: string): Promise<Value>;
  /** What the hostile page has found so far, once it has tried everything that needs no click. */
  outcomes(): Promise<Record<string, string>>;
  /** Clicks a button in the app. */
  click(id: string): Promise<void>;
  /** What the page has noted so far. */
  notes(): Promise<Record<string, string>>;
  /** The texts of all windows that the app has opened. */
  windows(): Promise<readonly string[]>;
  /** Those that the browser would send to the gateway. */
  cookies(): Promise<readonly string[]>;
}

export function inChromium(page: ChromiumPage): Visit {
  const app = page.frameLocator("iframe");
  const read = async () => JSON.parse((await app.locator("#out").textContent()) ?? "{}");
  return {
    goto: async (url) => void (await page.goto(url)),
    enter: async (link) => {
      await page.goto(link);
      await comeIn(page, "Ana");
    },
    evaluate: (code) => page.evaluate(code),
    outcomes: async () => {
      await app.locator("body[data-done]").waitFor();
      return read();
    },
    click: (id) => app.locator(`#${id}`).click(),
    notes: read,
    windows: () =>
      Promise.all(
        page
          .context()
          .pages()
          .filter((one) => one !== page)
          .map((one) => one.locator("body").innerText()),
      ),
    cookies: async () => (await page.context().cookies(page.url())).map(({ name, value }) => `${name}=${value}`).sort(),
  };
}

export function inFirefox(page: FirefoxPage): Visit {
  const frame = () => {
    const found = page.mainFrame().childFrames()[0];
    if (found === undefined) throw new Error("the app has no frame");
    return found;
  };
  const read = async () => JSON.parse((await frame().evaluate("document.getElementById('out').textContent")) as string);
  return {
    goto: async (url) => void (await page.goto(url)),
    enter: async (link) => {
      await page.goto(link);
      await page.locator("#name").fill("Ana");
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
      await page.locator("iframe").wait();
    },
    evaluate: (code) => page.evaluate(code) as Promise<never>,
    outcomes: async () => {
      await expect.poll(() => frame().url(), patience).toContain("/app/");
      await frame().waitForSelector("body[data-done]");
      return read();
    },
    click: async (id) => {
      // A window that the app opened may be in front, and a page behind draws nothing.
      await page.bringToFront();
      await (await frame().waitForSelector(`#${id}`))?.click();
    },
    notes: read,
    windows: async () => {
      const others = (await page.browser().pages()).filter((one) => one !== page);
      return Promise.all(others.map((one) => one.evaluate("document.body.innerText") as Promise<string>));
    },
    cookies: async () => (await page.cookies()).map(({ name, value }) => `${name}=${value}`).sort(),
  };
}
