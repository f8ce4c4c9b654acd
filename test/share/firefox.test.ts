import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, type RunningGateway, startGateway } from "../support/gateway.ts";
import { type Firefox, launchFirefox } from "../support/page/firefox.ts";
import { patience } from "../support/patience.ts";
import { createShare, share } from "../support/sharing.ts";

const poem = "one\ntwo\n";

let firefox: Firefox;
let gateway: RunningGateway;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  const port = String(await freePort());
  // Nobody opens the IDE, from which links would otherwise take their address.
  const flags = ["--port", port, "--public-url", `http://127.0.0.1:${port}`];
  [firefox, gateway] = await Promise.all([
    launchFirefox(),
    startGateway({ arguments: flags, files: { "poem.txt": poem } }),
  ]);
  page = await firefox.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
});
afterAll(async () => {
  await firefox.close();
  await gateway.stop();
});

const heading = (title: string) => page.locator(`::-p-aria([role="heading"][name="${title}"])`).wait();

it("in Firefox a guest joins by link, reads, edits and saves, until the end", async () => {
  const made = await createShare(gateway, "--permission", "Full Access");
  await page.goto(made.url);
  await page.locator("#name").fill("Bob");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  expect(page.url()).toBe(made.url.replace(/#.*/, ""));

  await page.locator('.explorer-folders-view [role="treeitem"][aria-label="poem.txt"]').click({ count: 2 });
  await page.locator(".editor-instance .view-line ::-p-text(one)").click();
  await page.keyboard.down("Control");
  await page.keyboard.press("Home");
  await page.keyboard.up("Control");
  await page.keyboard.type("from Firefox ");
  await page.keyboard.down("Control");
  await page.keyboard.press("s");
  await page.keyboard.up("Control");
  await expect.poll(() => readFile(join(gateway.workspace, "poem.txt"), "utf8"), patience).toBe(`from Firefox ${poem}`);

  expect(errors).toEqual([]);
  await share(gateway, "revoke", made.id);
  await heading("This share has ended");
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length), patience).toBe(0);
});
