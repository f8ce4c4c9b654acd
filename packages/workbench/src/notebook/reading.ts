import { type ParseError, parse } from "@codingame/monaco-vscode-api/vscode/vs/base/common/json";
import { isUnambiguousJson } from "@waiide/protocol";
import { damageOf } from "./damage.ts";
import { asObject, type Json, type Notebook, readNotebook } from "./notebook.ts";
import { upgraded } from "./old-formats.ts";

/** The parsed notebook, as far as it is readable. */
export interface Reading {
  readonly notebook: Notebook;
  /** Why it is read-only here; undefined: it is not. */
  readonly problem: string | undefined;
}

const asText = "This page does not change it; “Reopen Editor With…” shows it as text, which you can correct.";

/** Reads a notebook as VS Code does: strictly. An empty file is a new one. */
export function readText(text: string): Reading {
  if (text.trim() === "") return { notebook: readNotebook({}, []), problem: undefined };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return unreadable(`This notebook is damaged: it is not valid JSON${placeIn(text)}.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return unreadable("This file is not a notebook: it does not hold a JSON object.");
  }
  return readFormat(asObject(value), text);
}

function readFormat(notebook: Json, text: string): Reading {
  const { nbformat: format = 4 } = notebook;
  if (format === 1 || format === 2 || format === 3) {
    const problem = `This notebook has the old format ${format}: you can view it here, but not change it. “jupyter nbconvert --to notebook” converts it.`;
    return { notebook: readNotebook(notebook, upgraded(notebook)), problem };
  }
  if (format !== 4) {
    const name = typeof format === "number" ? `the format ${format}` : "the format";
    return {
      ...read(notebook),
      problem: `This page does not know ${name} of this notebook, and may show it wrong. ${asText}`,
    };
  }
  const damage = isUnambiguousJson(text) ? damageOf(notebook) : "it has a key twice, or is nested too deeply";
  const problem = damage === undefined ? undefined : `This notebook is damaged: ${damage}. ${asText}`;
  return { ...read(notebook), problem };
}

function read(notebook: Json): { readonly notebook: Notebook } {
  return { notebook: readNotebook(notebook, Array.isArray(notebook.cells) ? notebook.cells : []) };
}

function unreadable(problem: string): Reading {
  return { notebook: readNotebook({}, []), problem: `${problem} ${asText}` };
}

/** ` (line 3, column 5)`: browsers each say it in their own way, or not at all. */
function placeIn(text: string): string {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  const [first] = errors;
  if (first === undefined) return "";
  const lines = text.slice(0, first.offset).split("\n");
  return ` (line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1})`;
}
