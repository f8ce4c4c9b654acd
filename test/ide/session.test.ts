import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { expect, vi } from "vitest";
import { it } from "../support/fixtures.ts";
import { launcher, type RunningGateway, runWaiide } from "../support/gateway.ts";
import { newPage, openTerminal, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { runCommand } from "../support/page/palette.ts";
import { patience } from "../support/patience.ts";

const files = {
  "analysis.py": 'import math\n\nfor radius in range(1, 6):\n    print(f"{radius}: {math.pi * radius ** 2:.2f}")\n',
  "README.md": "# A project\n",
  "data/points.csv": "x,y\n1,2\n3,4\n",
};

it.override("gatewayOptions", { files, home: { ".bashrc": "PS1='\\w$ '\n" } });

const run = promisify(execFile);

/** The tests follow one session, in one window. */
let page: Page;
it.beforeAll(async ({ gateway, browser }) => {
  ({ page } = await newPage(browser));
  await page.goto(gateway.url);
});

const editor = (name: string) => page.locator(`.monaco-editor[data-uri$='${name}'] .view-line`).first();

it("opens the workspace in a real VS Code", async () => {
  await workbenchVisible(page);
  const file = page.locator(".explorer-folders-view").getByText("analysis.py");
  await expect.poll(() => file.count(), patience).toBe(1);
  expect(await page.getByText("Do you trust the authors").count()).toBe(0);
  expect(await page.getByText("Build with Agent").count()).toBe(0);
});

it("edits a file and saves it to the disk", async ({ gateway }) => {
  await page.locator(".explorer-folders-view").getByText("analysis.py").dblclick();
  await editor("analysis.py").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# Areas of circles\n");
  await page.keyboard.press("Control+s");
  await vi.waitFor(async () => {
    expect(await readFile(join(gateway.workspace, "analysis.py"), "utf8")).toMatch(/^# Areas of circles\n/);
  }, patience);
});

it("runs a command in the terminal", async ({ gateway }) => {
  // A shell that starts before our extension gets “code” only when it is started anew, as VS Code offers then.
  await new ExtensionPage(page).statusBar().waitFor();
  await openTerminal(page);
  await page.keyboard.type("python3 analysis.py | tee areas.txt\n");
  await vi.waitFor(async () => {
    expect(await readFile(join(gateway.workspace, "areas.txt"), "utf8")).toContain("5: 78.54");
  }, patience);
  await page.locator(".explorer-folders-view").getByText("areas.txt").waitFor();
  await screenshot(page, "session");
});

it("opens a file from the terminal by the IDE's own command, and by “code”", async () => {
  // Together, as the first file takes the keyboard away from the terminal.
  await page.keyboard.type("code-server data/points.csv && code -g README.md:1\n");
  const tab = (name: string) => page.locator(".tabs-container .tab").filter({ hasText: name });
  // The one that comes later is in front.
  for (const name of ["points.csv", "README.md"]) await tab(name).waitFor();
  await tab("README.md").click();
  await editor("README.md").waitFor();
});

it("opens files from outside of the IDE, as in ssh and tmux, in the window used last", async ({ gateway }) => {
  const waiide = (...args: string[]) => runWaiide(args, gateway.environment, gateway.workspace);
  expect(await waiide("new.txt")).toEqual({ code: 0, stdout: "", stderr: "" });
  await page.locator(".tabs-container .tab.active").filter({ hasText: "new.txt" }).waitFor();
  expect(await waiide("code", "--diff", "README.md", "analysis.py")).toMatchObject({ code: 0 });
  await page.locator(".monaco-diff-editor").first().waitFor();
});

it("“code --wait” returns when the file is closed, as git's editor does", async ({ gateway }) => {
  const git = (...args: string[]) => run("git", args, { cwd: gateway.workspace, env: gitEnvironment(gateway) });
  await git("init", "--quiet");
  const committed = git("commit", "--allow-empty");
  await editor("COMMIT_EDITMSG").waitFor();
  await editor("COMMIT_EDITMSG").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("Written in the IDE");
  await page.keyboard.press("Control+s");
  await page.locator(".tabs-container .tab.active:not(.dirty)").filter({ hasText: "COMMIT_EDITMSG" }).waitFor();
  await runCommand(page, "View: Close Editor");
  await committed;
  expect((await git("log", "--format=%s")).stdout).toBe("Written in the IDE\n");
});

function gitEnvironment({ environment }: RunningGateway): NodeJS.ProcessEnv {
  const person = { GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.org" };
  return {
    ...environment,
    ...person,
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.org",
    GIT_EDITOR: `"${launcher}" code --wait`,
  };
}
