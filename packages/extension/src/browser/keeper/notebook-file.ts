import type { KeptCell } from "./kept-text.ts";

/** The texts of all cells as one, for comparisons. */
export function textOf(cells: readonly Pick<KeptCell, "language" | "text">[]): string {
  return cells.map(({ language, text }, index) => `# %% ${index + 1} (${language})\n${text}\n`).join("\n");
}

/**
 * The texts of the cells of a Jupyter notebook's file, read as VS Code reads it.
 *
 * @returns undefined if it is no such file
 */
export function notebookFileText(file: string): string | undefined {
  const notebook = parsed(file);
  const cells = field(notebook, "cells");
  if (!Array.isArray(cells)) return undefined;
  const metadata = field(notebook, "metadata");
  const named = field(field(metadata, "language_info"), "name") ?? field(field(metadata, "kernelspec"), "language");
  const language = typeof named === "string" ? named : "python";
  return textOf(cells.map((cell) => ({ language: languageOf(cell, language), text: sourceOf(cell) })));
}

function languageOf(cell: unknown, code: string): string {
  const type = field(cell, "cell_type");
  if (type === "markdown" || type === "raw") return type;
  const own = field(field(field(cell, "metadata"), "vscode"), "languageId");
  return typeof own === "string" ? own : code;
}

/** A list of lines, whose line ends may be missing, or one text. */
function sourceOf(cell: unknown): string {
  const source = field(cell, "source");
  if (!Array.isArray(source)) return typeof source === "string" ? source : "";
  const last = source.length - 1;
  return source
    .map(String)
    .map((line, index) => (index < last && !line.endsWith("\n") ? `${line}\n` : line))
    .join("");
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(file);
  } catch {
    // Another program may be writing it, or it never was a notebook.
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
