import type { ICodeEditorService } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/services/codeEditorService.service";
import type { CodeEditorWidget } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/widget/codeEditor/codeEditorWidget";
import type { ITextModel } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import type { IUndoRedoService } from "@codingame/monaco-vscode-api/vscode/vs/platform/undoRedo/common/undoRedo.service";
import type { ITextFileEditorModel } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles";
import type { ITextFileService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles.service";
import type { LiveServerMessage, NotLiveReason } from "@waiide/protocol";
import { textHash } from "@waiide/protocol/live";
import type { Documents } from "../documents/documents.ts";
import type { LiveTexts } from "../documents/live-texts.ts";
import type { Addresses } from "../files/addresses.ts";
import type { Session } from "../session/session.ts";
import { Signal } from "../session/signal.ts";
import type { KeptChanges } from "./kept-changes.ts";
import type { LiveNotices } from "./live-notices.ts";
import { LiveText } from "./live-text.ts";

export interface LiveFilesParts {
  readonly session: Session;
  readonly documents: Documents;
  readonly addresses: Addresses;
  readonly notices: LiveNotices;
  readonly kept: KeptChanges;
  readonly textFiles: ITextFileService;
  readonly codeEditors: ICodeEditorService;
  readonly undo: IUndoRedoService;
}

export type NotLive = NotLiveReason | "missing" | "failed";

/** How often the gateway compares what a page has with what it should have. Milliseconds. */
const checked = 30_000;

/** Reasons that a save can end. */
const passing: ReadonlySet<NotLive> = new Set(["encoding", "line-endings", "large", "missing", "failed", "outdated"]);

interface OpenFile {
  readonly text: LiveText;
  readonly file: ITextFileEditorModel;
  readonly model: ITextModel;
  /** Why it is not live; undefined: it is, or nobody knows yet. */
  reason: NotLive | undefined;
  readonly settled: PromiseWithResolvers<void>;
}

/** The open text files and what the gateway says of them. A file that cannot be live is saved as a whole. */
export class LiveFiles implements LiveTexts {
  /** It is known of a file whether it is live. */
  readonly onSettled = new Signal<string>();
  /** Carets of others in a file moved. */
  readonly onCarets = new Signal<string>();
  readonly #parts: LiveFilesParts;
  readonly #open = new Map<string, OpenFile>();
  /** By the gateway's number, for the present connection. */
  readonly #byDoc = new Map<number, LiveText>();

  constructor(parts: LiveFilesParts) {
    this.#parts = parts;
    const { session, textFiles, codeEditors, addresses } = parts;
    session.onLive.listen((message) => this.#receive(message));
    session.onLink.listen(({ kind }) => {
      if (kind !== "open") this.#lost();
    });
    session.onReturn.listen(() => this.#return());
    setInterval(() => this.#check(), checked);
    const { files } = textFiles;
    files.onDidResolve(({ model }) => this.#resolved(model));
    files.onDidSave(({ model }) => this.#savedAsWhole(addresses.pathOf(model.resource)));
    files.onDidRemove((resource) => this.#close(addresses.pathOf(resource)));
    for (const model of files.models) this.#resolved(model);
    for (const editor of codeEditors.listCodeEditors()) this.#editorOpened(editor);
    codeEditors.onCodeEditorAdd((editor) => this.#editorOpened(editor));
    codeEditors.onCodeEditorRemove(() => this.#editorsChanged());
  }

  isLive(path: string): boolean {
    return this.#open.get(path)?.text.isLive ?? false;
  }

  async settled(path: string): Promise<void> {
    await this.#open.get(path)?.settled.promise;
  }

  textOf(path: string): string | undefined {
    const text = this.#open.get(path)?.text;
    return text?.isLive ? text.text : undefined;
  }

  isUnacknowledged(path: string): boolean {
    return this.#open.get(path)?.text.isUnacknowledged ?? false;
  }

  /** Whether the file was not saved for longer than usual. */
  isOverdue(path: string): boolean {
    return this.#open.get(path)?.text.saving.isOverdue ?? false;
  }

  /** Why an open file is not live; undefined: it is, or nobody knows yet, or it is not open. */
  reasonOf(path: string): NotLive | undefined {
    return this.#open.get(path)?.reason;
  }

  /** What somebody sees of a file, in lines from 1: the first on their screen, and the one with their caret. */
  placeOf(path: string, person: string): { readonly first: number; readonly line: number } | undefined {
    return this.#open.get(path)?.text.placeOf(person);
  }

  async keep(path: string): Promise<void> {
    const state = this.#open.get(path)?.text.state;
    if (state !== undefined) await this.#parts.kept.keep(path, state);
  }

  async save(path: string): Promise<void> {
    await this.#open.get(path)?.text.save();
  }

  /** Saves a file, or the files of a folder. */
  async saveIn(source: string): Promise<void> {
    const inside = [...this.#open.values()].filter(({ text }) => {
      return text.isLive && (text.path === source || text.path.startsWith(`${source}/`));
    });
    await Promise.all(inside.map(({ text }) => text.save()));
  }

  replace(path: string, text: string): void {
    this.#open.get(path)?.text.replace(text);
  }

  discard(path: string): void {
    this.#open.get(path)?.text.discard();
  }

  #resolved(file: ITextFileEditorModel): void {
    const path = this.#parts.addresses.pathOf(file.resource);
    const model = file.textEditorModel;
    if (path === undefined || !model) return;
    const known = this.#open.get(path);
    if (known !== undefined && known.model === model) {
      known.text.reread();
      this.#joinAgain(known);
      return;
    }
    const open = this.#begin(path, file, model);
    if (file.isDirty()) void this.#restore(open);
    else open.text.join();
  }

  /** A text that was kept without its changes is based on one that is not known here: it is saved as a whole first. */
  async #restore(open: OpenFile): Promise<void> {
    const kept = await this.#parts.kept.take(open.text.path);
    if (this.#open.get(open.text.path) !== open) return;
    if (kept === undefined) {
      this.#close(open.text.path);
      return;
    }
    open.text.restore(kept);
    open.text.join();
  }

  #begin(path: string, file: ITextFileEditorModel, model: ITextModel): OpenFile {
    const { session, notices, undo, documents, kept } = this.#parts;
    const text = new LiveText({
      path,
      file,
      model,
      undo,
      editors: () => this.#editorsOf(model),
      send: (message) => session.sendLive(message),
      refused: (reason, refused) => {
        // A share that is lowered or over offers what was typed for itself.
        if (reason !== "level" && reason !== "ended") notices.refused(path, reason, refused);
      },
      keptLineEnds: () => notices.keptLineEnds(),
      saved: () => documents.savedLive(path, textHash),
      acknowledged: () => void kept.forget(path),
      saveFailed: (message) => notices.saveFailed(path, message),
    });
    const open = { text, file, model, reason: undefined, settled: Promise.withResolvers<void>() };
    this.#open.set(path, open);
    text.carets.onChange.listen(() => this.onCarets.fire(path));
    return open;
  }

  #receive(message: LiveServerMessage): void {
    if (message.type === "live-opened") this.#opened(message);
    else if (message.type === "live-not-opened") this.#notLive(message.path, message.reason);
    else if (message.type === "live-closed") this.#closed(message.doc, message.reason);
    else this.#tell(message);
  }

  #tell(message: Extract<LiveServerMessage, { doc: number }>): void {
    const text = this.#byDoc.get(message.doc);
    if (text === undefined) return;
    if (message.type === "live-overlap") this.#parts.notices.overlap(text.path);
    if (message.type === "live-rights") {
      text.saving.rights(message.writable);
      this.#parts.documents.onStale.fire(text.path);
    }
    text.receive(message);
  }

  #opened(message: Extract<LiveServerMessage, { type: "live-opened" }>): void {
    const open = this.#open.get(message.path);
    if (open === undefined) {
      this.#parts.session.sendLive({ type: "live-close", doc: message.doc });
      return;
    }
    this.#byDoc.set(message.doc, open.text);
    open.reason = undefined;
    open.text.receive(message);
    this.#settled(message.path, open);
  }

  #notLive(path: string, reason: NotLive): void {
    const open = this.#open.get(path);
    if (open?.text.isLive) this.#endLive(open, reason);
    else if (open !== undefined) this.#knowReason(open, reason);
  }

  #knowReason(open: OpenFile, reason: NotLive): void {
    open.reason = reason;
    this.#settled(open.text.path, open);
  }

  #settled(path: string, open: OpenFile): void {
    open.settled.resolve();
    this.onSettled.fire(path);
  }

  #closed(doc: number, reason: string): void {
    const text = this.#byDoc.get(doc);
    this.#byDoc.delete(doc);
    const open = text && this.#open.get(text.path);
    if (open !== undefined) this.#endLive(open, reason === "not-live" ? "failed" : "missing");
  }

  /** From now on the file is read and saved as a whole, until it can be live again. */
  #endLive({ text, file, model }: OpenFile, reason: NotLive): void {
    const { path, isUnacknowledged, confirmed } = text;
    text.end();
    this.#parts.documents.assumeBase(path, confirmed);
    this.#knowReason(this.#begin(path, file, model), reason);
    if (!isUnacknowledged) this.#parts.documents.onStale.fire(path);
  }

  /** What stood in the way may be gone. */
  #savedAsWhole(path: string | undefined): void {
    if (path === undefined) return;
    const file = this.#parts.textFiles.files.get(this.#parts.addresses.uriOf(path));
    // Typed in again meanwhile: the next save follows.
    if (file !== undefined && !file.isDirty()) this.#resolved(file);
  }

  #joinAgain({ text, reason }: OpenFile): void {
    if (reason !== undefined && passing.has(reason)) text.join();
  }

  #close(path: string | undefined): void {
    const open = path === undefined ? undefined : this.#open.get(path);
    if (path === undefined || open === undefined) return;
    this.#open.delete(path);
    if (open.text.doc !== undefined) this.#byDoc.delete(open.text.doc);
    open.settled.resolve();
    open.text.close();
  }

  #lost(): void {
    this.#byDoc.clear();
    for (const { text } of this.#open.values()) text.lost();
  }

  #return(): void {
    for (const { text } of this.#open.values()) text.join();
  }

  #check(): void {
    for (const { text } of this.#open.values()) text.check();
  }

  #editorsOf(model: ITextModel): CodeEditorWidget[] {
    const all = this.#parts.codeEditors.listCodeEditors() as readonly CodeEditorWidget[];
    return all.filter((editor) => editor.getModel() === model);
  }

  #editorOpened(added: unknown): void {
    const editor = added as CodeEditorWidget;
    editor.onDidChangeModel(() => this.#editorsChanged());
    editor.onDidCompositionStart(() => this.#textIn(editor)?.composing(editor));
    editor.onDidCompositionEnd(() => this.#textIn(editor)?.composing(undefined));
    this.#editorsChanged();
  }

  #textIn(editor: CodeEditorWidget): LiveText | undefined {
    return [...this.#open.values()].find(({ model }) => model === editor.getModel())?.text;
  }

  #editorsChanged(): void {
    for (const { text } of this.#open.values()) text.editorsChanged();
  }
}
