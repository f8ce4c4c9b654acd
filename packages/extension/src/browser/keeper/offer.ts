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
import { offerUntilAnswered } from "../../text/lasting-offer.ts";
import { t } from "../../text/translation.ts";
import { harmless } from "../../text/words.ts";
import { choiceFor, type KeptCell, type KeptText, sameText } from "./kept-text.ts";
import { notebookContent, outputItem, textOnDisk } from "./sources.ts";
import type { KeptStore } from "./store.ts";

/** Shows kept text in comparisons. */
export const keptScheme = "waiide-kept";

type Target =
  | { readonly kind: "text"; readonly document: TextDocument }
  | { readonly kind: "notebook"; readonly notebook: NotebookDocument }
  | undefined;

/** Offers one kept text, and asks again after a comparison. Without an answer it is offered again at the next load. */
export async function offer(kept: KeptText, store: KeptStore): Promise<void> {
  const target = await open(kept);
  const choice = choiceFor(kept, textIn(target), await diskText(kept, target));
  if (choice === "same") return store.delete(kept);
  const [restore, compare, discard] = [t("Restore"), t("Compare"), t("Discard")];
  const name = nameOf(kept);
  if (choice === "open") {
    const answer = await offerUntilAnswered(missingInWords(name, kept), t("Open as New File"), discard);
    if (answer === t("Open as New File")) return handled(kept, store, () => openAsNew(kept));
    return answer === discard ? store.delete(kept) : undefined;
  }
  if (choice === "restore") {
    const message = t("{0}: your unsaved text is kept in this browser.", name);
    const answer = await offerUntilAnswered(message, restore, compare, discard);
    if (answer === restore) return handled(kept, store, () => replace(kept, target));
    if (answer === discard) return store.delete(kept);
    if (answer === compare) await showComparison(kept, store, name, target);
    return;
  }
  const message = t("{0}: your unsaved text is kept in this browser. The file has changed meanwhile.", name);
  const answer = await offerUntilAnswered(message, compare, discard);
  if (answer === discard) return store.delete(kept);
  if (answer === compare) await showComparison(kept, store, name, target);
}

/** Shows both texts beside each other; the right one can be edited. */
async function showComparison(kept: KeptText, store: KeptStore, name: string, target: Target): Promise<void> {
  const left = keptUri(kept, "kept");
  const right = kept.cells === null ? Uri.parse(kept.uri, true) : keptUri(kept, "now");
  await commands.executeCommand("vscode.diff", left, right, t("{0}: unsaved ↔ now", name));
  const [take, discard] = [t("Use What I Typed"), t("Discard")];
  const message = t("{0}: your unsaved text is on the left, the file on the right.", name);
  const answer = await offerUntilAnswered(message, take, discard);
  if (answer === take) await handled(kept, store, () => replace(kept, target));
  if (answer === discard) await store.delete(kept);
}

/** Does nothing if another window was faster. The text is unsaved in its editor, and so kept again. */
async function handled(kept: KeptText, store: KeptStore, work: () => Promise<void>): Promise<void> {
  if (!(await store.has(kept))) {
    void window.showInformationMessage(t("{0}: already handled in another window.", nameOf(kept)));
    return;
  }
  await work();
  await store.delete(kept);
}

async function open({ uri, cells }: KeptText): Promise<Target> {
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

function textIn(target: Target): string | undefined {
  if (target === undefined) return undefined;
  return target.kind === "text" ? target.document.getText() : notebookContent(target.notebook).text;
}

/** The saved text. VS Code may have restored an older unsaved state. */
async function diskText({ uri }: KeptText, target: Target): Promise<string | undefined> {
  if (target === undefined) return undefined;
  const isDirty = target.kind === "text" ? target.document.isDirty : target.notebook.isDirty;
  if (!isDirty) return textIn(target);
  return target.kind === "text" ? textOnDisk(uri) : undefined;
}

async function replace(kept: KeptText, target: Target): Promise<void> {
  if (target === undefined) return openAsNew(kept);
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
  if (!(await workspace.applyEdit(edit))) throw new Error(t("The editor did not accept it. Try again."));
  await show(target);
  if (!sameText(textIn(target) ?? "", kept.text)) throw new Error(t("The editor did not accept it. Try again."));
}

async function show(target: NonNullable<Target>, viewColumn?: ViewColumn): Promise<void> {
  const options = { preview: false, ...(viewColumn === undefined ? {} : { viewColumn }) };
  if (target.kind === "text") await window.showTextDocument(target.document, options);
  else await window.showNotebookDocument(target.notebook, options);
}

async function openAsNew({ text, language, cells }: KeptText): Promise<void> {
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

/** The URI has the file's name, which decides the language. */
function keptUri({ uri, page }: KeptText, side: "kept" | "now"): Uri {
  const path = Uri.parse(uri, true).path;
  return Uri.from({
    scheme: keptScheme,
    path: path.startsWith("/") ? path : `/${path}`,
    query: JSON.stringify({ uri, page, side }),
  });
}

/** The text of a URI of `keptUri`. */
export async function keptTextAt(
  { query }: Uri,
  find: (uri: string, page: string) => KeptText | undefined,
): Promise<string> {
  const { uri, page, side } = JSON.parse(query) as { uri: string; page: string; side: "kept" | "now" };
  const kept = find(uri, page);
  if (kept === undefined) return "";
  return side === "kept" ? kept.text : (textIn(await open(kept)) ?? "");
}

function missingInWords(name: string, { uri }: KeptText): string {
  return uri.startsWith("untitled:")
    ? t("{0}: your unsaved text is kept in this browser. It has no file yet.", name)
    : t("{0}: your unsaved text is kept in this browser. The file no longer exists.", name);
}

/** Names of files may be text of other people (RULES R17). */
function nameOf({ uri }: KeptText): string {
  const { path } = Uri.parse(uri, true);
  return harmless(path.slice(path.lastIndexOf("/") + 1)) || t("A file");
}
