import { NotebookCellOutputItem, type NotebookDocument, type TextDocument, Uri, workspace } from "vscode";
import type { KeptCell, KeptText } from "./kept-text.ts";

/** The kept content of an editor, without its place. */
export type Content = Pick<KeptText, "uri" | "language" | "text" | "cells">;

/** Schemes of texts that people write: files, new files, and the user's settings. */
const schemes = new Set(["file", "vscode-remote", "untitled", "vscode-userdata"]);

export function isKept({ uri }: Pick<TextDocument, "uri">): boolean {
  return schemes.has(uri.scheme);
}

export function textContent(document: TextDocument): Content {
  const { uri, languageId } = document;
  return { uri: uri.toString(), language: languageId, text: document.getText(), cells: null };
}

export function notebookContent(notebook: NotebookDocument): Content {
  const cells = notebook.getCells().map(
    (cell): KeptCell => ({
      kind: cell.kind,
      language: cell.document.languageId,
      text: cell.document.getText(),
      metadata: plain(cell.metadata),
      outputs: cell.outputs.map(({ items, metadata }) => ({
        items: items.map(({ mime, data }) => ({ mime, data })),
        metadata: plain(metadata ?? {}),
      })),
    }),
  );
  return { uri: notebook.uri.toString(), language: notebook.notebookType, text: textOf(cells), cells };
}

/** The texts of all cells as one, for comparisons. */
export function textOf(cells: readonly KeptCell[]): string {
  return cells.map(({ language, text }, index) => `# %% ${index + 1} (${language})\n${text}\n`).join("\n");
}

/** Characters, and bytes of outputs. */
export function sizeOf({ text, cells }: Content): number {
  const items = (cells ?? []).flatMap(({ outputs }) => outputs).flatMap((output) => output.items);
  return items.reduce((size, { data }) => size + data.byteLength, text.length);
}

/** @returns undefined if the file is missing, or is not text */
export async function textOnDisk(uri: string): Promise<string | undefined> {
  try {
    const bytes = await workspace.fs.readFile(Uri.parse(uri, true));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Missing, not UTF-8, or no server: it counts as unknown, and the user compares it.
    return undefined;
  }
}

export function outputItem({
  mime,
  data,
}: {
  readonly mime: string;
  readonly data: Uint8Array;
}): NotebookCellOutputItem {
  return new NotebookCellOutputItem(data, mime);
}

/** Metadata may contain values that the browser's storage cannot copy. */
function plain(metadata: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(metadata)) as Record<string, unknown>;
}
