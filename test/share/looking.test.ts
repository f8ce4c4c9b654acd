import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GuestClient, type SessionClient } from "../../packages/gateway/test/support/guest-client.ts";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, screenshot, workbenchVisible } from "../support/page/browser.ts";
import { explorerRow, guestWorkbenchVisible } from "../support/page/guest-workbench.ts";
import { openNotebook } from "../support/page/hostile-notebook.ts";
import { patience } from "../support/patience.ts";
import { comeIn, createShare } from "../support/sharing.ts";

/** Reports in its own frame that it ran, and tries its attack. */
const script = (mark: string) =>
  `<p>html of ${mark}</p><script>document.body.append("script of ${mark} ran"); try { top.attacked = "${mark}"; } catch {}</script>`;
const output = (mark: string) => ({ output_type: "display_data", data: { "text/html": script(mark) }, metadata: {} });
const cell = (mark: string, outputs: object[] = []) => ({
  cell_type: "code",
  execution_count: null,
  id: mark,
  metadata: {},
  outputs,
  source: `cell_${mark}`,
});
const notebook = (...cells: object[]) =>
  `${JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }, undefined, 1)}\n`;

const own = notebook(cell("owner", [output("owner")]));

let browser: Browser;
let gateway: RunningGateway;
let owner: Page;
let link: string;
let session: SessionClient;

beforeAll(async () => {
  const files = { "a.ipynb": own, "x.txt": notebook(cell("renamed", [output("renamed")])) };
  [browser, gateway] = await Promise.all([launchBrowser(), startGateway({ files })]);
  await ideReady(gateway);
  ({ page: owner } = await newPage(browser));
  await owner.goto(gateway.url);
  await workbenchVisible(owner);
  ({ url: link } = await createShare(gateway, "--permission", "edit"));
  session = await (await new GuestClient(gateway.url, link).enter("Eve")).session();
});
afterAll(async () => {
  session?.socket.close();
  await browser.close();
  await gateway.stop();
});

/** How often a text is visible in the IDE, webviews included. */
async function shown(text: string | RegExp): Promise<number> {
  const counts = owner.frames().map((frame) =>
    frame
      .getByText(text)
      .count()
      .catch(() => 0),
  );
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

const onDisk = () => readFile(join(gateway.workspace, "a.ipynb"), "utf8");

async function save(content: string) {
  const read = await session.ask("read", { path: "a.ipynb" });
  const base = "version" in read ? (read.version ?? null) : null;
  return session.ask("write", { path: "a.ipynb", base, content, encoding: "utf8" });
}

it("R11: a notebook that a guest saved runs nothing in the owner's IDE", async () => {
  await openNotebook(owner, "a.ipynb");
  // The owner's own output runs, so a guest's would, too.
  await expect.poll(() => shown("script of owner ran"), patience).toBeGreaterThan(0);
  const attacks = [
    notebook(cell("owner", [output("owner")]), cell("guest", [output("guest")])),
    notebook(cell("owner", [output("guest")])),
    notebook(cell("owner"), {
      cell_type: "markdown",
      metadata: {},
      source: `<img src=x onerror='top.attacked="guest"'>`,
    }),
    notebook(
      cell("owner", [
        {
          output_type: "error",
          ename: "E",
          evalue: "e",
          traceback: [`<a href="x"><img src=x onerror='top.attacked="guest"'></a>`],
        },
      ]),
    ),
  ];
  for (const attack of attacks) {
    expect(await save(attack)).toMatchObject({
      code: "UNSAFE",
      message: expect.stringMatching(/^Cell [12]: (an? |its Markdown )/),
    });
    expect(await onDisk()).toBe(own);
  }
  expect(await session.ask("rename", { from: "x.txt", to: "x.ipynb" })).toMatchObject({ code: "UNSAFE" });

  // Inert content appears at once, so anything refused would have appeared before it.
  const inert = notebook(cell("owner", [output("owner")]), cell("guest"), {
    cell_type: "markdown",
    metadata: {},
    source: "a **harmless** remark by Eve",
  });
  expect(await save(inert)).toHaveProperty("version");
  await expect.poll(() => shown("a harmless remark by Eve"), patience).toBeGreaterThan(0);
  expect(await shown(/(script|html) of guest/)).toBe(0);
  expect(await owner.evaluate(() => (globalThis as { attacked?: string }).attacked ?? "owner")).toBe("owner");
  await screenshot(owner, "owner-notebook-of-guests");
});

it("R11: a refused save names the cell and the reason; what was typed stays", async () => {
  const { page } = await newPage(browser);
  await writeFile(join(gateway.workspace, "a.ipynb"), own);
  await page.goto(link);
  await comeIn(page, "Bob");
  await guestWorkbenchVisible(page);
  await explorerRow(page, "a.ipynb").dblclick();
  await page.getByRole("button", { name: "+ Text" }).press("Enter");
  await page.locator(".cell .monaco-editor").last().waitFor();
  await page.keyboard.type("<img src=x onerror=alert(1)>");
  const reason = page.locator(".notification-list-item", {
    hasText: "Failed to save 'a.ipynb': Cell 2: its Markdown has HTML",
  });
  await reason.first().waitFor();
  await screenshot(page, "guest-notebook-refused");
  expect(await onDisk()).not.toContain("onerror");
  // What was typed is still there. Without the HTML the cell is saved.
  await page.locator(".cell .view-line", { hasText: "onerror" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("plain text");
  await page.keyboard.press("Control+s");
  await expect.poll(onDisk, patience).toContain("plain text");
  await page.context().close();
});
