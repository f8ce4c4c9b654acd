import { readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { ReusedShare } from "../../support/reused-share.ts";
import { SharedGateway } from "../../support/shared-gateway.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

const poem = "one\ntwo\nthree\nfour\nfive\n";

const share = new ReusedShare(["guest"]);
let browser: Browser;
let workspace: Workspace;
let server: SharedGateway;
let guest: GuestPage;

afterAll(() => share.close());

const saved = (name: string) => readFile(join(workspace.folder, name), "utf8");
const becomes = (name: string, text: string) => vi.waitFor(async () => expect(await saved(name)).toBe(text), patience);

/** Another program changes a file, and the gateway sees it: whose change is first is certain. */
async function programWrites(name: string, text: string): Promise<void> {
  await workspace.write(name, text);
  await server.untilLive(name, text);
}

/** Holds what is typed back from being saved, as a slow network would. */
async function typeBeforeSaving(text: string, meanwhile: () => Promise<void>): Promise<void> {
  server.network.drop({ refuse: true });
  await guest.page.keyboard.press("Control+Home");
  await guest.page.keyboard.type(text);
  await meanwhile();
  server.network.allow();
}

/** A file of the test's own, open. What is typed before it is live meets other changes in other ways. */
async function open(name: string, text = poem, isLive = true): Promise<void> {
  await workspace.write(name, text);
  await guest.openFile(name, text.split(/\r?\n/)[0] ?? "");
  if (isLive) await vi.waitFor(() => expect(server.network.livePages(name)).toBe(1), patience);
}

describe("a folder at Full Access", () => {
  beforeEach(async () => {
    ({
      browser,
      workspace,
      server,
      guests: { guest },
    } = await share.begin());
  });
  afterEach((context) => share.end(context));

  describe("R13", () => {
    it("edits are saved automatically, and at once with Ctrl+S", async () => {
      await open("saved.txt");
      await guest.page.keyboard.press("Control+Home");
      await guest.page.keyboard.type("ONE ");
      await becomes("saved.txt", "ONE one\ntwo\nthree\nfour\nfive\n");
    });

    it("line ends stay what they are", async () => {
      await open("dos.txt", "a\r\nb\r\n");
      await guest.page.keyboard.press("Control+Home");
      await guest.page.keyboard.type("x\ny");
      await becomes("dos.txt", "x\r\nya\r\nb\r\n");
    });

    it("changes at different places are merged and shown while a guest types", async () => {
      await open("merged.txt");
      await typeBeforeSaving("1 ", () => workspace.write("merged.txt", "one\ntwo\nthree\nfour\nFIVE\n"));
      await becomes("merged.txt", "1 one\ntwo\nthree\nfour\nFIVE\n");
      await guest.line("FIVE").waitFor();
      await guest.page.keyboard.type("2 ");
      await becomes("merged.txt", "1 2 one\ntwo\nthree\nfour\nFIVE\n");
    });

    it("what a guest types in a line that another program changed is in that line", async () => {
      await open("line.txt");
      await typeBeforeSaving("mine ", () => programWrites("line.txt", "theirs\ntwo\nthree\nfour\nfive\n"));
      await becomes("line.txt", "mine theirs\ntwo\nthree\nfour\nfive\n");
      expect(await guest.page.getByRole("button", { name: "Overwrite" }).count()).toBe(0);
    });

    it("a file that is saved as a whole has conflicts; only Overwrite replaces", async () => {
      await open("mixed.txt", "one\r\ntwo\n", false);
      await guest.page.getByRole("button", { name: /Saved as a whole/ }).waitFor();
      await typeBeforeSaving("mine ", () => workspace.write("mixed.txt", "theirs\r\ntwo\n"));
      const overwrite = guest.page.getByRole("button", { name: "Overwrite" }).first();
      await overwrite.waitFor();
      expect(await saved("mixed.txt")).toBe("theirs\r\ntwo\n");
      await overwrite.click();
      await becomes("mixed.txt", "mine one\ntwo\n");
    });

    it("a change of the same size and time is seen, and not overwritten", async () => {
      await open("same.txt");
      const { atime, mtime } = await stat(join(workspace.folder, "same.txt"));
      await workspace.write("same.txt", "one\ntwo\nthree\nFOUR\nfive\n");
      await utimes(join(workspace.folder, "same.txt"), atime, mtime);
      await guest.line("FOUR").waitFor();
      await guest.line("one").click();
      await guest.page.keyboard.press("Control+Home");
      await guest.page.keyboard.type("x");
      await becomes("same.txt", "xone\ntwo\nthree\nFOUR\nfive\n");
    });

    it("edits without a network are kept, announced, and saved later", async () => {
      await open("kept.txt");
      await typeBeforeSaving("away ", async () => {
        await guest.page.getByRole("status").getByText("No connection").waitFor();
        expect(await saved("kept.txt")).toBe("one\ntwo\nthree\nfour\nfive\n");
      });
      await becomes("kept.txt", "away one\ntwo\nthree\nfour\nfive\n");
    });

    describe("unsaved text after a reload", () => {
      /** Types, and reloads the page before the text is saved; the network is back after `meanwhile`. */
      async function reload(name: string, typed: string, meanwhile: () => Promise<void>): Promise<void> {
        const { page } = guest;
        page.on("dialog", (dialog) => void dialog.accept());
        await open(name);
        server.network.drop({ refuse: true });
        await page.keyboard.press("Control+Home");
        await page.keyboard.type(typed);
        await vi.waitFor(async () => expect(await guest.kept()).toContain(`${typed}${poem}`), patience);
        await meanwhile();
        server.network.allow();
        await page.reload();
        await guest.line(typed).waitFor();
      }

      it("is restored, and saved if the file is unchanged", async () => {
        await reload("restored.txt", "unsaved ", async () => {});
        await becomes("restored.txt", `unsaved ${poem}`);
      });

      it("joins what the file has become meanwhile: neither side is lost", async () => {
        await reload("joined.txt", "mine ", () => programWrites("joined.txt", "theirs\ntwo\nthree\nfour\nFIVE\n"));
        await becomes("joined.txt", "mine theirs\ntwo\nthree\nfour\nFIVE\n");
      });
    });

    it("two guests change one document in turns, and both see it", async () => {
      const other = await GuestPage.open(browser, server);
      await open("turns.txt");
      await other.openFile("turns.txt", "one");
      await guest.page.keyboard.press("Control+Home");
      await guest.page.keyboard.type("A");
      await other.line("Aone").waitFor();
      await other.page.keyboard.press("Control+End");
      await other.page.keyboard.type("B");
      await guest.line("B").waitFor();
      await becomes("turns.txt", "Aone\ntwo\nthree\nfour\nfive\nB");
      await guest.page.getByRole("listitem").filter({ hasText: "Guest 2" }).waitFor();
      await other.close();
    });
  });

  it("makes, renames and deletes files", async () => {
    const { page } = guest;
    const input = page.locator(".explorer-folders-view .monaco-inputbox input");
    const name = async (text: string) => {
      await input.fill(text);
      await input.press("Enter");
    };
    await workspace.write("first.txt", poem);
    await workspace.write("last.txt", poem);
    // A file that comes into the explorer later would take the focus from a name that is being typed.
    await guest.row("last.txt").waitFor();
    await guest.row("first.txt").click();
    await page.keyboard.press("F2");
    await name("verse.txt");
    await vi.waitFor(async () => expect(await saved("verse.txt")).toContain("three"), patience);
    await page.getByRole("button", { name: "New File..." }).first().click();
    await name("new.txt");
    await vi.waitFor(async () => expect(await saved("new.txt")).toBe(""), patience);
    await page.getByRole("tab", { name: "new.txt" }).waitFor();
    await guest.row("last.txt").click({ button: "right" });
    // By the keyboard: VS Code takes a click right after the menu has opened for the end of the one that opened it.
    await page.getByRole("menuitem", { name: "Delete Permanently" }).hover();
    await page.locator(".action-item.focused").getByText("Delete Permanently").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await vi.waitFor(() => expect(saved("last.txt")).rejects.toThrow("ENOENT"), patience);
  });
});

it("a share that is lowered offers what was not saved, and then only lets look", async () => {
  browser = await launchBrowser();
  workspace = await makeWorkspace({ "poem.txt": poem });
  server = await SharedGateway.start(workspace.folder, { permission: "edit" });
  guest = await GuestPage.open(browser, server);
  onTestFinished(async () => {
    await browser.close();
    await server.close();
    await workspace[Symbol.asyncDispose]();
  });
  const { page } = guest;
  await guest.openFile("poem.txt", "one");
  const release = server.network.hold("live-change");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("unsaved ");
  const heading = page.getByRole("heading", { name: "You can only view files now" });
  server.network.asked.length = 0;
  await server.change({ permission: "view" });
  await heading.waitFor();
  // The session ended with the change. The next one watches again: it has heard of the change by then.
  await vi.waitFor(() => expect(server.network.asked.map(({ method }) => method)).toContain("watch"), patience);
  expect(await heading.count()).toBe(1);
  release();
  await page.locator("summary", { hasText: "Show" }).click();
  await page.getByText("unsaved one").first().waitFor();
  await page.getByRole("button", { name: "Continue without these changes" }).click();
  await guest.line("unsaved").waitFor({ state: "detached" });
  await page.getByRole("banner").getByText("View Only", { exact: true }).waitFor();
  expect(await saved("poem.txt")).toBe("one\ntwo\nthree\nfour\nfive\n");
});
