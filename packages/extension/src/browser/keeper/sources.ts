import {
  FileSystemError,
  NotebookCellOutputItem,
  type NotebookDocument,
  type TextDocument,
  Uri,
  workspace,
} from "vscode";
import type { Disk, KeptCell, KeptText } from "./kept-text.ts";
import { notebookFileText, textOf } from "./notebook-file.ts";

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

/** Characters, and bytes of outputs. */
export function sizeOf({ text, cells }: Content): number {
  const items = (cells ?? []).flatMap(({ outputs }) => outputs).flatMap((output) => output.items);
  return items.reduce((size, { data }) => size + data.byteLength, text.length);
}

/** The file of an editor that holds something else. For notebooks: the texts of its cells, as `textOf` writes them. */
export async function readDisk({ uri, cells }: Pick<KeptText, "uri" | "cells">): Promise<Disk> {
  try {
    const bytes = await workspace.fs.readFile(Uri.parse(uri, true));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { kind: "text", text: cells === null ? text : (notebookFileText(text) ?? text) };
  } catch (error) {
    // Not UTF-8, not readable, or no server: it counts as unknown, and the user compares it.
    return { kind: error instanceof FileSystemError && error.code === "FileNotFound" ? "missing" : "unknown" };
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
