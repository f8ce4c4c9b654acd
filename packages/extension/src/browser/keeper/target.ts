import {
  commands,
  NotebookCellData,
  NotebookCellOutput,
  NotebookData,
  type NotebookDocument,
  NotebookEdit,
  NotebookRange,
  Range,
  type TextDocument,
  Uri,
  type ViewColumn,
  WorkspaceEdit,
  window,
  workspace,
} from "vscode";
import { t } from "../../text/translation.ts";
import { type FileNow, type KeptCell, type KeptText, sameText } from "./kept-text.ts";
import { notebookContent, outputItem, readDisk } from "./sources.ts";

/** The editor of a kept text's file. */
export type Target =
  | { readonly kind: "text"; readonly document: TextDocument }
  | { readonly kind: "notebook"; readonly notebook: NotebookDocument };

export interface Found {
  /** undefined: no editor can show the file. */
  readonly target: Target | undefined;
  readonly now: FileNow;
}

/** Looks for the file of a kept text. */
export async function find(kept: KeptText): Promise<Found> {
  const target = await open(kept);
  if (target === undefined) return { target, now: { editor: undefined, isUnsaved: false, disk: { kind: "missing" } } };
  const editor = textIn(target);
  // What is saved was read by VS Code, which knows more encodings and kinds of notebooks.
  const disk = isUnsaved(target) ? await readDisk(kept) : ({ kind: "text", text: editor } as const);
  return { target, now: { editor, isUnsaved: isUnsaved(target), disk } };
}

async function open({ uri, cells }: KeptText): Promise<Target | undefined> {
  const parsed = Uri.parse(uri, true);
  if (parsed.scheme === "untitled") {
    const document = workspace.textDocuments.find((one) => one.uri.toString() === uri);
    return document && { kind: "text", document };
  }
  try {
    if (cells !== null) return { kind: "notebook", notebook: await workspace.openNotebookDocument(parsed) };
    return { kind: "text", document: await workspace.openTextDocument(parsed) };
  } catch {
    // Deleted, renamed or not readable: it is offered as a new file.
    return undefined;
  }
}

function isUnsaved(target: Target): boolean {
  return target.kind === "text" ? target.document.isDirty : target.notebook.isDirty;
}

function textIn(target: Target): string {
  return target.kind === "text" ? target.document.getText() : notebookContent(target.notebook).text;
}

/**
 * Puts a kept text into its editor, where it can be undone. An unsaved state that VS Code restored gives way to the file first:
 * VS Code would otherwise refuse to save, as it restored the state of a file that may have changed since.
 */
export async function replace(kept: KeptText, { target, now }: Found): Promise<void> {
  if (target === undefined) return openAsNew(kept);
  await show(target);
  if (now.isUnsaved && now.disk.kind === "text") {
    await commands.executeCommand("workbench.action.files.revert");
    if (isUnsaved(target)) throw notAccepted();
  }
  if (!(await workspace.applyEdit(editOf(kept, target)))) throw notAccepted();
  if (!sameText(textIn(target), kept.text)) throw notAccepted();
}

function notAccepted(): Error {
  return new Error(t("The editor did not accept it. Try again."));
}

function editOf(kept: KeptText, target: Target): WorkspaceEdit {
  const edit = new WorkspaceEdit();
  if (target.kind === "notebook") {
    const { notebook } = target;
    const cells = (kept.cells ?? []).map(cellData);
    edit.set(notebook.uri, [NotebookEdit.replaceCells(new NotebookRange(0, notebook.cellCount), cells)]);
  } else {
    const { document } = target;
    const end = document.lineAt(document.lineCount - 1).range.end;
    edit.replace(document.uri, new Range(0, 0, end.line, end.character), kept.text);
  }
  return edit;
}

async function show(target: Target, viewColumn?: ViewColumn): Promise<void> {
  const options = { preview: false, ...(viewColumn === undefined ? {} : { viewColumn }) };
  if (target.kind === "text") await window.showTextDocument(target.document, options);
  else await window.showNotebookDocument(target.notebook, options);
}

export async function openAsNew({ text, language, cells }: KeptText): Promise<void> {
  if (cells === null) {
    const document = await workspace.openTextDocument({ content: text, language });
    await show({ kind: "text", document });
    return;
  }
  const notebook = await workspace.openNotebookDocument(language, new NotebookData(cells.map(cellData)));
  await show({ kind: "notebook", notebook });
}

function cellData({ kind, language, text, metadata, outputs }: KeptCell): NotebookCellData {
  const data = new NotebookCellData(kind, text, language);
  data.metadata = metadata;
  data.outputs = outputs.map((output) => new NotebookCellOutput(output.items.map(outputItem), output.metadata));
  return data;
}
