import { describe, expect, it } from "vitest";
import { insertEdits, type TextEdit } from "../../../src/notebook/notebook.ts";
import { readText } from "../../../src/notebook/reading.ts";

const code = { cell_type: "code", source: "1", metadata: {}, outputs: [], execution_count: null };
const notebook = (more: object) =>
  JSON.stringify({ cells: [code], metadata: {}, nbformat: 4, nbformat_minor: 5, ...more });

function applied(text: string, edits: readonly TextEdit[]): string {
  return edits.reduceRight(
    (now, { offset, length, content }) => now.slice(0, offset) + content + now.slice(offset + length),
    text,
  );
}

describe("damage is reported, and not changed here", () => {
  it.each<[string, string, string]>([
    ["cut off", notebook({}).slice(0, -20), "not valid JSON (line 1, column"],
    ["marks of a merge", `{\n "cells": [\n<<<<<<< HEAD\n ]\n}\n`, "not valid JSON (line 3, column 1)"],
    ["a comma too many", '{"cells": [],}', "not valid JSON"],
    ["a comment", '{"cells": [] /* x */}', "not valid JSON"],
    ["NaN", '{"cells": [], "x": NaN}', "not valid JSON"],
    ["a NUL", `${notebook({})}\0`, "not valid JSON"],
    ["a list", "[]", "does not hold a JSON object"],
    ["a text", '"x"', "does not hold a JSON object"],
    ["null", "null", "does not hold a JSON object"],
    ["no cells", "{}", "no list of cells"],
    ["cells that are none", notebook({ cells: {} }), "no list of cells"],
    ["a cell that is none", notebook({ cells: [code, 7] }), "cell 2 is not a cell"],
    ["a cell of no kind", notebook({ cells: [{ ...code, cell_type: "x" }] }), "cell 1 is neither code nor text"],
    ["a source that is no text", notebook({ cells: [{ ...code, source: { a: 1 } }] }), "a source that is not text"],
    [
      "a source with a line that is none",
      notebook({ cells: [{ ...code, source: ["a", 1] }] }),
      "a source that is not text",
    ],
    ["outputs that are none", notebook({ cells: [{ ...code, outputs: "x" }] }), "no list of outputs"],
    ["an output that is none", notebook({ cells: [{ ...code, outputs: [null] }] }), "damaged output (number 1)"],
    [
      "an output without data",
      notebook({ cells: [{ ...code, outputs: [{ output_type: "stream" }] }] }),
      "damaged output",
    ],
    ["metadata that is none", notebook({ metadata: [] }), "metadata"],
    ["a key twice", '{"cells": [], "cells": []}', "twice"],
    ["a format of tomorrow", notebook({ nbformat: 5 }), "the format 5"],
    ["a format that is none", notebook({ nbformat: "4" }), "the format of this notebook"],
  ])("%s", (_, text, problem) => {
    expect(readText(text).problem).toContain(problem);
  });

  it("its readable parts are shown", () => {
    expect(readText(notebook({ cells: [code, { ...code, source: "2", outputs: 1 }] })).notebook.cells).toMatchObject([
      { source: "1" },
      { source: "2" },
    ]);
  });
});

it("a notebook as it should be has no problem, whatever else is in it", () => {
  for (const text of [
    notebook({}),
    notebook({ nbformat_minor: 99, extra: 1 }),
    '{"cells": []}',
    ` ${notebook({})}\n\n`,
  ]) {
    expect(readText(text).problem).toBe(undefined);
  }
});

it("an empty file is a new notebook, and its first cell makes it a whole one", () => {
  for (const text of ["", "\n", " \r\n\t"]) {
    expect(readText(text)).toEqual({ notebook: { language: "python", cells: [] }, problem: undefined });
    const made = applied(text, insertEdits(text, 0, "code"));
    expect(JSON.parse(made)).toMatchObject({
      cells: [{ cell_type: "code", source: [], outputs: [] }],
      metadata: {},
      nbformat: 4,
    });
    expect(readText(made).problem).toBe(undefined);
  }
});

it("notebooks of format 2 and 3 are named and shown", () => {
  const cells = [
    { cell_type: "heading", level: 2, source: ["Old"] },
    {
      cell_type: "code",
      input: "1+1",
      prompt_number: 3,
      outputs: [
        { output_type: "pyout", text: ["2"], html: "<b>2</b>", prompt_number: 3 },
        { output_type: "stream", stream: "stderr", text: "careful" },
        { output_type: "pyerr", ename: "E", evalue: "v", traceback: ["E: v"] },
      ],
    },
    { cell_type: "markdown", source: "text" },
  ];
  const { notebook: shown, problem } = readText(JSON.stringify({ worksheets: [{ cells }], nbformat: 3 }));
  expect(problem).toContain("old format 3: you can view it here, but not change it");
  expect(shown.cells).toMatchObject([
    { kind: "markdown", source: "## Old" },
    {
      kind: "code",
      source: "1+1",
      count: 3,
      outputs: [
        { kind: "display", data: { "text/plain": "2", "text/html": "<b>2</b>" } },
        { kind: "stream", isError: true, text: "careful" },
        { kind: "error", text: "E: v" },
      ],
    },
    { kind: "markdown", source: "text" },
  ]);
  expect(readText('{"nbformat": 2, "worksheets": []}').problem).toContain("old format 2");
  expect(readText('{"nbformat": 3, "worksheets": "damaged"}').notebook.cells).toEqual([]);
});
