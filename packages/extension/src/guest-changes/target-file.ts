import { basename } from "node:path";
import type { Original } from "@waiide/protocol";
import { FileSystemError, Range, type TextDocument, Uri, WorkspaceEdit, workspace } from "vscode";
import { contentOf } from "../shares/api.ts";
import { t } from "../text/translation.ts";
import { replacedPart } from "./text-change.ts";

const mark = "\uFEFF";

/** A file whose content is about to be replaced; nothing that is unsaved in an editor is lost. */
export class TargetFile {
  readonly #uri: Uri;
  /** Of the file; undefined: there is none. */
  readonly #bytes: Uint8Array | undefined;
  /** An editor with unsaved changes. */
  readonly #document: TextDocument | undefined;
  readonly #text: string;

  private constructor(uri: Uri, bytes: Uint8Array | undefined, document: TextDocument | undefined) {
    this.#uri = uri;
    this.#bytes = bytes;
    this.#document = document;
    this.#text = document?.getText() ?? "";
  }

  /** @param path absolute */
  static async read(path: string): Promise<TargetFile> {
    const uri = Uri.file(path);
    if (workspace.notebookDocuments.some(isUnsaved(uri))) throw unsaved(path);
    return new TargetFile(uri, await bytesOf(uri), workspace.textDocuments.find(isUnsaved(uri)));
  }

  /** What it holds, with what is unsaved; null: there is no file. */
  get now(): Original | null {
    const bytes = this.#bytes;
    if (this.#document !== undefined) return { text: (this.#hasMark ? mark : "") + this.#text };
    return bytes === undefined ? null : { text: null, base64: Buffer.from(bytes).toString("base64") };
  }

  /** @throws Error where it changed meanwhile */
  async replace(content: Original): Promise<void> {
    if (this.#document !== undefined) return this.#edit(this.#document, content);
    const now = await bytesOf(this.#uri);
    const isSame = now === undefined ? this.#bytes === undefined : this.#bytes && Buffer.from(now).equals(this.#bytes);
    if (!isSame || workspace.textDocuments.some(isUnsaved(this.#uri))) throw changed();
    await workspace.fs.writeFile(this.#uri, contentOf(content));
  }

  /** In the editor, where it can be undone. */
  async #edit(document: TextDocument, { text }: Original): Promise<void> {
    if (text === null) throw unsaved(this.#uri.fsPath);
    if (document.isClosed || document.getText() !== this.#text) throw changed();
    const change = replacedPart(this.#text, text.startsWith(mark) ? text.slice(1) : text);
    if (change !== undefined) {
      const edit = new WorkspaceEdit();
      const range = new Range(document.positionAt(change.start), document.positionAt(change.end));
      edit.replace(this.#uri, range, change.text);
      if (!(await workspace.applyEdit(edit))) throw changed();
    }
    await document.save();
  }

  get #hasMark(): boolean {
    return this.#bytes !== undefined && Buffer.from(this.#bytes.subarray(0, 3)).equals(Buffer.from(mark));
  }
}

/** Whether a document is this file, with unsaved changes. */
function isUnsaved(file: Uri): (document: { readonly uri: Uri; readonly isDirty: boolean }) => boolean {
  return ({ uri, isDirty }) => isDirty && uri.toString() === file.toString();
}

function changed(): Error {
  return new Error(t("It has just changed. Please try again."));
}

function unsaved(path: string): Error {
  return new Error(t("Save or undo your changes in {0} first.", basename(path)));
}

async function bytesOf(uri: Uri): Promise<Uint8Array | undefined> {
  try {
    return await workspace.fs.readFile(uri);
  } catch (error) {
    if (error instanceof FileSystemError && error.code === "FileNotFound") return undefined;
    throw error;
  }
}
