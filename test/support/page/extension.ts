import type { Locator, Page } from "playwright-core";
import { vi } from "vitest";
import { patience } from "../patience.ts";
import { palette, quickInput, runCommand } from "./palette.ts";

/** WAIIDE's extension in an IDE's page, as a person uses it: by what is written there. */
export class ExtensionPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  statusBar(): Locator {
    return this.page.locator(".statusbar-item.right").filter({ hasText: /^\s*Share/ });
  }

  quickInput(): Locator {
    return quickInput(this.page);
  }

  /** @param text what its label begins with */
  choice(text: string): Locator {
    const name = new RegExp(`^(?:\\S+ icon, )?${text}`);
    return this.quickInput().getByRole("option", { name }).first();
  }

  dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-list-item").filter({ hasText: text });
  }

  viewRow(text: string | RegExp): Locator {
    return this.page.locator(".sidebar .pane-body .monaco-list-row").filter({ hasText: text });
  }

  menuItem(text: string): Locator {
    return this.page.locator(".monaco-menu").getByRole("menuitem", { name: text, exact: true });
  }

  /** By the keyboard: a menu takes no click in the moment in which it opens. */
  async chooseInMenu(text: string): Promise<void> {
    await this.menuItem(text).hover();
    await this.page.keyboard.press("Enter");
  }

  palette(text: string): Promise<Locator> {
    return palette(this.page, text);
  }

  command(name: string): Promise<void> {
    return runCommand(this.page, name);
  }

  /** Opens the Shares view. Our extension asks for it, so the view takes the keyboard's focus at some later moment. */
  showShares(): Promise<void> {
    const view = this.page
      .locator(".part.sidebar .pane")
      .filter({ hasText: /^Shares/ })
      .first();
    // A page in a tab that closes in this moment still takes the keys.
    return this.#untilSeen(view, () => this.page.keyboard.press("Control+Alt+h"));
  }

  /** Answers the questions from the level on, for anyone with the link. */
  async answer(level: string, expiry = "1 hour", note = ""): Promise<void> {
    await this.choice(level).click();
    await this.choice("Anyone with the link").click();
    await this.answerRest(expiry, note);
  }

  /** Answers the last two questions. */
  async answerRest(expiry = "1 hour", note = ""): Promise<void> {
    await this.choice(expiry).click();
    await this.quickInput().getByText("A note for yourself").waitFor();
    await this.write(note);
    await this.choice("Copy Link").waitFor();
  }

  /** Answers a question with a text. */
  async write(text: string): Promise<void> {
    const box = this.quickInput().locator("input.input");
    await box.fill(text);
    await box.press("Enter");
  }

  async copyLink(): Promise<string> {
    await this.choice("Copy Link").click();
    await this.quickInput().getByText("copied").waitFor();
    await this.quickInput().locator("input.input").press("Escape");
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Clicks a row until what it brings is seen. */
  clickFor(row: Locator, seen: Locator, button: "left" | "right" = "left"): Promise<void> {
    return this.#untilSeen(seen, () => row.first().click({ button, timeout: 5_000 }));
  }

  /** Clicks a button of a row of the Shares view, which it shows under the mouse; that opens a dialog or a question. */
  rowButton(row: string | RegExp, name: string): Promise<void> {
    const found = this.viewRow(row).first();
    return this.#untilSeen(this.dialog().or(this.quickInput()).first(), async () => {
      await found.hover({ timeout: 5_000 });
      await found.getByRole("button", { name }).click({ timeout: 5_000 });
    });
  }

  /** Clicks again if the view redrew its rows at the moment of the click, as then none got it. */
  async #untilSeen(seen: Locator, click: () => Promise<void>): Promise<void> {
    await vi.waitFor(async () => {
      if (!(await seen.isVisible())) await click();
      await seen.waitFor({ timeout: 10_000 });
    }, patience);
  }

  /**
   * Chooses in the menu of a row, until what that brings is seen: the menu closes where something takes its focus.
   * @param seen a dialog or a question unless another thing is named
   */
  rowMenu(row: string | RegExp | Locator, name: string, seen = this.dialog().or(this.quickInput())): Promise<void> {
    const item = this.menuItem(name);
    const found = typeof row === "string" || row instanceof RegExp ? this.viewRow(row) : row;
    return this.#untilSeen(seen.first(), async () => {
      if (!(await item.isVisible())) await found.first().click({ button: "right", timeout: 5_000 });
      await item.hover({ timeout: 5_000 });
      await this.page.keyboard.press("Enter");
    });
  }

  async answerDialog(text: string, button: string): Promise<void> {
    await this.dialog().getByText(text).waitFor();
    await this.dialog().getByRole("button", { name: button, exact: true }).click();
  }
}
