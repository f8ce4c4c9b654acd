import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { EditorInputCapabilities } from "@codingame/monaco-vscode-api/vscode/vs/workbench/common/editor";
import { EditorInput } from "@codingame/monaco-vscode-api/vscode/vs/workbench/common/editor/editorInput";

/** A file in one of our own editors. */
export abstract class PaneInput extends EditorInput {
  readonly file: URI;
  /** Identifies the editor; the same file can have several. */
  readonly resource: URI;
  readonly #name: string;

  constructor(file: URI, resource: URI, name: string) {
    super();
    this.file = file;
    this.resource = resource;
    this.#name = name;
  }

  override get capabilities(): EditorInputCapabilities {
    return EditorInputCapabilities.Readonly;
  }

  override getName(): string {
    return this.#name;
  }

  override matches(other: unknown): boolean {
    return (
      other instanceof PaneInput &&
      other.typeId === this.typeId &&
      other.resource.toString() === this.resource.toString()
    );
  }
}

export function nameOf(file: URI): string {
  return file.path.split("/").at(-1) ?? "";
}
