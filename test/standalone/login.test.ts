import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { launcher } from "../support/gateway.ts";
import { stumblingBlocks } from "../support/page/accessibility.ts";
import { screenshot, workbenchVisible } from "../support/page/browser.ts";
import { runCommand } from "../support/page/palette.ts";

const hash = spawnSync(launcher, ["hash-password"], { input: "correct horse\n", encoding: "utf8" }).stdout.trim();

it.override("gatewayOptions", {
  files: { "data/points.csv": "x\n", "hello.py": "" },
  arguments: ["--auth", "password", "--hashed-password", hash, "--app-name", "Our Lab"],
});

it("a password logs in; the last folder opens again; Sign Out ends the login", async ({ gateway, page }) => {
  const folder = join(gateway.workspace, "data");
  await page.goto(`${gateway.url}?folder=${folder}`);
  await page.getByLabel("Password").fill("battery staple");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").filter({ hasText: "not the password" }).waitFor();
  expect(await stumblingBlocks(page)).toEqual([]);
  await screenshot(page, "login-password");
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Log in" }).click();
  await workbenchVisible(page);

  await page.goto(gateway.url);
  await workbenchVisible(page);
  await page.locator(".explorer-folders-view").getByText("points.csv").waitFor();
  await page.waitForFunction(() => document.title.includes("Our Lab"));

  await runCommand(page, "WAIIDE: Sign Out");
  await page.getByLabel("Password").waitFor();
  const answer = await page.request.get(`${gateway.url}api/status`);
  expect(answer.status()).toBe(401);
});
