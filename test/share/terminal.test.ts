import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CreatedShare } from "@waiide/protocol";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isRunning, pidFrom } from "../../packages/gateway/test/support/terminal-shares.ts";
import { ensureTmux } from "../../packages/gateway/test/support/tmux.ts";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, openTerminal, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { runCommand } from "../support/page/palette.ts";
import { patience } from "../support/patience.ts";
import { auditOf, comeIn, createShare, listShares, share } from "../support/sharing.ts";

const token = "the-owners-own-token-of-this-gateway";
const hubToken = "0123456789abcdef0123456789abcdef";
const ownersSettings = '{ "editor.tabSize": 3 }\n';
/** Starts programs in every way that outlives a terminal; each writes its process id into a file of its name. */
const everything = {
  setsid: "setsid sh -c 'echo $$ > setsid; exec sleep 600' &",
  nohup: "nohup sh -c 'echo $$ > nohup; exec sleep 600' > /dev/null 2>&1 &",
  orphan: "(setsid sh -c '(sleep 600 & echo $! > orphan)' &)",
  tmux: 'tmux -S "$PWD/tmux.sock" -f /dev/null new-session -d "echo \\$\\$ > tmux; sleep 600; :"',
};
/** A program of the guest that listens on a port of its own, and prints it. */
const program = `const server = require("node:http").createServer((_request, answer) => answer.end("from the guest's program"));
server.listen(0, "127.0.0.1", () => require("node:fs").writeFileSync(process.argv[2], server.address().port + "\\n"));
`;

let browser: Browser;
let gateway: RunningGateway;
let url: string;
let owner: Page;
let ownersProcess: number;
let made: CreatedShare;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  await ensureTmux();
  [browser, gateway] = await Promise.all([
    launchBrowser(),
    startGateway({
      arguments: ["--mode", "standalone", "--auth", "token", "--token", token],
      environment: { JUPYTERHUB_API_TOKEN: hubToken },
      home: {
        "project/report.md": "# Report\n",
        "project/start.sh": `cd "$HOME"\n${Object.values(everything).join("\n")}\n`,
        "project/program.cjs": program,
        ".WAIIDE-server/data/User/settings.json": ownersSettings,
      },
    }),
  ]);
  url = gateway.url.replace(/\?.*/, "");
  await ideReady(gateway);
  ({ page: owner } = await newPage(browser));
  await owner.goto(gateway.url);
  await workbenchVisible(owner);
  await openTerminal(owner);
  await owner.keyboard.type("sh -c 'echo $$ > ~/owner; exec sleep 600'\n");
  ownersProcess = await pidFrom(join(gateway.home, "owner"));
  made = await createShare(gateway, "--permission", "Terminal Access", "--root", join(gateway.home, "project"));
  ({ page, context } = await newPage(browser));
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

describe("R16: a guest with Terminal Access", () => {
  it("reads what that means, and confirms it, before anything opens", async () => {
    await page.goto(made.url);
    await page.getByText("You can run commands as the owner").waitFor();
    await page.getByText("do not log in to your own accounts there").waitFor();
    await screenshot(page, "share-landing-terminal");
    await page.getByLabel("Your name").fill("Bob");
    await page.getByRole("button", { name: "Open" }).click();
    expect(await page.getByLabel("I understand").evaluate((box) => box.matches(":invalid"))).toBe(true);
    expect(await context.cookies()).toEqual([]);
    expect(await listShares(gateway)).toMatchObject([{ id: made.id, guests: [] }]);
  });

  it("gets an IDE of the share's own, below the share, in the share's root", async () => {
    await comeIn(page, "Bob");
    await workbenchVisible(page);
    expect(page.url()).toMatch(new RegExp(`^${url}share/${made.id}/ide/#?$`));
    expect(await context.cookies()).toMatchObject([{ name: `waiide-${made.id}`, path: `/share/${made.id}/` }]);
    const explorer = page.locator(".explorer-folders-view");
    await explorer.getByText("report.md").waitFor();
    expect(await explorer.getByText("hello.py").count()).toBe(0);
    expect(await listShares(gateway)).toMatchObject([{ id: made.id, guests: [{ name: "Bob", present: true }] }]);
  });

  it("shows the owner, the level and the time left, and lets the guest leave", async () => {
    const bar = page.getByRole("group", { name: "This share" });
    await bar.getByText("Terminal Access", { exact: true }).waitFor();
    expect(await bar.innerText()).toMatch(/: project\s+Terminal Access\s+23 hours \d+ minutes left\s+Leave/);
    await screenshot(page, "share-terminal-bar");
    const { page: other, context: theirs } = await newPage(browser);
    await other.goto(made.url);
    await comeIn(other, "Eve");
    await workbenchVisible(other);
    await other.getByRole("group", { name: "This share" }).getByRole("button", { name: "Leave" }).click();
    await other.getByText("You have left this share.").waitFor();
    expect(await theirs.cookies()).toEqual([]);
    await theirs.close();
  });

  it("keeps the link's secret out of the address also where the link is opened again", async () => {
    const tab = await context.newPage();
    await tab.goto(made.url, { waitUntil: "commit" });
    expect(tab.url()).toBe(`${url}share/${made.id}/ide/#`);
    // A tab that is closed while its page starts to load can hang.
    await workbenchVisible(tab);
    await tab.close();
  });

  it("may use its terminal: marked as the share's, without control socket and tokens", async () => {
    await openTerminal(page);
    await page.keyboard.type("pwd > ~/pwd; env > ~/environment.txt; touch ~/written\n");
    await vi.waitFor(() => expect(existsSync(join(gateway.home, "written"))).toBe(true), patience);
    expect(await readFile(join(gateway.home, "pwd"), "utf8")).toBe(`${join(gateway.home, "project")}\n`);
    const environment = await readFile(join(gateway.home, "environment.txt"), "utf8");
    expect(environment).toContain(`WAIIDE_SHARE=${made.id}\n`);
    expect(environment).not.toMatch(/^(WAIIDE_CONTROL_SOCKET|WAIIDE_TOKEN|JUPYTERHUB_API_TOKEN|JPY_API_TOKEN)=/m);
    for (const secret of [token, hubToken]) expect(environment).not.toContain(secret);
  });

  it("opens a port of what runs there below the share, and nowhere else", async () => {
    await page.keyboard.type(`${process.execPath} program.cjs ~/port &\n`);
    const port = await pidFrom(join(gateway.home, "port"));
    const tab = await context.newPage();
    await tab.goto(`${url}share/${made.id}/proxy/${port}/`);
    await tab.getByText("from the guest's program").waitFor();
    await tab.goto(`${url}proxy/${port}/`);
    await tab.getByLabel("Token").waitFor();
    await tab.close();
  });

  it("has its own settings: the owner's stay untouched", async () => {
    const settingsOf = (folder: string) => join(gateway.home, folder, "data/User/settings.json");
    const guests = settingsOf(`.WAIIDE-server/gateway/_/terminal/${made.id}`);
    expect(existsSync(guests)).toBe(false);
    await runCommand(page, "Preferences: Toggle between Light/Dark Themes");
    await vi.waitFor(async () => expect(await readFile(guests, "utf8")).toContain("workbench.colorTheme"), patience);
    expect(await readFile(settingsOf(".WAIIDE-server"), "utf8")).toBe(ownersSettings);
  });
});

describe("R16: the end of the share", () => {
  let second: Page;
  beforeAll(async () => {
    second = await context.newPage();
    await second.goto(`${url}share/${made.id}/ide/`);
    await workbenchVisible(second);
  });

  it("kills everything started inside, and spares the owner's processes", async () => {
    await page.locator(".terminal-wrapper.active .xterm-screen").click();
    await page.keyboard.type("sh start.sh\n");
    const pids = await Promise.all(Object.keys(everything).map((name) => pidFrom(join(gateway.home, name))));
    expect(pids.map(isRunning)).toEqual(pids.map(() => true));

    await share(gateway, "revoke", made.id);
    const revoked = performance.now();
    await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), { ...patience, interval: 20 });
    console.log(`all dead ${Math.round(performance.now() - revoked)} ms after the revocation was answered`);
    expect(isRunning(ownersProcess)).toBe(true);
    const folder = join(gateway.home, ".WAIIDE-server/gateway/_/terminal", made.id);
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), patience);
    expect(await readFile(join(gateway.home, ".WAIIDE-server/data/User/settings.json"), "utf8")).toBe(ownersSettings);
    await vi.waitFor(async () => {
      const [kill] = (await auditOf(gateway, made.id)).filter(({ event }) => event === "kill");
      expect(kill?.details.processes).toBeGreaterThan(pids.length);
    }, patience);
  });

  it("sends the guest's open pages to a reason, whichever first loses the cookie", async () => {
    for (const open of [page, second]) {
      await open.getByText("You are no longer in this share").waitFor();
      expect(open.url()).toBe(`${url}share/${made.id}/`);
    }
    expect(await context.cookies()).toEqual([]);
    await screenshot(page, "share-ended");
    await page.goto(`${page.url()}ide/`);
    await page.getByText("The link is not complete").waitFor();
  });

  it("leaves the owner's IDE and terminal as they are", async () => {
    await owner.locator(".terminal-wrapper.active .xterm-screen").click();
    await owner.keyboard.press("Control+c");
    await owner.keyboard.type("echo $$ > ~/again\n");
    expect(isRunning(await pidFrom(join(gateway.home, "again")))).toBe(true);
    expect(isRunning(ownersProcess)).toBe(false);
  });
});
