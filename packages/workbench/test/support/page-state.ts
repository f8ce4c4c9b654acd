import type { Page } from "playwright-core";
import { expect } from "vitest";
import { runCommand } from "../../../../test/support/page/palette.ts";
import { patience } from "../../../../test/support/patience.ts";

/** What a guest's page shows, as far as a test can leave something behind in it. */
interface Shown {
  readonly address: string;
  readonly editors: readonly string[];
  readonly editorGroups: number;
  readonly expandedFolders: number;
  readonly files: readonly string[];
  readonly following: readonly string[];
  readonly level: readonly string[];
  /** What the bar says about the connection and the file. */
  readonly notice: readonly string[];
  readonly notifications: string | undefined;
  /** Classes of dialogs, menus, the palette. */
  readonly over: readonly string[];
  /** Who is online, and in which file. */
  readonly people: readonly string[];
  readonly searchResults: number;
  readonly sideBar: string | undefined;
  readonly theme: string | undefined;
  readonly unsaved: number;
}

/** A page as it was at first, and the way back: one test after the other uses it. */
export class PageState {
  readonly #page: Page;
  readonly #first: Shown;

  private constructor(page: Page, first: Shown) {
    this.#page = page;
    this.#first = first;
  }

  /** Resolves once the explorer shows these files, and the bar so many people. */
  static async of(page: Page, files: ReadonlySet<string>, people: number): Promise<PageState> {
    const isComplete = (shown: Shown) => [new Set(shown.files), shown.people.length];
    await expect.poll(async () => isComplete(await look(page)), patience).toEqual([files, people]);
    return new PageState(page, await look(page));
  }

  /** Closes what a test opened, once what it wrote is saved. Files of the folder stay. */
  async closeAll(): Promise<void> {
    const page = this.#page;
    for (const event of ["dialog", "requestfailed"] as const) page.removeAllListeners(event);
    await page.emulateMedia({ colorScheme: "light", contrast: "no-preference", forcedColors: "none" });
    await page.mouse.move(0, 0);
    // Where the focus is in a frame, VS Code would not hear the keys.
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    // The others' pages close theirs after this one.
    const open = { files: [], people: [] };
    await expect
      .poll(async () => ({ ...(await this.#goBack()), ...open }), patience)
      .toEqual({ ...this.#first, ...open });
  }

  /** Resolves once the page is as it was; fails if something is left. */
  async restored(): Promise<void> {
    await expect.poll(() => this.#goBack(), patience).toEqual(this.#first);
  }

  /** Does what comes next on the way. */
  async #goBack(): Promise<Shown> {
    const page = this.#page;
    const shown = await look(page);
    if (shown.over.length + shown.following.length > 0) await page.keyboard.press("Escape");
    else if (shown.editors.length > 0 && shown.unsaved === 0) await closeEditors(page);
    else if (shown.notifications !== this.#first.notifications) await runCommand(page, commands.clearNotifications);
    else if (shown.searchResults > 0) await runCommand(page, commands.clearSearch);
    else if (shown.expandedFolders > 0) await runCommand(page, commands.collapseFolders);
    else if (shown.sideBar !== this.#first.sideBar) await page.keyboard.press("Control+Shift+e");
    return shown;
  }
}

const commands = {
  clearNotifications: "Notifications: Clear All Notifications",
  clearSearch: "Search: Clear Search Results",
  collapseFolders: "Collapse Folders in Explorer",
};

async function closeEditors(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Control+w");
}

function look(page: Page): Promise<Shown> {
  return page.evaluate(() => {
    const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
    const visible = (selector: string) => all(selector).filter((each) => each.checkVisibility());
    const texts = (selector: string) => visible(selector).map((each) => each.innerText.trim());
    return {
      address: location.href,
      editors: texts(".tab"),
      editorGroups: all(".editor-group-container").length,
      expandedFolders: all(".explorer-folders-view [aria-expanded=true]").length,
      files: texts(".explorer-folders-view .monaco-list-row"),
      following: texts("aside.follow"),
      level: texts(".bar-level"),
      notice: texts(".bar-notice"),
      notifications: document.getElementById("status.notifications")?.ariaLabel ?? undefined,
      // What belongs to an editor goes with it.
      over: visible("[role=dialog], .quick-input-widget, .context-view .monaco-menu")
        .filter((each) => each.closest(".editor-group-container") === null)
        .map(({ className }) => className),
      people: visible(".bar-people > li")
        .map((person) => person.querySelector("button")?.ariaLabel ?? person.innerText)
        .sort(),
      searchResults: all(".search-view .monaco-list-row").length,
      sideBar: texts(".part.sidebar .title-label")[0],
      theme: document.body.dataset.theme,
      unsaved: all(".tab.dirty").length,
    };
  });
}
