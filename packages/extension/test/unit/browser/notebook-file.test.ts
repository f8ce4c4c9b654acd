import { expect, test } from "vitest";
import { notebookFileText } from "../../../src/browser/keeper/notebook-file.ts";

const file = (notebook: unknown) => notebookFileText(JSON.stringify(notebook));

test("a notebook's file has the texts of its cells, as an editor has them", () => {
  const cells = [
    { cell_type: "markdown", source: ["# Tides\n", "of today"] },
    { cell_type: "code", source: "one = 1" },
    { cell_type: "code", source: ["a", "b"], metadata: { vscode: { languageId: "sql" } } },
    { cell_type: "raw", source: [] },
  ];
  const text =
    "# %% 1 (markdown)\n# Tides\nof today\n\n# %% 2 (python)\none = 1\n\n# %% 3 (sql)\na\nb\n\n# %% 4 (raw)\n\n";
  expect(file({ cells, metadata: {} })).toBe(text);
});

test("the language of code is the kernel's", () => {
  const cells = [{ cell_type: "code", source: "1" }];
  expect(file({ cells, metadata: { kernelspec: { language: "julia" } } })).toBe("# %% 1 (julia)\n1\n");
  expect(file({ cells, metadata: { kernelspec: { language: "x" }, language_info: { name: "r" } } })).toBe(
    "# %% 1 (r)\n1\n",
  );
});

test("what is no notebook has no cells", () => {
  for (const text of ["", "{", "[]", "null", '{"cells": 1}']) expect(notebookFileText(text)).toBeUndefined();
  expect(file({ cells: [null, 1, {}] })).toBe("# %% 1 (python)\n\n\n# %% 2 (python)\n\n\n# %% 3 (python)\n\n");
});
