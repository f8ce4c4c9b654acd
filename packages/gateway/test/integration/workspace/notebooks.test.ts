import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { versionOf } from "../../../src/workspace/documents/content.ts";
import { FileError } from "../../../src/workspace/file-error.ts";
import { pictureOf, setUp, TestGuest } from "./harness.ts";

type Thing = Readonly<Record<string, unknown>>;

const attack = "<script>top.attacked = true</script>";
const html = { output_type: "display_data", data: { "text/html": attack, "text/plain": "x" }, metadata: {} };
const table = {
  output_type: "execute_result",
  data: { "text/html": "<table>1</table>" },
  execution_count: 1,
  metadata: {},
};
const stream = { output_type: "stream", name: "stdout", text: ["hello\n"] };

const code = (source: string, ...outputs: Thing[]) => ({
  cell_type: "code",
  execution_count: null,
  id: "a1",
  metadata: {},
  outputs,
  source: [source],
});
const markdown = (source: string, more: Thing = {}) => ({
  cell_type: "markdown",
  id: "b2",
  metadata: {},
  source,
  ...more,
});

function notebook(cells: readonly Thing[], more: Thing = {}): string {
  return `${JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5, ...more }, undefined, 1)}\n`;
}

/** What the owner has: an output with HTML, Markdown with a frame, an attachment, state of a widget. */
const owned = notebook(
  [
    code("table()", table, stream),
    markdown("<iframe src='https://example.org'></iframe>\n\nNotes of the owner"),
    markdown("![x](attachment:x.svg)", { attachments: { "x.svg": { "image/svg+xml": "<svg/>" } } }),
  ],
  {
    metadata: {
      widgets: { "application/vnd.jupyter.widget-state+json": { state: {} } },
      kernelspec: { name: "python3" },
    },
  },
);

async function setUpNotebook(content: string | Buffer = owned, name = "a.ipynb") {
  const all = await setUp({ [name]: "", "notes.txt": "" });
  const file = join(all.root, name);
  writeFileSync(file, content);
  const save = async (text: string | Buffer, path = name) => {
    const { version } = await all.guest.ask("read", { path });
    const isText = typeof text === "string";
    return all.guest.ask("write", {
      path,
      base: version,
      content: isText ? text : text.toString("base64"),
      encoding: isText ? "utf8" : "base64",
    });
  };
  return { ...all, file, save, now: () => readFileSync(file, "utf8") };
}

/** @returns the message that the guest gets */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FileError && error.code === "UNSAFE") return error.message;
    throw error;
  }
  throw new Error("it was let through");
}

describe("R11: looking is safe: what a guest makes of a notebook runs nothing", () => {
  it.each<[string, string, string]>([
    ["an HTML output", notebook([code("x"), markdown("y"), code("z", html)]), "Cell 3: an HTML output"],
    ["a changed HTML output", owned.replace("<table>1", "<table>2"), "Cell 1: an HTML output"],
    ["HTML in a Markdown cell", notebook([markdown("<img src=x onerror=alert(1)>")]), "Cell 1: its Markdown"],
    ["the owner's frame in other words", owned.replace("example.org", "example.com"), "Cell 2: its Markdown"],
    ["an output in a Markdown cell", notebook([markdown("x", { outputs: [html] })]), "Cell 1: an HTML output"],
    ["an attachment", owned.replace("<svg/>", "<svg onload='x'/>"), "Cell 3: an attachment"],
    ["state of widgets", owned.replace('"state": {}', '"state": {"x": 1}'), "metadata"],
    ["metadata of a cell", notebook([{ ...code("x"), metadata: { "text/html": attack } }]), "Cell 1: its metadata"],
    ["another entry of a cell", notebook([{ ...code("x"), html: attack }]), "Cell 1 has an entry"],
    ["another entry of the notebook", notebook([], { __webview_backup: "x" }), "has an entry"],
    ["a prototype", notebook([code("x")]).replace('"id"', '"__proto__": {"outputs": []}, "id"'), "Cell 1 has an entry"],
    ["a cell of no kind", notebook([{ ...code("x"), cell_type: "html" }]), "Cell 1 is damaged"],
    ["a source that is no text", notebook([{ ...markdown(""), source: [{ x: attack }] }]), "Cell 1 is damaged"],
    ["outputs that are no list", notebook([{ ...code("x"), outputs: { 0: html } }]), "outputs are damaged"],
    ["cells that are none", notebook([code("x")]).replace('"cells": [', '"cells": [7, '), "no list of cells"],
    ["an old format", notebook([], { nbformat: 3, worksheets: [] }), "format 4"],
    ["a key twice", notebook([code("x", stream)]).replace('"outputs"', '"outputs": [], "outputs"'), "has a key twice"],
    ["no JSON", owned.slice(0, -5), "not valid JSON"],
    ["a list", "[]\n", "not a JSON object"],
    ["endless nesting", `{"cells": ${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "nested too deeply"],
  ])("a save is refused with a reason, and nothing changes: %s", async (_, text, reason) => {
    const { root, guest, save } = await setUpNotebook();
    const before = pictureOf(root);
    expect(await refusalOf(save(text))).toContain(reason);
    expect(pictureOf(root)).toEqual(before);
    expect(guest.writes).toEqual([]);
    // Nor in a notebook that is new, under any name that is taken for one.
    for (const path of ["new.ipynb", "NEW.IPYNB", "new.ipynb ", "new.ipynb."]) {
      expect(await refusalOf(guest.ask("write", { path, base: null, content: text, encoding: "utf8" }))).not.toBe("");
    }
    expect(pictureOf(root)).toEqual(before);
  });

  it.each<[string, (text: string) => string]>([
    ["the text of a cell", (text) => text.replace("table()", "table(2)")],
    ["text beside the owner's frame", (text) => text.replace("Notes of the owner", "Notes of a <b>guest</b>")],
    ["cells in another order", (text) => changeCells(text, (cells) => cells.toReversed())],
    ["an output in another cell", (text) => changeCells(text, (cells) => [...cells, code("copy", table)])],
    ["outputs taken away", (text) => changeCells(text, ([first, ...rest]) => [{ ...first, outputs: [] }, ...rest])],
    ["the same values, written otherwise", (text) => JSON.stringify(JSON.parse(text))],
    ["inert outputs", (text) => changeCells(text, (cells) => [...cells, code("x", stream, picture())])],
    ["a new cell, as the guest's page makes it", (text) => changeCells(text, (cells) => [...cells, code("new")])],
    ["no cells", () => notebook([])],
    ["nothing at all, which is a new notebook", () => "\n"],
  ])("a save goes through: %s", async (_, change) => {
    const { save, now } = await setUpNotebook();
    await save(change(owned));
    expect(now()).toBe(change(owned));
  });

  it("what the owner's program wrote stays, and a merge is checked as a whole", async () => {
    const base = notebook([code("a = 1"), code("b = 2"), code("c = 3")]);
    const { file, guest, now } = await setUpNotebook(base);
    const { version } = await guest.ask("read", { path: "a.ipynb" });
    const ran = changeCells(base, ([first = {}, ...rest]) => [{ ...first, outputs: [table] }, ...rest]);
    writeFileSync(file, ran);
    const write = (content: string) =>
      guest.ask("write", { path: "a.ipynb", base: version, content, encoding: "utf8" });
    await write(base.replace("c = 3", "c = 4"));
    expect(now()).toBe(ran.replace("c = 3", "c = 4"));
    const hostile = changeCells(base, (cells) => [...cells.slice(0, 2), code("c = 3", html)]);
    expect(await refusalOf(write(hostile))).toContain("Cell 3: an HTML output");
    expect(now()).toBe(ran.replace("c = 3", "c = 4"));
  });

  it("a base that the guest sends along is no content that the file held", async () => {
    const { guest, now } = await setUpNotebook(notebook([code("x")]));
    const hostile = notebook([code("x", html)]);
    for (const content of [hostile, `${hostile}\n`]) {
      const base = { base: versionOf(hostile), base_content: hostile };
      await guest.outcome("write", { path: "a.ipynb", content, encoding: "utf8", ...base });
      expect(now()).not.toContain("script");
    }
  });

  it.each(["utf16le", "latin1"] as const)("bytes are judged as the IDE reads them: %s", async (encoding) => {
    const { save, now } = await setUpNotebook();
    const bytes = Buffer.from(`\ufeff${notebook([code("é", html)])}`, encoding);
    expect(await refusalOf(save(bytes))).toContain("UTF-8");
    expect(now()).toBe(owned);
  });

  it("a byte order mark hides nothing, and is no reason to refuse", async () => {
    const { save, now } = await setUpNotebook();
    expect(await refusalOf(save(`\ufeff${notebook([code("x", html)])}`))).toContain("HTML output");
    await save(`\ufeff${notebook([code("x")])}`);
    expect(now()).toBe(`\ufeff${notebook([code("x")])}`);
  });

  it("a file renamed to a notebook is checked; an existing notebook moves unchanged", async () => {
    const { root, guest } = await setUp({
      "x.txt": notebook([code("x", html)]),
      "y.txt": notebook([code("y")]),
      "a.ipynb": owned,
      d: null,
    });
    const before = pictureOf(root);
    for (const to of ["x.ipynb", "x.IPYNB", "d/x.ipynb", "x.ipynb."]) {
      expect(await refusalOf(guest.ask("rename", { from: "x.txt", to }))).toContain("HTML output");
    }
    expect(pictureOf(root)).toEqual(before);
    await guest.ask("rename", { from: "y.txt", to: "y.ipynb" });
    await guest.ask("rename", { from: "a.ipynb", to: "d/moved.ipynb" });
    expect(readFileSync(join(root, "d/moved.ipynb"), "utf8")).toBe(owned);
    expect(await guest.names("")).toEqual(["d", "x.txt", "y.ipynb"]);
  });

  it("a save in the middle of that rename is not carried along", async () => {
    const { root, guest } = await setUp({ "x.txt": notebook([code("x")]) });
    const hostile = notebook([code("x", html)]);
    for (let round = 0; round < 30; round += 1) {
      await Promise.allSettled([
        guest.change("x.txt", hostile),
        guest.ask("rename", { from: "x.txt", to: "x.ipynb" }),
        guest.change("x.txt", `${hostile}\n`),
      ]);
      const names = await guest.names("");
      if (names.includes("x.ipynb")) {
        expect(readFileSync(join(root, "x.ipynb"), "utf8")).not.toContain("script");
        await guest.ask("rename", { from: "x.ipynb", to: "y.txt" });
      }
      for (const name of await guest.names("")) await guest.ask("delete", { path: name });
      await guest.ask("write", { path: "x.txt", base: null, content: notebook([code("x")]), encoding: "utf8" });
    }
  });

  it("a link is no way around: not by its own name, and not by that of its file", async () => {
    const { root, guest } = await setUp({ "data.txt": notebook([code("x")]), "n.ipynb": owned });
    symlinkSync("data.txt", join(root, "shown.ipynb"));
    symlinkSync("data.txt", join(root, "link.txt"));
    symlinkSync("n.ipynb", join(root, "plain.txt"));
    const hostile = notebook([code("x", html)]);
    expect(await refusalOf(guest.change("shown.ipynb", hostile))).toContain("HTML output");
    expect(await refusalOf(guest.change("plain.txt", hostile))).toContain("HTML output");
    expect(await refusalOf(guest.ask("rename", { from: "link.txt", to: "link.ipynb" }))).toContain("link");
    expect(readFileSync(join(root, "data.txt"), "utf8")).toBe(notebook([code("x")]));
    expect(readFileSync(join(root, "n.ipynb"), "utf8")).toBe(owned);
  });

  it("a notebook is copied unchanged; nothing else gets its outputs", async () => {
    const { root, guest } = await setUp({ "a.ipynb": owned });
    const create = (path: string, content: string) =>
      guest.ask("write", { path, base: null, content, encoding: "utf8" });
    expect(await refusalOf(create("copy.ipynb", owned))).not.toBe("");
    await guest.read("a.ipynb");
    await create("copy.ipynb", owned);
    const more = changeCells(owned, (cells) => [...cells, code("x", table)]);
    expect(await refusalOf(create("other.ipynb", more))).not.toBe("");
    await guest.ask("delete", { path: "a.ipynb" });
    await guest.ask("delete", { path: "copy.ipynb" });
    expect(await refusalOf(create("other.ipynb", owned))).not.toBe("");
    await create("a.ipynb", owned);
    expect(readFileSync(join(root, "a.ipynb"), "utf8")).toBe(owned);
    expect(await guest.names("")).toEqual(["a.ipynb"]);
  });

  it("some lines of a notebook that are shared by themselves are judged with all of it", async () => {
    const { root, workspace } = await setUp({ "a.ipynb": notebook([code("x")]) });
    const line =
      notebook([code("x")])
        .split("\n")
        .findIndex((one) => one.includes('"outputs"')) + 1;
    const selection = await workspace.select("a.ipynb", { line, col: 0, end_line: line, end_col: null });
    const guest = new TestGuest(workspace, { scope: { kind: "selection", path: "a.ipynb" }, selection });
    const before = pictureOf(root);
    const changed = (await guest.read("a.ipynb")).replace("[]", JSON.stringify([html]));
    expect(await refusalOf(guest.change("a.ipynb", changed))).toContain("HTML output");
    expect(pictureOf(root)).toEqual(before);
  });

  it("a notebook that is larger than what can be looked at is not written", async () => {
    const { root, guest } = await setUp({ "a.ipynb": owned }, { limits: { read: 300 } });
    const before = pictureOf(root);
    const write = { path: "a.ipynb", base: versionOf(owned), content: notebook([]), encoding: "utf8" } as const;
    expect(await refusalOf(guest.ask("write", write))).toContain("too large");
    expect(pictureOf(root)).toEqual(before);
  });

  it("the same text under a name that is no notebook's is the guest's to write", async () => {
    const { guest, save } = await setUpNotebook();
    const hostile = notebook([code("x", html)]);
    await save(hostile, "notes.txt");
    expect(await guest.read("notes.txt")).toBe(hostile);
  });
});

function changeCells(text: string, change: (cells: Thing[]) => readonly Thing[]): string {
  const { cells, ...more } = JSON.parse(text) as { cells: Thing[] };
  return notebook(change(cells), more);
}

function picture(): Thing {
  return {
    output_type: "display_data",
    data: { "image/png": "iVBORw0KGgo=\n" },
    metadata: { "image/png": { width: 2 } },
  };
}
