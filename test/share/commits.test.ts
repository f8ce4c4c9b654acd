import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestRepository } from "../../packages/gateway/test/support/git/test-repository.ts";
import { SharingGateway } from "../../packages/gateway/test/support/sharing-gateway.ts";
import { launchBrowser, newPage, screenshot } from "../support/page/browser.ts";
import { editorLine, explorerRow, guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { comeIn } from "../support/sharing.ts";

let browser: Browser;
let server: SharingGateway;
let repository: TestRepository;
let page: Page;

/** The documentation shows an ordinary commit. */
const isForDocs = process.env.UPDATE_SCREENSHOTS === "1";
const hostile = isForDocs
  ? "Warmer water in summer"
  : "Second <img src=x onerror=\"document.title='ran'\">\n\nBecause \u202egnihton is lost, [see](javascript:1).";

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), SharingGateway.launch()]);
  repository = new TestRepository(server.workspace);
  repository.commit("First", {
    "README.md": "# Tides\n\nHow to run it.\n",
    "old.txt": "gone soon\n",
    "src/model.py": "a = 1\nb = 2\n",
  });
  repository.git("rm", "-q", "old.txt");
  repository.commit(hostile, { "src/model.py": "a = 1\nb = 3\n", ".env": "KEY=1\n" });
  const { url } = await server.create({
    permission: "View Only",
    commit: { ref: "main", base: "main~1", follow: true },
  });
  const { pathname, hash } = new URL(url);
  ({ page } = await newPage(browser));
  await page.goto(new URL(pathname + hash, server.url).href);
  await page.getByText("the branch “main” of “workspace”").first().waitFor();
  await comeIn(page, "Bob");
  await guestWorkbenchVisible(page);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const panel = () => page.getByRole("complementary", { name: "Changes" });

it("a guest sees the commit's files, and what it changed against its base", async () => {
  await explorerRow(page, "README.md").waitFor();
  await page.getByRole("tab", { name: "Preview README.md" }).waitFor();
  await panel().getByRole("button", { name: "src/model.py (changed)" }).click();
  await editorLine(page, "b = 2").waitFor();
  await editorLine(page, "b = 3").waitFor();
  await screenshot(page, "commit-changes");
  await panel().getByRole("button", { name: "old.txt (deleted)" }).click();
  await editorLine(page, "gone soon").waitFor();
  expect(await panel().getByText(".env").count()).toBe(0);
});

it("a guest finds archives, and a command with a password for git", async () => {
  await panel().getByText("Get It").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    panel().getByRole("link", { name: "Download archive.zip" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("workspace-main.zip");
  expect(await download.failure()).toBeNull();
  await panel().getByRole("button", { name: "Clone with Git" }).click();
  const field = (name: string) => panel().getByRole("textbox", { name }).inputValue();
  await panel().getByRole("textbox", { name: "Password" }).waitFor();
  expect(await field("Password")).toMatch(/^wgc_/);
  expect(await field("Command")).toMatch(/^git clone http:\/\/[\w-]+@[^ ]+\/share\/[\w-]+\/repo\.git workspace$/);
  await screenshot(page, "commit-get");
});

it("R17: message and author are plain text", async () => {
  await panel()
    .getByText(hostile.split("\n")[0] ?? "")
    .waitFor();
  await panel().getByText("Ana").first().waitFor();
  expect(await panel().locator("img, script, .commit-about a").count()).toBe(0);
  expect(await page.title()).not.toBe("ran");
});

it("a followed branch moves by itself, and the page says that it is gone", async () => {
  repository.commit("Third", { "later.txt": "later\n" });
  await explorerRow(page, "later.txt").waitFor();
  await panel().getByText("Third").waitFor();
  await panel().getByRole("button", { name: "later.txt (added)" }).waitFor();
  repository.git("checkout", "-q", "--detach");
  repository.git("branch", "-q", "-D", "main");
  await page.getByText("has deleted the branch main").first().waitFor();
  await explorerRow(page, "later.txt").waitFor();
});
