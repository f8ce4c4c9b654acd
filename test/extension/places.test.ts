import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestRepository } from "../../packages/gateway/test/support/git/test-repository.ts";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { explorerRow, guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { comeIn, createShare, listShares, share } from "../support/sharing.ts";

const settings = { "waiide.notifications.guests": false };
const folders = JSON.stringify({ folders: [{ path: "papers" }, { path: "models" }] });

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
let ui: ExtensionPage;

beforeAll(async () => {
  const home = {
    ".plan": "tomorrow\n",
    ".profile": "export TOKEN=1\n",
    ".config/gh/hosts.yml": "token: s3cret\n",
    "tides/pyproject.toml": "",
    "tides/model.py": "one = 1\n",
    "letters/old.txt": "dear\n",
  };
  const files = {
    "both.code-workspace": folders,
    "papers/draft.md": "# Draft\n",
    "models/model.py": "one = 1\n",
  };
  [browser, gateway] = await Promise.all([
    launchBrowser(),
    startGateway({ arguments: ["--auth", "none"], settings, home, files }),
  ]);
  await ideReady(gateway);
  const owner = await newPage(browser);
  page = owner.page;
  ui = new ExtensionPage(page);
  await owner.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${gateway.url}?folder=${gateway.home}`);
  await workbenchVisible(page);
  await ui.statusBar().waitFor();
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

it("R10: if the workspace is the home folder, Share Workspace offers its projects first", async () => {
  await ui.command("WAIIDE: Share Workspace");
  await ui.quickInput().getByPlaceholder("The workspace is your home folder.").waitFor();
  await ui.choice("Whole Home Folder").waitFor();
  await screenshot(page, "extension-home");
  const lines = await ui.quickInput().getByRole("option").allInnerTexts();
  expect(lines[0]).toContain("tides");
  expect(lines.at(-1)).toContain("Whole Home Folder");
  await ui.choice("tides").click();
  await ui.answer("View Only");
  await ui.copyLink();
  expect(await listShares(gateway)).toMatchObject([
    { root: join(gateway.home, "tides"), scope: { kind: "workspace" } },
  ]);
  await share(gateway, "revoke", "--all");
});

it("R10: a whole home folder shows only the dot-names that were checked", async () => {
  await ui.command("WAIIDE: Share Workspace");
  await ui.choice("Whole Home Folder").click();
  const plan = ui.quickInput().locator(".monaco-list-row").filter({ hasText: ".plan" });
  await plan.waitFor();
  await screenshot(page, "extension-home-names");
  const checked = ui.quickInput().locator('.monaco-list-row[aria-checked="true"]');
  expect(await checked.count()).toBe(0);
  await plan.click();
  await expect.poll(() => checked.count()).toBe(1);
  await page.keyboard.press("Enter");
  await ui.choice("View Only").click();
  await ui.choice("Anyone with the link").click();
  await ui.choice("1 hour").click();
  await ui.quickInput().getByText("A note for yourself").waitFor();
  await page.keyboard.press("Enter");
  await ui.answerDialog("the whole home folder", "Share It");
  await ui.choice("Copy Link").waitFor();
  const url = await ui.copyLink();
  expect(await listShares(gateway)).toMatchObject([
    { root: gateway.home, scope: { kind: "workspace", show: [".plan"] } },
  ]);
  const { page: guest, context } = await newPage(browser);
  await guest.goto(url);
  await comeIn(guest, "Bob");
  await guestWorkbenchVisible(guest);
  await explorerRow(guest, ".plan").waitFor();
  await screenshot(guest, "share-home");
  for (const name of [".profile", ".config"]) expect(await explorerRow(guest, name).count()).toBe(0);
  await context.close();
  await share(gateway, "revoke", "--all");
});

it("several folders: asks which; the guest gets only that one", async () => {
  // VS Code finds it as it opens the folders.
  new TestRepository(join(gateway.workspace, "models")).commit("Model of the tides");
  await page.goto(`${gateway.url}?workspace=${join(gateway.workspace, "both.code-workspace")}`);
  await workbenchVisible(page);
  await ui.statusBar().waitFor();
  await ui.command("WAIIDE: Share Workspace");
  await ui.quickInput().getByPlaceholder("Which folder do you want to share?").waitFor();
  await screenshot(page, "extension-folder");
  await ui.choice("models").click();
  await ui.answer("View Only");
  const { page: guest, context } = await newPage(browser);
  await guest.goto(await ui.copyLink());
  expect(await listShares(gateway)).toMatchObject([{ root: join(gateway.workspace, "models") }]);
  await comeIn(guest, "Bob");
  await guestWorkbenchVisible(guest);
  await explorerRow(guest, "model.py").waitFor();
  expect(await guest.getByText("draft.md").count()).toBe(0);
  await ui.showShares();
  await ui.viewRow(/Bob.*online/).waitFor();

  // This notice would come after the one about the guest: other notices stay on.
  await Promise.all([
    ui.notification("was created outside this window").waitFor(),
    createShare(gateway, "papers/draft.md"),
  ]);
  expect(await ui.notification("Bob").count()).toBe(0);
  await context.close();
});

it("commits and branches are chosen from what VS Code's git extension knows", async () => {
  await ui.command("WAIIDE: Share Commit…");
  await ui.choice("Model of the tides").waitFor();
  await screenshot(page, "extension-commit");
  await ui.choice("Model of the tides").click();
  await ui.choice("Nothing").click();
  // A commit can only be viewed: the level is not asked.
  await ui.choice("Anyone with the link").click();
  await ui.answerRest();
  await page.keyboard.press("Escape");
  await ui.command("WAIIDE: Share Branch…");
  await ui.choice("main").click();
  await ui.choice("New Commits As They Come").click();
  await ui.choice("The Files, and Propose Changes").click();
  await ui.choice("Anyone with the link").click();
  await ui.answerRest();
  await page.keyboard.press("Escape");
  const made = (await listShares(gateway)).filter(({ commit }) => commit !== null);
  const root = join(gateway.workspace, "models");
  expect(made).toMatchObject([
    { root, permission: "View Only", commit: { name: "main", branch: "refs/heads/main", follow: true, propose: true } },
    { root, permission: "View Only", commit: { branch: null, follow: false, get: "none" } },
  ]);
});
