import { NotebookCellOutputItem, type NotebookDocument, type TextDocument, Uri, workspace } from "vscode";
import type { KeptCell, KeptText } from "./kept-text.ts";

/** What is kept of an editor's content, without where it belongs. */
export type Content = Pick<KeptText, "uri" | "language" | "text" | "cells">;

/** Where people write: files here and at the server, what has no file yet, the user's own settings. */
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

/** The cells' texts as one, for people to compare. */
export function textOf(cells: readonly KeptCell[]): string {
  return cells.map(({ language, text }, index) => `# %% ${index + 1} (${language})\n${text}\n`).join("\n");
}

/** Characters, and bytes of outputs. */
export function sizeOf({ text, cells }: Content): number {
  const items = (cells ?? []).flatMap(({ outputs }) => outputs).flatMap((output) => output.items);
  return items.reduce((size, { data }) => size + data.byteLength, text.length);
}

/** @returns undefined where the file is not there, or is no text */
export async function textOnDisk(uri: string): Promise<string | undefined> {
  try {
    const bytes = await workspace.fs.readFile(Uri.parse(uri, true));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Missing, no text in UTF-8, or the server is away: it then counts as unknown, and is compared by the user.
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

/** Metadata may hold what a browser's storage takes no copy of. */
function plain(metadata: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(metadata)) as Record<string, unknown>;
}
