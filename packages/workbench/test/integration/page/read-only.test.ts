import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { SharedGateway } from "../../support/shared-gateway.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

/** A file's name may say anything. */
const hostile = "[x](command:workbench.action.showCommands).txt";
const files: Readonly<Record<string, string>> = {
  "conftest.py": "protected\n",
  "locked.txt": "locked\n",
  "large.txt": "large\n".repeat(1_000),
  "free.txt": "free\n",
  [hostile]: "hostile\n",
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

/** What is said to somebody who types in the file that is looked at. */
async function refusal(): Promise<string> {
  await guest.page.keyboard.type("x");
  const message = guest.page.locator(".monaco-editor-overlaymessage .message");
  await message.waitFor();
  const text = await message.innerText();
  expect(await message.locator("a").count()).toBe(0);
  await guest.page.keyboard.press("Escape");
  await message.waitFor({ state: "detached" });
  return text;
}

describe("a file that a guest with Full Access cannot change says why", () => {
  it("text that is not UTF-8 is read-only from the first letter, and no byte changes", async () => {
    const file = join(workspace.folder, "latin.txt");
    const bytes = Buffer.from("caf\xe9\n", "latin1");
    await writeFile(file, bytes);
    server = await SharedGateway.start(workspace.folder, { permission: "edit" });
    guest = await GuestPage.open(browser, server);
    await guest.openFile("latin.txt", "caf");
    expect(await refusal()).toBe(
      "This file is not text in UTF-8. Guests cannot change it, because saving it here would damage it.",
    );
    expect(await readFile(file)).toEqual(bytes);
    // Once it is, guests change it.
    await writeFile(file, "café\n");
    await guest.line("café").click();
    await guest.page.locator('.monaco-editor [aria-autocomplete="both"]').first().waitFor({ state: "attached" });
    await guest.page.keyboard.press("Control+Home");
    await guest.page.keyboard.type("un ");
    await expect.poll(() => readFile(file, "utf8")).toBe("un café\n");
  });

  it("R11: protected, locked on the disk, too large; the next one is changed", async () => {
    for (const name of ["locked.txt", hostile]) await chmod(join(workspace.folder, name), 0o444);
    server = await SharedGateway.start(workspace.folder, { permission: "edit" }, { readLimit: 5_000 });
    guest = await GuestPage.open(browser, server);
    const reasons = {
      "conftest.py":
        "Protected: test runners, linters and formatters run it when the folder is opened or a file is saved.",
      "locked.txt": "This file is read-only on the owner's disk.",
      "large.txt": "This file is too large to be changed here.",
      [hostile]: "This file is read-only on the owner's disk.",
    };
    for (const [name, reason] of Object.entries(reasons)) {
      await guest.row(name).dblclick();
      await guest.line(files[name]?.split("\n")[0] ?? "").click();
      expect(await refusal(), name).toBe(reason);
    }
    await guest.openFile("free.txt", "free");
    await guest.page.keyboard.press("Control+Home");
    await guest.page.keyboard.type("x");
    await expect.poll(() => readFile(join(workspace.folder, "free.txt"), "utf8")).toBe("xfree\n");
    expect(server.network.asked.filter(({ method }) => method === "write")).toEqual([]);
    for (const name of Object.keys(reasons)) {
      expect(await readFile(join(workspace.folder, name), "utf8"), name).toBe(files[name]);
    }
  });

  it("R12: a selection that is out of date", async () => {
    const part = { file: "free.txt", line: 1, end_line: 1 };
    server = await SharedGateway.start(workspace.folder, { permission: "edit", ...part });
    guest = await GuestPage.open(browser, server);
    await guest.line("free").waitFor();
    // While somebody is in it, it moves with the text.
    await guest.close();
    await server.untilNothingIsLive();
    await workspace.write("free.txt", "other text\nand more\n");
    guest = await GuestPage.open(browser, server);
    await guest.page.getByRole("status").getByText("Out of date").waitFor();
    await guest.page.locator('.monaco-editor [aria-autocomplete="none"]').first().waitFor({ state: "attached" });
    expect(await refusal()).toBe(
      "Out of date: the file has changed, and the position of this part is no longer certain.",
    );
  });
});

it("a lowered share replaces another reason of a file", async () => {
  server = await SharedGateway.start(workspace.folder, { permission: "edit" });
  guest = await GuestPage.open(browser, server);
  await guest.row("conftest.py").dblclick();
  await guest.line("protected").click();
  expect(await refusal()).toMatch(/^Protected: /);
  await server.change({ permission: "view" });
  await guest.page.getByText("This share is View Only now").waitFor({ state: "attached" });
  await guest.line("protected").click();
  expect(await refusal()).toBe("This share is View Only: you can view files, but not edit them.");
});
