import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { it } from "../support/fixtures.ts";
import { launcher } from "../support/gateway.ts";
import { startBackend } from "../support/http/backend.ts";
import { stumblingBlocks } from "../support/page/accessibility.ts";
import { screenshot, workbenchVisible } from "../support/page/browser.ts";
import { runCommand } from "../support/page/palette.ts";
import { forwardPort } from "../support/page/ports-view.ts";

const hash = spawnSync(launcher, ["hash-password"], { input: "correct horse\n", encoding: "utf8" }).stdout.trim();

it.override("gatewayOptions", {
  // VS Code would forward every port that a program opens in between.
  settings: { "remote.autoForwardPorts": false },
  files: { "data/points.csv": "x\n", "hello.py": "" },
  arguments: [
    ...["--auth", "password", "--hashed-password", hash],
    ...["--app-name", "Our Lab", "--proxy-domain", "localhost"],
  ],
});

it("a password logs in, on port names too; the last folder opens; Sign Out ends it", async ({
  context,
  gateway,
  page,
}) => {
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

  // R32: a port on a name of its own, as VS Code opens it; the login of 127.0.0.1 comes along.
  const backend = await startBackend();
  onTestFinished(() => backend.close());
  const settings = await page.locator("#vscode-workbench-web-configuration").getAttribute("data-settings");
  const { productConfiguration } = JSON.parse(settings ?? "");
  const address = productConfiguration.proxyEndpointTemplate.replace("{{port}}", String(backend.port));
  expect(address).toBe(`http://${backend.port}.localhost:${new URL(gateway.url).port}/`);
  await page.getByRole("button", { name: "No Ports Forwarded" }).click();
  await forwardPort(page, backend.port, page.locator(".panel").getByText(address));
  await screenshot(page, "ports-view-names");
  const opening = context.waitForEvent("page");
  await page.evaluate((url) => void window.open(url, "_blank", "noopener"), address);
  const opened = await opening;
  await opened.getByRole("heading", { name: "from the port" }).waitFor();
  expect(opened.url()).toBe(address);
  expect(backend.seen[0]?.headers.cookie).toBeUndefined();
  const cookies = await context.cookies(address);
  expect(cookies.map(({ domain, httpOnly }) => [domain, httpOnly])).toEqual([[new URL(address).hostname, true]]);

  await runCommand(page, "WAIIDE: Sign Out");
  await page.getByLabel("Password").waitFor();
  const answer = await page.request.get(`${gateway.url}api/status`);
  expect(answer.status()).toBe(401);
  await opened.reload();
  await opened.getByLabel("Password").waitFor();
  expect(new URL(opened.url()).host).toBe(new URL(gateway.url).host);
});
