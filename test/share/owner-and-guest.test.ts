import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GuestClient } from "../../packages/gateway/test/support/guest-client.ts";
import { freePort, ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { editorLine, explorerRow, guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { patience } from "../support/patience.ts";
import { comeIn, createShare } from "../support/sharing.ts";

const files = { "model.py": "one = 1\ntwo = 2\nthree = 3\nfour = 4\nfive = 5\n", "same.py": "x = 1\n" };
// Both save only on command, so the test controls what happens in between.
const settings = { "files.autoSave": "off", "window.dialogStyle": "custom" };
// As where files cannot be live: then saves are merged.
const limits = JSON.stringify({ live_files: 0 });

let browser: Browser;
let gateway: RunningGateway;
let owner: Page;
let guest: Page;
let ui: ExtensionPage;
let link: string;

beforeAll(async () => {
  [browser, gateway] = await Promise.all([
    launchBrowser(),
    startGateway({
      arguments: ["--port", String(await freePort()), "--share-limits", limits],
      settings,
      files,
    }),
  ]);
  await ideReady(gateway);
  ({ page: owner } = await newPage(browser));
  ui = new ExtensionPage(owner);
  await owner.goto(gateway.url);
  await workbenchVisible(owner);
  await ui.statusBar().waitFor();
  ({ url: link } = await createShare(gateway, "--permission", "edit"));
  ({ page: guest } = await newPage(browser));
  await guest.goto(link);
  await comeIn(guest, "Bob");
  await guestWorkbenchVisible(guest);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

const content = (name: string) => readFile(join(gateway.workspace, name), "utf8");

async function open(page: Page, name: string, line: string): Promise<void> {
  await explorerRow(page, name).dblclick();
  await editorLine(page, line).click();
  await page.keyboard.press("End");
}

it("R13: the owner's save is merged with the guest's, and names the guest", async () => {
  await open(owner, "model.py", "five");
  await owner.keyboard.type("  # the owner");
  await open(guest, "model.py", "two");
  await guest.keyboard.type("  # Bob");
  await guest.keyboard.press("Control+S");
  await expect.poll(() => content("model.py"), patience).toContain("# Bob");
  expect(await content("model.py")).not.toContain("# the owner");

  await owner.bringToFront();
  await editorLine(owner, "five").click();
  // A message under the mouse stays.
  const told = ui.notification("Bob changed line 2 of model.py").hover();
  await owner.keyboard.press("Control+S");
  const both = "one = 1\ntwo = 2  # Bob\nthree = 3\nfour = 4\nfive = 5  # the owner\n";
  await expect.poll(() => content("model.py"), patience).toBe(both);
  await editorLine(owner, "# Bob").waitFor();
  await told;
  await screenshot(owner, "owner-and-guest-merged");
  await owner.locator(".tab.active:not(.dirty)").filter({ hasText: "model.py" }).waitFor();
  expect(await ui.notification("content of the file is newer").count()).toBe(0);
  await editorLine(guest, "# the owner").waitFor();
});

it("R13: the same line in both: owner and guest learn each other's names", async () => {
  await open(owner, "same.py", "x = 1");
  await owner.keyboard.press("Backspace");
  await owner.keyboard.type("2");
  await open(guest, "same.py", "x = 1");
  await guest.keyboard.press("Backspace");
  await guest.keyboard.type("345");
  await guest.keyboard.press("Control+S");
  await expect.poll(() => content("same.py"), patience).toBe("x = 345\n");

  await owner.bringToFront();
  await editorLine(owner, "x = 2").click();
  await owner.keyboard.press("Control+S");
  await ui.notification("Bob and you changed the same lines of same.py").waitFor();
  await screenshot(owner, "owner-and-guest-overlap");
  expect(await content("same.py")).toBe("x = 345\n");
  await guest.getByText("changed the same lines of same.py as you, and sees both versions.").waitFor();
  await ui.notification("Bob and you changed").getByRole("button", { name: "Compare" }).click();
  await owner.locator(".monaco-diff-editor").getByText("x = 345").waitFor();
});

it("R13: guests see their own version beside the current file, also after a reload", async () => {
  await ui.notification("content of the file is newer").getByRole("button", { name: "Overwrite" }).click();
  await expect.poll(() => content("same.py"), patience).toBe("x = 2\n");
  const show = guest.getByRole("button", { name: "Show My Version" });
  const [kept, now] = ["original", "modified"].map((side) =>
    guest.locator(`.monaco-diff-editor .editor.${side} .view-line`).first(),
  ) as [Locator, Locator];
  await screenshot(guest, "owner-and-guest-notice");
  await show.click();
  await kept.filter({ hasText: "x = 345" }).waitFor();
  await now.filter({ hasText: "x = 2" }).waitFor();
  await guest.locator(".tab.active").filter({ hasText: "same.py: your version ↔ now" }).waitFor();
  await screenshot(guest, "owner-and-guest-own-version");
  expect(await show.count()).toBe(0);

  await guest.reload();
  await guestWorkbenchVisible(guest);
  const command = new ExtensionPage(guest);
  await open(guest, "model.py", "one");
  await command.command("Show My Version");
  await guest.getByText("Nothing that you wrote to model.py is kept").first().waitFor();
  await open(guest, "same.py", "x = 2");
  await command.command("Show My Version");
  await kept.filter({ hasText: "x = 345" }).waitFor();
  // The kept version does not change; the file on the other side does.
  await now.click();
  await guest.keyboard.press("Control+A");
  await guest.keyboard.type("x = 345");
  await guest.keyboard.press("Control+S");
  await expect.poll(() => content("same.py"), patience).toBe("x = 345");
});

it("R13: after a restart a guest's version is listed and can be restored", async () => {
  await owner.goto("about:blank");
  await gateway.pause();
  // A change of the same size, which VS Code's own check does not see.
  await writeFile(join(gateway.workspace, "same.py"), "x = 999\n");
  gateway = await gateway.resume();
  await ideReady(gateway);
  await owner.goto(gateway.url);
  await workbenchVisible(owner);
  await ui.statusBar().waitFor();
  await ui.showShares();
  await ui.clickFor(ui.viewRow("Changed by guests"), ui.viewRow("Version of Bob"));
  const diff = owner.locator(".monaco-diff-editor");
  await ui.clickFor(ui.viewRow("Version of Bob"), diff.getByText("x = 345").first());
  await diff.getByText("x = 999").first().waitFor();
  await screenshot(owner, "owner-and-guest-version");
  const actions = ui.viewRow("Version of Bob").getByRole("button");
  await expect.poll(() => actions.count(), patience).toBe(1);
  await ui.rowButton("Version of Bob", "Restore the Guest’s Version");
  await ui.answerDialog("Restore same.py?", "Restore");
  await expect.poll(() => content("same.py"), patience).toBe("x = 345\n");
});

it("R13: a guest's version is restored byte by byte into the renamed file", async () => {
  const session = await (await new GuestClient(gateway.url, link).enter("Eve")).session();
  expect(await session.ask("rename", { from: "same.py", to: "renamed.py" })).toMatchObject({ name: "renamed.py" });
  session.close();
  await writeFile(join(gateway.workspace, "renamed.py"), Buffer.from([0x78, 0xff, 0x00, 0x0a]));
  // Until then the version's row of the test before is still there, and would restore the old name.
  await ui.viewRow("renamed from").first().waitFor();
  await ui.clickFor(ui.viewRow("renamed from"), ui.viewRow("Version of Bob"));
  await ui.rowButton("Version of Bob", "Restore the Guest’s Version");
  await ui.answerDialog("Restore renamed.py?", "Restore");
  await expect.poll(() => content("renamed.py"), patience).toBe("x = 345\n");
  await expect(content("same.py")).rejects.toThrow("ENOENT");
});
