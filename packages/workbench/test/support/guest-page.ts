import type { Browser, BrowserContextOptions, FrameLocator, Locator, Page } from "playwright-core";
import { expect, vi } from "vitest";
import { patience } from "../../../../test/support/patience.ts";
import type { SharedGateway } from "./shared-gateway.ts";

/** A share's page in a browser of its own, and what it did that it should not. */
export class GuestPage {
  readonly page: Page;
  readonly #server: SharedGateway;
  /** Requests to other places, also those that the browser did not let out. */
  readonly outside: string[] = [];
  readonly errors: string[] = [];

  private constructor(page: Page, server: SharedGateway) {
    this.page = page;
    this.#server = server;
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      const isOurs = hostname === "localhost" || protocol === "blob:" || protocol === "data:" || protocol === "about:";
      if (!isOurs) this.outside.push(request.url());
    });
    page.on("pageerror", (error) => this.errors.push(String(error)));
  }

  static async open(browser: Browser, server: SharedGateway, options: BrowserContextOptions = {}): Promise<GuestPage> {
    const guest = await GuestPage.admitted(browser, server, options);
    await guest.load();
    return guest;
  }

  /** A guest who has come by the link, and has not opened the page yet. */
  static async admitted(
    browser: Browser,
    server: SharedGateway,
    options: BrowserContextOptions = {},
  ): Promise<GuestPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(patience.timeout);
    const guest = new GuestPage(await context.newPage(), server);
    await server.admit(context);
    return guest;
  }

  /** Opens the page, also again. */
  async load(): Promise<void> {
    await this.page.goto(this.#server.url);
    await this.page.waitForFunction(() => performance.getEntriesByName("waiide/workbench").length > 0);
  }

  leave(): Promise<unknown> {
    return this.page.goto("about:blank");
  }

  /** The browser forgets settings, layout and texts of a page that the guest left: the next visit is the first. */
  async forget(): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const { origin } = new URL(this.#server.url);
    await session.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb,local_storage" });
    await session.detach();
  }

  row(name: string): Locator {
    return this.page.locator(".explorer-folders-view").getByRole("treeitem", { name, exact: true });
  }

  /** Opens a file of the top folder to stay; resolves when its text is there, and changes of it would be told. */
  async openFile(name: string, text: string): Promise<void> {
    await this.row(name).dblclick();
    await this.line(text).waitFor();
    await this.line(text).click();
    await vi.waitFor(() => expect(this.#server.network.tellsAll).toBe(true), patience);
  }

  line(text: string): Locator {
    // A string would be looked for whatever its case; the editor draws spaces as others.
    const exactly = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "\\s"));
    return this.page.locator(".editor-instance .view-line", { hasText: exactly }).first();
  }

  /** What a text editor shows, with the spaces that it draws as others. */
  async text(): Promise<string> {
    const lines = await this.page.locator(".editor-instance .view-lines").first().innerText();
    return lines.replaceAll("\u00a0", " ");
  }

  /** What the visible text editor shows, from its first line on. */
  async shown(): Promise<string> {
    const lines = await this.page
      .locator(".editor-instance .view-lines")
      .first()
      .locator(".view-line")
      .evaluateAll((all) => {
        const topOf = (line: Element) => Number.parseInt((line as HTMLElement).style.top, 10);
        return all.sort((a, b) => topOf(a) - topOf(b)).map((line) => line.textContent ?? "");
      });
    return lines.join("\n").replaceAll("\u00a0", " ");
  }

  async closeFile(name: string): Promise<void> {
    const tab = this.page.getByRole("tab", { name });
    await tab.click({ button: "middle" });
    await tab.waitFor({ state: "detached" });
  }

  /** Where the caret is, as the status bar says it. */
  place(): Promise<string> {
    return this.page.locator("[id='status.editor.selection']").innerText();
  }

  /** Puts the caret at the beginning of a line, and some columns to the right. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.page.keyboard.press("Control+Home");
    for (let down = 1; down < line; down++) await this.page.keyboard.press("ArrowDown");
    for (let right = 1; right < column; right++) await this.page.keyboard.press("ArrowRight");
    await vi.waitFor(async () => expect(await this.place()).toBe(`Ln ${line}, Col ${column}`), patience);
  }

  get preview(): FrameLocator {
    return this.page.frameLocator(".safe-frame.page");
  }

  /** What the palette offers for some words. */
  async palette(words: string): Promise<string[]> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input.input");
    await input.fill(`>${words}`);
    const rows = this.page.locator(".quick-input-list .monaco-list-row");
    await rows.first().waitFor();
    const found = await rows.allInnerTexts();
    await this.page.keyboard.press("Escape");
    return found;
  }

  /** What the page keeps in the browser of unsaved texts. */
  kept(): Promise<string> {
    return this.page.evaluate(async () => {
      const texts: string[] = [];
      for (const { name } of await indexedDB.databases()) {
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const request = indexedDB.open(name ?? "");
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
        for (const store of database.objectStoreNames) {
          const values = await new Promise<unknown[]>((resolve, reject) => {
            const request = database.transaction(store).objectStore(store).getAll();
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
          });
          for (const value of values) if (value instanceof Uint8Array) texts.push(new TextDecoder().decode(value));
        }
        database.close();
      }
      return texts.join("\n");
    });
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
