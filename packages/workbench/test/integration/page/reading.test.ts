import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { SharedGateway } from "../../support/shared-gateway.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

const attack = "[x](command:workbench.action.terminal.new)<img src=x onerror=alert(1)>";
const strangeName = `${attack.replaceAll("/", "_")}.txt`;
const files = {
  "README.md":
    "# Title\n\nWith $a^2$, ![out](https://example.com/x.png) <script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">\n",
  "settings.json": '{"$schema": "https://example.com/schema.json", "list": [1]}\n',
  "src/model.py": "import numpy\n\nclass Model:\n    def run(self):\n        return 1\n",
  [strangeName]: "strange name\n",
};

let browser: Browser;
let workspace: Workspace;
let server: SharedGateway;
let guest: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  workspace = await makeWorkspace(files);
});
afterEach(async () => {
  expect(guest.errors).toEqual([]);
  await guest.close();
  await server.close();
  await workspace[Symbol.asyncDispose]();
});

describe("a folder at View Only", () => {
  beforeEach(async () => {
    server = await SharedGateway.start(workspace.folder, {}, { owner: attack });
    guest = await GuestPage.open(browser, server);
  });

  it("shows files with their colours, finds them, and searches in them on the server", async () => {
    const { page } = guest;
    await guest.row("src").click();
    await guest.row("model.py").click();
    await guest.line("class Model").locator(".mtk1, [class*=mtk]").first().waitFor();
    await page.keyboard.press("Control+P");
    await page.locator(".quick-input-widget input.input").fill("mdl");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "model.py" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Shift+F");
    await page.keyboard.type("return");
    await page.locator(".search-view .monaco-list-row", { hasText: "return 1" }).waitFor();
    expect(server.network.asked.map(({ method }) => method)).toEqual(expect.arrayContaining(["find", "search"]));
  });

  it("shows a picture, and says if it no longer exists", async () => {
    const { page } = guest;
    await workspace.write("dot.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>');
    await guest.row("dot.svg").dblclick();
    await page.getByText("3 × 2, 62 bytes").waitFor();
    await rm(join(workspace.folder, "dot.svg"));
    await page.getByText("It no longer exists: ").waitFor();
    expect(await page.locator(".picture img").count()).toBe(0);
  });

  it("gives up a search for the next one, which is no error", async () => {
    const { page } = guest;
    const untilAsked = (method: string, pattern?: string) =>
      vi.waitFor(() => {
        const patterns = server.network.asked.filter((each) => each.method === method).map(({ params }) => params);
        expect(patterns).toContainEqual(
          pattern === undefined ? expect.anything() : expect.objectContaining({ pattern }),
        );
      }, patience);
    const answers = [server.network.hold("find"), server.network.hold("search")];
    await page.keyboard.press("Control+P");
    await page.locator(".quick-input-widget input.input").fill("mdl");
    await untilAsked("find", "mdl");
    await page.keyboard.press("Escape");
    await untilAsked("cancel");
    await page.keyboard.press("Control+Shift+F");
    await page.keyboard.type("ret");
    await untilAsked("search", "ret");
    await page.keyboard.type("urn");
    await untilAsked("search", "return");
    for (const answer of answers) answer();
    await page.locator(".search-view .monaco-list-row", { hasText: "return 1" }).waitFor();
  });

  it("R11: says why nothing can be typed, and nothing is written", async () => {
    await guest.openFile("settings.json", "schema");
    await guest.page.keyboard.type("x");
    await guest.page.getByText("This share is View Only: you can view files, but not edit them.").first().waitFor();
    expect(server.network.asked.some(({ method }) => method === "write")).toBe(false);
  });

  it("R18: a preview runs nothing, and nothing is fetched from outside", async () => {
    const { page } = guest;
    await guest.openFile("README.md", "# Title");
    await page.getByRole("button", { name: "Markdown: Open Preview to the Side" }).click();
    await guest.preview.getByRole("heading", { name: "Title" }).waitFor();
    await guest.preview.locator(".katex").first().waitFor();
    await guest.preview.getByText("Picture from example.com: not fetched").waitFor();
    expect(await guest.preview.locator("script, [onerror]").count()).toBe(0);
    await guest.row("settings.json").dblclick();
    await guest.line("schema").waitFor();
    expect(await page.title()).not.toContain("owned");
    expect(guest.outside).toEqual([]);
  });

  it("R17: names of strangers are only text", async () => {
    const { page } = guest;
    await guest.row(strangeName).dblclick();
    await guest.line("strange name").waitFor();
    expect(await page.locator("a[href^='command:']").count()).toBe(0);
    expect(await page.locator("img[src='x']").count()).toBe(0);
    await expect(page.getByRole("banner").innerText()).resolves.toContain(attack);
  });

  it("offers no terminal, task, debugger, remote or extension, by no name and no key", async () => {
    for (const words of [
      "terminal",
      "task",
      "debug",
      "remote",
      "install",
      "extension",
      "chat",
      "tunnel",
      "developer",
    ]) {
      const found = (await guest.palette(words)).join("\n");
      expect(found, words).not.toMatch(/terminal|\btasks?\b|debug|remote|install|extension|\bchat|tunnel|developer/i);
    }
    for (const keys of ["Control+Backquote", "Control+Shift+X", "Control+Shift+D", "Control+Shift+G"]) {
      await guest.page.keyboard.press(keys);
    }
    const parts = ".terminal-wrapper, .debug-toolbar, .extensions-viewlet, .debug-viewlet, .scm-view";
    expect(await guest.page.locator(parts).count()).toBe(0);
  });

  it("offers nothing of VS Code's makers, and nothing that would write", async () => {
    const { page } = guest;
    await page.locator(".menubar-menu-button").first().press("Enter");
    await page.getByRole("menuitem", { name: "Help" }).hover();
    await page.getByRole("menuitem", { name: "About" }).waitFor();
    expect(
      await page.getByRole("menuitem", { name: /vscode|License|Accessibility Features|Open Recent/ }).count(),
    ).toBe(0);
    for (let menu = 0; menu < 2; menu++) await page.keyboard.press("Escape");
    await guest.row("settings.json").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Copy Path" }).waitFor();
    for (const name of [/^Delete/, /^Rename/]) {
      expect(await page.getByRole("menuitem", { name }).isDisabled()).toBe(true);
    }
    await page.keyboard.press("Escape");
    await guest.row("settings.json").press("Delete");
    await guest.row("settings.json").press("F2");
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(server.network.asked.some(({ method }) => method === "delete")).toBe(false);
  });

  it("follows what others change, rename and delete", async () => {
    await guest.openFile("settings.json", "schema");
    await workspace.write("settings.json", '{"$changed": "https://example.com/schema.json", "list": [1]}\n');
    await guest.line("changed").waitFor();
    await rename(join(workspace.folder, "README.md"), join(workspace.folder, "NEWS.md"));
    await guest.row("NEWS.md").waitFor();
    await guest.row("README.md").waitFor({ state: "detached" });
    await rename(join(workspace.folder, "settings.json"), join(workspace.folder, "renamed.json"));
    await guest.page.getByRole("tab", { name: "renamed.json" }).waitFor();
    await guest.line("changed").waitFor();
    await rm(join(workspace.folder, "NEWS.md"));
    await guest.row("NEWS.md").waitFor({ state: "detached" });
  });
});

describe("one file", () => {
  it("opens alone, at its line", async () => {
    const part = { file: "src/model.py", line: 4, col: 4 };
    server = await SharedGateway.start(workspace.folder, part);
    guest = await GuestPage.open(browser, server);
    await guest.line("class Model").waitFor();
    expect(await guest.page.locator(".explorer-folders-view, .activitybar").filter({ visible: true }).count()).toBe(0);
    await guest.page.locator(".statusbar-item", { hasText: "Ln 4, Col 5" }).waitFor();
    expect(server.network.asked.some(({ method }) => method === "list")).toBe(false);
  });

  it("R12: a selection has the line numbers of its file, and says when it is out of date", async () => {
    const part = { file: "src/model.py", line: 3, end_line: 5 };
    server = await SharedGateway.start(workspace.folder, part);
    guest = await GuestPage.open(browser, server);
    await guest.line("class Model").waitFor();
    const numbers = guest.page.locator(".editor-instance .line-numbers");
    await numbers.getByText("3", { exact: true }).waitFor();
    expect(await numbers.allInnerTexts()).toEqual(["3", "4", "5"]);
    expect(await guest.text()).not.toContain("numpy");
    // While somebody is in it, it moves with the text.
    await guest.close();
    await server.untilNothingIsLive();
    await workspace.write("src/model.py", "import torch\n\nweights = []\nsize = 1\n");
    guest = await GuestPage.open(browser, server);
    await guest.page.getByRole("status").getByText("Out of date").waitFor();
  });

  it("R12: Go to Line, quick open and the status bar use a selection's line numbers", async () => {
    const part = { file: "src/model.py", line: 3, end_line: 5 };
    server = await SharedGateway.start(workspace.folder, part);
    guest = await GuestPage.open(browser, server);
    const { page } = guest;
    await guest.line("class Model").click();
    const place = page.locator(".statusbar-item", { hasText: /^Ln / });
    const input = page.locator(".quick-input-widget input.input");
    const offer = page.locator(".quick-input-list .monaco-list-row").first();
    const go = async (key: string, typed: string, offered: string | RegExp, arrived: string) => {
      await page.keyboard.press(key);
      await input.fill(typed);
      await offer.filter({ hasText: offered }).waitFor();
      await input.press("Enter");
      await input.waitFor({ state: "hidden" });
      await expect.poll(() => place.innerText()).toMatch(arrived);
    };
    await expect.poll(() => place.innerText()).toMatch("Ln 3, Col ");
    await page.keyboard.press("Control+g");
    await offer.filter({ hasText: "(from 3 to 5)" }).waitFor();
    await page.keyboard.press("Escape");
    await go("Control+g", ":5", "go to line 5 or", "Ln 5, Col 1");
    await go("Control+g", ":4:6", "go to line 4 at column 6", "Ln 4, Col 6");
    await go("Control+g", ":1", "go to line 3 or", "Ln 3, Col 1");
    await go("Control+p", ":-1", "go to line 5 or", "Ln 5, Col 1");
    await go("Control+p", "model.py:4", "model.py", "Ln 4, Col 1");
    await page.keyboard.press("Shift+ArrowRight");
    await expect.poll(() => place.innerText()).toBe("Ln 4, Col 2 (1 selected)");
    expect(guest.errors).toEqual([]);
  });
});
