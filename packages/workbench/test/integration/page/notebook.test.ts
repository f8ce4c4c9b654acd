import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/browser.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { SessionServer } from "../../support/session-server.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

/** Tries what a guest's session would be good for, and writes down what came of it. */
const attack = `<p id="said">still</p><script>
const said = [];
const attempt = (name, work) => { try { said.push(name + ": " + work()); } catch (error) { said.push(name + ": " + error.name); } };
attempt("cookie", () => document.cookie);
attempt("parent", () => parent.document.title);
attempt("storage", () => localStorage.length);
attempt("top", () => { top.location = "https://example.com/"; return "gone"; });
fetch("/user/alice/waiide/api").then(() => "reached", (error) => error.name).then((result) => {
  document.getElementById("said").textContent = [...said, "fetch: " + result].join(", ");
});
</script>`;

const cell = (source: string, outputs: object[]) => ({
  cell_type: "code",
  execution_count: 1,
  metadata: {},
  outputs,
  source: source.split(/(?<=\n)/),
});
const display = (data: object) => ({ output_type: "display_data", metadata: {}, data });
const notebook = {
  cells: [
    { cell_type: "markdown", metadata: {}, source: ["# Heading\n", "\n", "With $a^2$"] },
    cell("frame", [display({ "text/html": ["<table><tr><td>cell of a table</td></tr></table>"], "text/plain": "no" })]),
    cell("print()", [{ output_type: "stream", name: "stdout", text: ["\u001b[31mred\u001b[0m <b>text</b>\n"] }]),
    cell("attack()", [display({ "text/html": attack })]),
    cell("1/0", [{ output_type: "error", ename: "E", evalue: "v", traceback: ["\u001b[31mE\u001b[0m: v"] }]),
  ],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 4,
};
const text = `${JSON.stringify(notebook, undefined, 1)}\n`;

let browser: Browser;
let workspace: Workspace;
let server: SessionServer;
let guest: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  workspace = await makeWorkspace({ "a.ipynb": text });
  server = await SessionServer.start({ root: workspace.folder, level: "edit" });
  guest = await GuestPage.open(browser, server);
  await guest.row("a.ipynb").dblclick();
});
afterEach(async () => {
  await guest.close();
  await server.close();
  await workspace[Symbol.asyncDispose]();
});

it("shows cells and stored outputs: Markdown, maths, tables, colours of a terminal, errors", async () => {
  const { page } = guest;
  await page.frameLocator(".safe-frame.cell").getByRole("heading", { name: "Heading" }).waitFor();
  await page.frameLocator(".safe-frame.cell").locator(".katex").first().waitFor();
  await page.frameLocator(".output-frame").first().getByText("cell of a table").waitFor();
  await page.locator(".text-output .ansi-fg-ansi-red", { hasText: "red" }).waitFor();
  await page.locator(".text-output", { hasText: "<b>text</b>" }).waitFor();
  await page.locator(".text-output.error", { hasText: "E: v" }).waitFor();
});

it("R18: a script in an output runs only when somebody wants it, and then finds nothing", async () => {
  const { page } = guest;
  const url = page.url();
  await page.frameLocator(".output-frame[title='Output']").last().getByText("still").waitFor();
  await page.getByRole("button", { name: "Run this output's script" }).click();
  const said = page.frameLocator(".output-frame[title='Output with its script']").locator("#said");
  await said.getByText("fetch").waitFor();
  expect(await said.innerText()).toBe(
    "cookie: SecurityError, parent: SecurityError, storage: SecurityError, top: SecurityError, fetch: TypeError",
  );
  expect([page.url(), guest.outside]).toEqual([url, []]);
});

it("Full Access edits cells; only what was changed is written anew", async () => {
  const { page } = guest;
  const code = page.locator(".cell.code").nth(1);
  await code.hover();
  await code.getByRole("button", { name: "Edit" }).click();
  await code.locator(".monaco-editor textarea, .native-edit-context").first().waitFor({ state: "attached" });
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nmore");
  const expected = text.replace('"print()"', '"print()\\n",\n    "more"');
  await vi.waitFor(
    async () => expect(await readFile(join(workspace.folder, "a.ipynb"), "utf8")).toBe(expected),
    15_000,
  );
});
