import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { explorerRow, guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { comeIn, createShare, listShares } from "../support/sharing.ts";

const settings = { "waiide.notifications.guests": false };
const folders = JSON.stringify({ folders: [{ path: "papers" }, { path: "models" }] });

let browser: Browser;
let gateway: RunningGateway;
let page: Page;
let ui: ExtensionPage;

beforeAll(async () => {
  [browser, gateway] = await Promise.all([
    launchBrowser(),
    startGateway({
      arguments: ["--auth", "none"],
      settings,
      files: { "both.code-workspace": folders, "papers/draft.md": "# Draft\n", "models/model.py": "one = 1\n" },
    }),
  ]);
  await ideReady(gateway);
  const owner = await newPage(browser);
  page = owner.page;
  ui = new ExtensionPage(page);
  await owner.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${gateway.url}?workspace=${join(gateway.workspace, "both.code-workspace")}`);
  await workbenchVisible(page);
  await ui.statusBar().waitFor();
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

it("several folders: asks which; the guest gets only that one", async () => {
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
