import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { screenshot } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import type { GuestPage } from "../../support/guest-page.ts";
import { ReusedShare } from "../../support/reused-share.ts";
import type { SharedGateway } from "../../support/shared-gateway.ts";
import type { Workspace } from "../../support/workspace.ts";

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

/** A table of pandas, figures of Plotly with and without their script, and a chart of Altair. */
async function libraryOutputs(): Promise<string> {
  const plotly = createRequire(import.meta.url).resolve("plotly.js-dist-min/plotly.min.js");
  const fixture = JSON.parse(await readFile(join(import.meta.dirname, "../../fixtures/outputs.ipynb"), "utf8"));
  const library = fixture.cells[1].outputs[0].data["text/html"].join("");
  const script = await readFile(plotly, "utf8");
  fixture.cells[1].outputs[0].data["text/html"] = library.replace("{plotly.js}", () => script);
  return JSON.stringify(fixture);
}

let share: ReusedShare<"guest">;
let workspace: Workspace;
let server: SharedGateway;
let guest: GuestPage;

beforeAll(async () => {
  share = new ReusedShare(["guest"], { files: { "a.ipynb": text, "real.ipynb": await libraryOutputs() } });
});
afterAll(() => share.close());
beforeEach(async () => {
  ({
    workspace,
    server,
    guests: { guest },
  } = await share.begin());
});
afterEach((context) => share.end(context));

it("shows cells and stored outputs: Markdown, formulas, tables, colors, errors", async () => {
  await guest.row("a.ipynb").dblclick();
  const { page } = guest;
  await page.frameLocator(".safe-frame.cell").getByRole("heading", { name: "Heading" }).waitFor();
  await page.frameLocator(".safe-frame.cell").locator(".katex").first().waitFor();
  await page.frameLocator(".output-frame").first().getByText("cell of a table").waitFor();
  await page.locator(".text-output .ansi-fg-ansi-red", { hasText: "red" }).waitFor();
  await page.locator(".text-output", { hasText: "<b>text</b>" }).waitFor();
  await page.locator(".text-output.error", { hasText: "E: v" }).waitFor();
});

it("R18: a script in an output runs only on request, and reaches nothing", async () => {
  await guest.row("a.ipynb").dblclick();
  const { page } = guest;
  const url = page.url();
  await page.frameLocator(".output-frame[title='Output']").last().getByText("still").waitFor();
  await page.getByRole("button", { name: "Run this output's script" }).press("Enter");
  const said = page.frameLocator(".output-frame[title='Output with its script']").locator("#said");
  await said.getByText("fetch").waitFor();
  expect(await said.innerText()).toBe(
    "cookie: SecurityError, parent: SecurityError, storage: SecurityError, top: SecurityError, fetch: TypeError",
  );
  expect([page.url(), guest.outside]).toEqual([url, []]);
});

it("content that is not shown has a line in its place", async () => {
  const { page } = guest;
  const output = `before<audio controls src="data:audio/wav;base64,UklGRg=="></audio>
    <video src="film.mp4"></video><iframe src="https://tube.example/1"></iframe><object data="a.pdf"></object>
    <form>Name <input></form><input type="hidden"><button>Go</button><button>Stop</button><new-player></new-player>
    <svg><use href="#a"/><circle r="9"/></svg><style>p { color: red }</style><style>b { color: red }</style>
    <noscript><p>without scripts</p><audio src="b.ogg"></audio></noscript><p>after</p>`;
  const table = `<style scoped>.dataframe tbody tr th { vertical-align: top; }\n.dataframe thead th { text-align: right; }</style>
    <table class="dataframe"><tr><td>cell of a table</td></tr></table>`;
  const drawing = "<svg><script>alert(1)</script><circle r='9'/></svg>";
  const cells = [
    {
      cell_type: "markdown",
      metadata: {},
      source: ["Listen: <audio src='a.ogg'></audio><script>alert(1)</script><style>p {}</style>"],
    },
    cell("Audio(a)", [
      display({ "text/html": output }),
      display({ "image/svg+xml": drawing }),
      display({ "text/html": table }),
    ]),
  ];
  await workspace.write("left-out.ipynb", JSON.stringify({ ...notebook, cells }));
  await guest.row("left-out.ipynb").dblclick();
  const frame = page.frameLocator(".output-frame").first();
  await frame.getByText("after").waitFor();
  expect(await frame.locator(".not-fetched").allInnerTexts()).toEqual([
    "[An audio player of this output is not shown here.]",
    "[A video of this output is not shown here.]",
    "[An embedded page from tube.example of this output is not shown here.]",
    "[An embedded object of this output is not shown here.]",
    "[A form of this output cannot be filled in here.]",
    "[Buttons and fields of this output are not shown here.]",
    "[Parts of a picture of this output are not shown here.]",
    "[Styles of this output are not applied here.]",
    "[An audio player of this output is not shown here.]",
    "[Not all of this output is shown here: <new-player>]",
  ]);
  await page.frameLocator(".output-frame").nth(1).getByText("A script of this output does not run here.").waitFor();
  expect(await page.frameLocator(".safe-frame.cell").locator(".not-fetched").allInnerTexts()).toEqual([
    "[An audio player of this text is not shown here.]",
    "[A script of this text does not run here.]",
    "[Styles of this text are not applied here.]",
  ]);
  await frame.getByText("without scripts").waitFor();
  const plain = page.frameLocator(".output-frame").nth(2);
  await plain.getByText("cell of a table").waitFor();
  expect(await plain.locator(".not-fetched").count()).toBe(0);
  expect(guest.outside).toEqual([]);
  await screenshot(page, "guest-left-out");
});

it("the same editor shows one notebook after the other, and lets go of the last", async () => {
  await guest.row("a.ipynb").dblclick();
  const pane = guest.page.locator(".waiide-pane.notebook");
  const shows = (source: string) => pane.locator(".cell.code", { hasText: source }).waitFor();
  await shows("print()");
  await pane.evaluate((element) => element.setAttribute("data-first", "yes"));
  await workspace.write("b.ipynb", JSON.stringify({ ...notebook, cells: [cell("second()", [])] }));
  await guest.row("b.ipynb").dblclick();
  await shows("second()");
  expect(await pane.getAttribute("data-first")).toBe("yes");
  expect(await pane.locator(".cell", { hasText: "print()" }).count()).toBe(0);
});

describe("a notebook that takes long to load", () => {
  let answer: () => void;

  /** Another one is open. */
  async function open(slow: string): Promise<void> {
    await guest.row("a.ipynb").dblclick();
    await workspace.write(slow, JSON.stringify({ ...notebook, cells: [cell("slow()", [])] }));
    answer = server.network.hold("read", slow);
    await guest.row(slow).dblclick();
    const expected = { method: "read", params: expect.objectContaining({ path: slow }) };
    await vi.waitFor(() => expect(server.network.asked).toContainEqual(expected), patience);
  }

  it("is not shown in the place of the one that was opened after it", async () => {
    await open("slow.ipynb");
    const { page } = guest;
    await workspace.write("quick.ipynb", JSON.stringify({ ...notebook, cells: [cell("quick()", [])] }));
    await workspace.write("text.txt", "beside\n");
    await guest.row("quick.ipynb").dblclick();
    await page.locator(".cell.code", { hasText: "quick()" }).waitFor();
    answer();
    // Asked for after it: once this is there, the slow one has been loaded.
    await guest.row("text.txt").click({ modifiers: ["Alt"] });
    await guest.line("beside").waitFor();
    expect(await page.locator(".cell.code").allInnerTexts()).toEqual([expect.stringContaining("quick()")]);
    await guest.row("slow.ipynb").dblclick();
    await page.locator(".cell.code", { hasText: "slow()" }).waitFor();
  });

  it("leaves no buttons that would change the one before it", async () => {
    await open("slower.ipynb");
    const buttons = guest.page.getByRole("button", { name: "+ Code" });
    await expect.poll(() => buttons.count()).toBe(0);
    answer();
    await buttons.waitFor();
    await guest.page.locator(".cell.code", { hasText: "slow()" }).waitFor();
  });

  it("and no longer exists: the page says so", async () => {
    await open("slowest.ipynb");
    await rm(join(workspace.folder, "slowest.ipynb"));
    answer();
    await guest.page.getByRole("dialog").getByText("Unable to open 'slowest.ipynb'").waitFor();
  });
});

/** Each word of code and its colour, in cells and in the Markdown of cells. */
const colours = () =>
  guest.page.evaluate(() => {
    const frames = [...document.querySelectorAll<HTMLIFrameElement>(".safe-frame.cell")];
    const texts = [document, ...frames.map((frame) => frame.contentDocument ?? new Document())];
    const words = texts.flatMap((text) => [...text.querySelectorAll<HTMLElement>(".cell-source span, main pre span")]);
    return words.map((word) => `${word.textContent} ${getComputedStyle(word).color}`);
  });

it("code has the colors of each system theme, in cells and in Markdown", async () => {
  const code = 'def half(x):\n    return "text", x / 2  # comment\n';
  const markdown = { cell_type: "markdown", metadata: {}, source: ["```python\n", code, "```\n"] };
  await workspace.write("colors.ipynb", JSON.stringify({ ...notebook, cells: [markdown, cell(code, [])] }));
  const { page } = guest;
  const shown = async (scheme: "light" | "dark") => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.locator(`body[data-theme="${scheme}"]`).waitFor();
    await guest.row("colors.ipynb").dblclick();
    // Cell and Markdown are coloured one after the other: both are there once both have their first word.
    await expect
      .poll(async () => {
        const all = await colours();
        const both = all.filter((word) => word.startsWith("def "));
        return [both.length, new Set(all.map((word) => word.split(" rgb")[1])).size > 8];
      })
      .toEqual([2, true]);
    return colours();
  };
  const dark = await shown("dark");
  await page.reload();
  const light = await shown("light");
  expect(light).not.toEqual(dark);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(colours).toEqual(dark);
});

it("Full Access edits cells; only changed ones are rewritten", async () => {
  const { page } = guest;
  await workspace.write("edited.ipynb", text);
  await guest.row("edited.ipynb").dblclick();
  const code = page.locator(".cell.code").nth(1);
  await code.hover();
  await code.getByRole("button", { name: "Edit" }).click();
  await code.locator(".monaco-editor textarea, .native-edit-context").first().waitFor({ state: "attached" });
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nmore");
  const expected = text.replace('"print()"', '"print()\\n",\n    "more"');
  await expect.poll(() => readFile(join(workspace.folder, "edited.ipynb"), "utf8")).toBe(expected);
});

it("R18: WebRTC is no way out of an output's frame", async () => {
  await guest.row("a.ipynb").dblclick();
  const { page } = guest;
  const peer = createSocket("udp4").bind(0, "127.0.0.1");
  await once(peer, "listening");
  let packets = 0;
  peer.on("message", () => packets++);
  const stun = `stun:127.0.0.1:${peer.address().port}`;
  const call = `const connection = new RTCPeerConnection({iceServers: [{urls: "${stun}"}]});
connection.createDataChannel("x");
connection.createOffer().then((offer) => connection.setLocalDescription(offer));`;
  const html = `<p id="said">still</p><script>
const said = document.getElementById("said");
try { ${call} said.textContent = "made"; } catch (error) { said.textContent = "refused: " + error.name; }
</script>`;
  await workspace.write(
    "call.ipynb",
    JSON.stringify({ ...notebook, cells: [cell("call()", [display({ "text/html": html })])] }),
  );
  await guest.row("call.ipynb").dblclick();
  const response = page.waitForResponse((each) => each.url().includes("/scripted-"));
  // The notebook that was open before has such a button, too.
  const only = page.getByRole("region", { name: "cell 1 of 1" });
  await only.getByRole("button", { name: "Run this output's script" }).press("Enter");
  const said = only.frameLocator(".output-frame[title='Output with its script']").locator("#said");
  await said.getByText("refused").waitFor();
  expect([await said.innerText(), packets]).toEqual(["refused: ReferenceError", 0]);
  // What a frame made inside it would find again is refused by the browser itself.
  expect((await (await response).allHeaders())["connection-allowlist"]).toBe("()");
  // A connection of the page's own reaches the same place: so it would have been heard.
  await page.evaluate(`(() => { ${call} globalThis.kept = connection; })()`);
  await vi.waitFor(() => expect(packets).toBeGreaterThan(0), patience);
  await page.evaluate("kept.close()");
  peer.close();
});

describe("an incomplete notebook", () => {
  it("a damaged one says what is wrong, and is not changed by viewing", async () => {
    const { page } = guest;
    const broken = { "cut.ipynb": text.slice(0, -30), "odd.ipynb": text.replace('"outputs": [', '"outputs": [null, ') };
    for (const [name, content] of Object.entries(broken)) await workspace.write(name, content);
    await guest.row("cut.ipynb").dblclick();
    await page.getByText(/^This notebook is damaged: it is not valid JSON \(line \d+, column \d+\)/).waitFor();
    await guest.row("odd.ipynb").dblclick();
    await page.getByText("This notebook is damaged: cell 2 has a damaged output (number 1).").waitFor();
    await page.getByRole("region", { name: "cell 5 of 5" }).waitFor();
    expect(await page.getByRole("button", { name: "+ Code" }).count()).toBe(0);
    for (const [name, content] of Object.entries(broken)) {
      expect(await readFile(join(workspace.folder, name), "utf8")).toBe(content);
    }
    expect(server.network.asked.filter(({ method }) => method === "write")).toEqual([]);
    // Once it is whole, it is a notebook like any other.
    await workspace.write("odd.ipynb", text);
    await page.getByRole("button", { name: "+ Code" }).waitFor();
  });

  it("an old one is named, and shown", async () => {
    const cells = [{ cell_type: "code", input: "old_code()", outputs: [{ output_type: "pyout", text: "old result" }] }];
    await workspace.write("old.ipynb", JSON.stringify({ worksheets: [{ cells }], nbformat: 3, nbformat_minor: 0 }));
    await guest.row("old.ipynb").dblclick();
    await guest.page.getByText("This notebook has the old format 3").waitFor();
    await guest.page.getByText("old result").waitFor();
    expect(await guest.page.getByRole("button", { name: "+ Code" }).count()).toBe(0);
  });

  it("an empty one is new: its first cell makes it whole", async () => {
    await guest.row("a.ipynb").dblclick();
    const cells = guest.page.locator(".waiide-pane.notebook .cell");
    await cells.first().waitFor();
    await workspace.write("new.ipynb", "");
    await guest.row("new.ipynb").dblclick();
    // Until then the buttons are those of the notebook before it.
    await expect.poll(() => cells.count(), patience).toBe(0);
    await guest.page.getByRole("button", { name: "+ Code" }).press("Enter");
    await guest.page
      .locator(".cell .monaco-editor textarea, .cell .monaco-editor .native-edit-context")
      .first()
      .waitFor({ state: "attached" });
    await guest.page.keyboard.type("x = 1");
    const saved = async () => JSON.parse((await readFile(join(workspace.folder, "new.ipynb"), "utf8")) || "{}");
    await expect.poll(saved).toMatchObject({ cells: [{ cell_type: "code", source: ["x = 1"] }], nbformat: 4 });
  });
});

// Buttons are pressed by key: a click may fall beside one that moves, as outputs above it are still growing.
describe("what libraries really store", () => {
  /** Why the browser let none of the requests to other places out. */
  const refusals = (page: Page) => {
    const reasons = new Map<string, string | undefined>();
    page.on("requestfailed", (request) => reasons.set(request.url(), request.failure()?.errorText));
    return () => guest.outside.map((url) => reasons.get(url));
  };

  beforeEach(async () => {
    await guest.row("real.ipynb").dblclick();
  });

  it("a table of pandas, without a script", async () => {
    await guest.page.frameLocator(".output-frame").first().getByRole("cell", { name: "Ada" }).waitFor();
  });

  it("a figure of Plotly is drawn by the script that Plotly stored before it", async () => {
    const { page } = guest;
    const refused = refusals(page);
    const figure = page.getByRole("region", { name: "cell 2 of 4" });
    await figure.getByRole("button", { name: "Run this output's script" }).last().press("Enter");
    const frame = figure.frameLocator(".output-frame[title='Output with its script']");
    await frame.locator(".js-plotly-plot .barlayer path").first().waitFor();
    await frame.getByText("Real figure").waitFor();
    // Plotly asks for MathJax, and does without.
    await expect.poll(refused).toEqual(["csp"]);
  });

  it("a figure that is kept as data only says how to keep it whole", async () => {
    await guest.page.getByText("Plotly, without its script").waitFor();
  });

  it("a chart of Altair needs external scripts, does not get them, and a line says so", async () => {
    const refused = refusals(guest.page);
    const chart = guest.page.getByRole("region", { name: "cell 4 of 4" });
    await chart.getByRole("button", { name: "Run this output's script" }).press("Enter");
    await chart.getByText("This output needs something from cdn.jsdelivr.net").waitFor();
    await expect.poll(refused).toEqual(["csp"]);
  });
});
