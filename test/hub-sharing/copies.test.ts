import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/hub/fixtures.ts";
import { Guest, Owner, sharingEnvironment } from "../support/hub/sharing.ts";
import { newPage, screenshot } from "../support/page/browser.ts";

it.override({
  hubOptions: { version: "5.5.4", users: ["alice", "bob"], environment: sharingEnvironment },
});

const files = {
  "README.md": "# Tides\n",
  ".env": "SECRET=1\n",
  ".devcontainer/devcontainer.json": JSON.stringify({
    image: "mcr.microsoft.com/devcontainers/python:3.12",
    initializeCommand: "touch initialized",
    postCreateCommand: "pip install -r requirements.txt",
  }),
};

it("R29, R30: bob copies what alice shares into his own server, through the hub", async ({ hub, browser }) => {
  const root = join(hub.home("alice"), "tides");
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const server = await hub.startServer("alice");
  await hub.startServer("bob");
  const owner = await Owner.of(hub, server);
  const copy = { files: true, settings: [], extensions: false };
  const made = await owner.create({ permission: "view", root, copy });
  const { page } = await newPage(browser);
  const { url, secret } = new Guest(hub, made);
  await page.goto(`${hub.url}login`);
  await hub.loginInBrowser(page, "bob");
  await page.waitForURL(/\/(?:hub\/home|user\/bob\/)/);
  // As the landing page does; the guest page itself is VS Code, which this test does not need.
  const entered = await page.request.post(`${url}enter`, { data: { secret, name: "Bob" } });
  expect(entered.status()).toBe(204);
  await page.goto(`${hub.url}user-redirect/copy?from=${encodeURIComponent(new URL(url).pathname)}`);
  await page.getByRole("button", { name: "Send the Copy" }).click();
  await page.getByRole("button", { name: "Copy", exact: true }).waitFor();
  const shown = (await page.locator("#preview").textContent()) ?? "";
  for (const text of ["alice", "initializeCommand", "touch initialized", "pip install -r requirements.txt"]) {
    expect(shown).toContain(text);
  }
  expect(page.url()).not.toContain("wct_");
  await screenshot(page, "copy-preview");
  const home = hub.home("bob");
  expect(await readdir(home)).not.toContain("tides");
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByRole("link", { name: "Open", exact: true }).waitFor();
  await screenshot(page, "copy-done");
  expect(await page.locator("#commands").textContent()).toBe("pip install -r requirements.txt");
  expect((await readdir(join(home, "tides"))).sort()).toEqual([".devcontainer", "README.md", "waiide-copy.json"]);
  expect(await readFile(join(home, "tides/README.md"), "utf8")).toBe("# Tides\n");
  const audit = JSON.stringify((await owner.ask("GET", "audit")).body);
  expect(audit).toContain("send-copy");
}, 600_000);
