import { dirname, relative } from "node:path";
import { type Selection, type TextDocument, type TextEditor, type Uri, window, workspace } from "vscode";
import type { Draft, Target } from "./draft.ts";

type Place = Pick<Draft, "root" | "target">;

/** A file or folder, with the window's folder that contains it as root; outside of these, with its own folder. */
export function placeOf(uri: Uri, kind: "file" | "folder"): Place {
  const root = workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? dirname(uri.fsPath);
  const path = relative(root, uri.fsPath);
  return path === "" ? { root, target: { kind: "workspace" } } : { root, target: { kind, path } };
}

/** The selection in a file; undefined without a selection, or if the editor shows no file. */
export function selectionIn(editor: Pick<TextEditor, "document" | "selection"> | undefined): Place | undefined {
  if (editor === undefined || editor.selection.isEmpty || !isFile(editor.document)) return undefined;
  const { root, target } = placeOf(editor.document.uri, "file");
  if (root === undefined || target?.kind !== "file") return undefined;
  return { root, target: selected(target.path, editor.selection) };
}

/** VS Code counts lines from 0, shares from 1; both count columns from 0. */
export function selected(path: string, { start, end }: Pick<Selection, "start" | "end">): Target {
  // A selection of whole lines ends in the first column of the next line.
  const { line, col } =
    end.character === 0 && end.line > start.line
      ? { line: end.line, col: undefined }
      : { line: end.line + 1, col: end.character };
  return {
    kind: "selection",
    path,
    line: start.line + 1,
    col: start.character,
    endLine: line,
    ...(col === undefined ? {} : { endCol: col }),
  };
}

export function isFile({ uri }: Pick<TextDocument, "uri">): boolean {
  return uri.scheme === "file";
}

/** The file of the active editor of any kind. */
export function activeFile(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input as { readonly uri?: Uri } | undefined;
  const uri = window.activeTextEditor?.document.uri ?? input?.uri;
  return uri?.scheme === "file" ? uri : undefined;
}
