import { isUnambiguousJson } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { isNotebook } from "../../../../src/workspace/notebooks/inert.ts";
import { isInertMetadata } from "../../../../src/workspace/notebooks/inert-metadata.ts";
import { activeOutput } from "../../../../src/workspace/notebooks/inert-output.ts";
import type { Json } from "../../../../src/workspace/notebooks/json-shape.ts";

const display = (data: Json, more: Record<string, Json> = {}) => ({ output_type: "display_data", data, ...more });
const error = (...traceback: string[]) => ({ output_type: "error", ename: "E", evalue: "e", traceback });

describe("R11: outputs of text and raster pictures are inert", () => {
  it.each<[string, Json]>([
    ["a stream", { output_type: "stream", name: "stdout", text: ["<script>alert(1)</script>\n", "\u001b[31mred"] }],
    ["plain text", display({ "text/plain": "<IPython.core.display.HTML object>" }, { metadata: {} })],
    [
      "a picture",
      display({ "image/png": "iVBORw0KGgo=\n", "text/plain": "x" }, { metadata: { "image/png": { width: 3 } } }),
    ],
    ["a picture in lines", display({ "image/jpeg": ["iVBO\n", "Rw0KGgo=\n"] })],
    ["a result", { output_type: "execute_result", data: { "text/plain": "2" }, execution_count: 3, metadata: {} }],
    [
      "a traceback of Python",
      error("Traceback (most recent call last):", '  File "a.py", line 1, in <module>', "KeyError: 'x'"),
    ],
    [
      "a traceback of IPython",
      error(
        "\u001b[31mValueError\u001b[39m  Traceback (most recent call last)",
        "Cell \u001b[32mIn[3]\u001b[39m, line 1",
        "----> 1 x",
        "File /lib/a.py:12, in f(x)",
      ),
    ],
  ])("%s", (_, output) => {
    expect(activeOutput(output)).toBe(undefined);
  });
});

describe("R11: outputs that a renderer could run are not", () => {
  it.each<[string, Json, string]>([
    ["HTML", display({ "text/html": "<b>x</b>" }), "HTML"],
    ["HTML beside plain text", display({ "text/plain": "x", "text/html": "<b>x</b>" }), "HTML"],
    ["a script", display({ "application/javascript": "alert(1)" }), "script"],
    ["SVG", display({ "image/svg+xml": "<svg onload=alert(1)>" }), "SVG"],
    ["a kind in other letters", display({ "TEXT/HTML": "x" }), "other"],
    ["a kind with a parameter", display({ "image/png; charset=utf8": "AAAA" }), "other"],
    ["VS Code's own error", display({ "application/vnd.code.notebook.error": '{"stack":"<a href=x>y</a>"}' }), "other"],
    ["a widget", display({ "application/vnd.jupyter.widget-view+json": { model_id: "x" } }), "widget"],
    ["Plotly", display({ "application/vnd.plotly.v1+json": {} }), "other"],
    ["Markdown", display({ "text/markdown": "<img src=x onerror=alert(1)>" }), "Markdown"],
    ["a picture that is markup", display({ "image/png": '"><img src=x onerror=alert(1)>' }), "damaged picture"],
    ["text that is an object", display({ "text/plain": { x: 1 } }), "other"],
    ["metadata with text", display({ "text/plain": "x" }, { metadata: { note: "<b>" } }), "annotated"],
    ["a key more", display({ "text/plain": "x" }, { "text/html": "x" }), "unreadable"],
    ["no object", "<b>", "unreadable"],
    ["a type that nobody knows", { output_type: "pyout", html: "x" }, "unknown"],
    ["no type", { data: { "text/html": "x" } }, "unknown"],
    [
      "a stream with data",
      { output_type: "stream", name: "stdout", text: "x", data: { "text/html": "x" } },
      "unreadable",
    ],
    ["a stream of a name of its own", { output_type: "stream", name: "html", text: "x" }, "unreadable"],
    // VS Code takes links in errors as HTML, and makes some itself, of paths that it finds.
    ["an error with a link", error("<a href='x'><img src=x onerror=alert(1)></a>"), "error with markup"],
    ["an error with a link in colors", error("<\u001b[0ma href='x'>y</a>"), "error with markup"],
    ["an error with a link in its name", { ...error("x"), ename: "<a href='x'>y</a>" }, "error with markup"],
    [
      "an error with a path that ends the attribute",
      error("File /x' onmouseover='alert(1):3", "----> 3 x"),
      "error with markup",
    ],
    [
      "an error with a cell that ends the attribute",
      error("' onmouseover='alert(1) Input \u001b[1mIn [1]"),
      "error with markup",
    ],
  ])("%s", (_, output, kind) => {
    expect(activeOutput(output)).toBe(kind);
  });
});

describe("R11: metadata holds settings, not content", () => {
  it.each<[string, Json]>([
    ["kernelspec", { name: "python3", display_name: "Python 3 (ipykernel)", language: "python" }],
    ["language_info", { name: "python", version: "3.14.1", codemirror_mode: { name: "ipython", version: 3 } }],
    ["tags", ["parameters", "hide-input"]],
    ["jupyter", { source_hidden: true }],
    ["vscode", { languageId: "sql" }],
    ["colab", { provenance: [], base_uri: "https://localhost:8080/" }],
  ])("let through: %s", (key, value) => {
    expect(isInertMetadata(key, value)).toBe(true);
  });
  it.each<[string, Json]>([
    ["widgets", { "application/vnd.jupyter.widget-state+json": {} }],
    ["text/html", "<script>"],
    ["note", { "text/html": "x" }],
    ["note", "<img src=x>"],
    ["note", "javascript:alert(1)"],
    ["note", { deeper: { Widgets: 1 } }],
    ["attachments", {}],
    ["trusted", true],
    ["__proto__", {}],
    ["a", { b: { c: { d: { e: { f: { g: 1 } } } } } }],
  ])("refused: %s", (key, value) => {
    expect(isInertMetadata(key, value)).toBe(false);
  });
});

it("R11: finds JSON that programs read differently: duplicate keys, and endless nesting", () => {
  expect(isUnambiguousJson('{"a": 1, "b": {"a": ["a", "a", {"a": "\\"a\\": 1"}]}}')).toBe(true);
  expect(isUnambiguousJson('{"outputs": [], "b": 1, "outputs": 2}')).toBe(false);
  expect(isUnambiguousJson('{"a": [{"x": 1, "\\u0078" : 2}]}')).toBe(false);
  expect(isUnambiguousJson("[".repeat(100) + "]".repeat(100))).toBe(false);
  expect(isUnambiguousJson(`["${"x".repeat(5_000_000)}"]`)).toBe(true);
});

it("R11: a notebook is whatever VS Code or a file system takes for one by its name", () => {
  for (const name of [
    "a.ipynb",
    "A.IPYNB",
    "a/b.IpyNb",
    ".ipynb",
    "a.ipynb.",
    "a.ipynb ",
    "a.ipynb\u200b",
    "a.ｉｐｙｎｂ",
  ]) {
    expect([name, isNotebook(name)]).toEqual([name, true]);
  }
  for (const name of ["a.ipynb.txt", "ipynb", "a.ipynb/b.txt", "a.py"])
    expect([name, isNotebook(name)]).toEqual([name, false]);
});
