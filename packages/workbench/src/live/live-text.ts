import { dispose, type IDisposable } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { CodeEditorWidget } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/widget/codeEditor/codeEditorWidget";
import { EndOfLinePreference, type ITextModel } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import type { IUndoRedoService } from "@codingame/monaco-vscode-api/vscode/vs/platform/undoRedo/common/undoRedo.service";
import type { ITextFileEditorModel } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles";
import type { LiveClientMessage, LiveServerMessage, RefusedReason } from "@waiide/protocol";
import {
  ChangeSet,
  diffToChange,
  LiveClient,
  type LiveClientState,
  LiveGap,
  type RemoteChange,
  type Text,
  textHash,
  toText,
  type UndoStep,
  wholeCharacters,
} from "@waiide/protocol/live";
import { markUnsaved, overrideModel } from "../overrides/live-models.ts";
import { CaretView } from "./caret-view.ts";
import { EditorText, type OwnChange } from "./editor-text.ts";
import { editsOf, positionOf } from "./model-changes.ts";
import { OwnCursorSender } from "./own-cursor.ts";
import { RemoteCarets } from "./remote-carets.ts";
import { Saving } from "./saving.ts";
import { TextUndo } from "./text-undo.ts";

type Opened = Extract<LiveServerMessage, { type: "live-opened" }>;
type Reset = Extract<LiveServerMessage, { type: "live-reset" }>;

export interface LiveTextParts {
  readonly path: string;
  readonly file: ITextFileEditorModel;
  readonly model: ITextModel;
  readonly undo: IUndoRedoService;
  /** The editors that show the file. */
  editors(): readonly CodeEditorWidget[];
  /** @returns false: there is no connection */
  send(message: LiveClientMessage): boolean;
  /** The gateway refused what was typed; the editor shows the text without it. */
  refused(reason: RefusedReason, text: string): void;
  /** Line ends belong to the file, and cannot be changed here. */
  keptLineEnds(): void;
  /** The file holds exactly what is shown. */
  saved(): void;
  /** The gateway has everything that was typed. */
  acknowledged(): void;
  /** Nobody asked, so nobody else says it. */
  saveFailed(message: string): void;
}

/** One open text and the gateway's: typing goes there, others' changes come from there, and the caret stays where it is. */
export class LiveText {
  readonly path: string;
  readonly saving: Saving;
  /** Of others. */
  readonly carets = new RemoteCarets();
  readonly #parts: LiveTextParts;
  /** What ends with it. */
  readonly #listening: IDisposable[];
  readonly #undo: TextUndo;
  readonly #editor: EditorText;
  readonly #id = newId();
  #client: LiveClient | undefined;
  #cursor: OwnCursorSender | undefined;
  #view: CaretView | undefined;
  /** The gateway's number of the file on this connection. */
  #doc: number | undefined;
  /** Before the file is live: its saved text, and what was typed since. */
  #base: Text;
  #early: ChangeSet;
  #checked = -1;
  /** What came while somebody composes a character, which others' changes would break off. */
  #held: LiveServerMessage[] = [];
  #composing: CodeEditorWidget | undefined;

  constructor(parts: LiveTextParts) {
    const { model, file } = parts;
    this.path = parts.path;
    this.#parts = parts;
    this.#editor = new EditorText({
      ...parts,
      keepsLineEnds: () => this.isLive,
      typed: (change) => this.#typed(change),
    });
    this.#base = this.#editor.text;
    this.#early = ChangeSet.empty(this.#base.length);
    this.#undo = new TextUndo(model, parts.undo);
    this.saving = new Saving({ ...parts, markUnsaved: () => markUnsaved(file) });
    this.#listening = [this.#editor];
  }

  get isLive(): boolean {
    return this.#client !== undefined;
  }

  get doc(): number | undefined {
    return this.#doc;
  }

  get isUnacknowledged(): boolean {
    return this.#client?.unacknowledged ?? !this.#early.empty;
  }

  /** What the next life of the page needs to send what was not acknowledged. */
  get state(): LiveClientState | undefined {
    return this.isUnacknowledged ? this.#client?.state : undefined;
  }

  /** What the gateway has. */
  get confirmed(): string {
    return (this.#client?.confirmed ?? this.#base).toString();
  }

  /** With the file's line ends. */
  get text(): string {
    return this.#parts.model.getValue(EndOfLinePreference.TextDefined);
  }

  /** See `LiveFiles.placeOf`. */
  placeOf(person: string): { readonly first: number; readonly line: number } | undefined {
    const caret = this.carets.of(person);
    const head = caret?.ranges[0]?.[1];
    if (caret?.visible === undefined || head === undefined) return undefined;
    const text = this.#editor.text;
    return { first: positionOf(caret.visible[0], text).lineNumber, line: positionOf(head, text).lineNumber };
  }

  /** Asks the gateway to be in the file, again after each new connection. */
  join(): void {
    const known = this.#client?.reopen() ?? { client: this.#id };
    this.#parts.send({ type: "live-open", path: this.path, ...known });
  }

  /** The page was loaded anew: what its last life had not sent is shown, and sent once the gateway answers. */
  restore(client: LiveClient): void {
    this.#begin(client);
  }

  /** The connection is gone. */
  lost(): void {
    this.#doc = undefined;
    this.#client?.reopen();
    this.saving.lost();
    // What is missing comes again.
    this.#held = [];
    this.#cursor?.forget();
    this.carets.clear();
  }

  /** The editor shows the file's text anew: not something that was typed. */
  reread(): void {
    if (this.#client !== undefined) return;
    this.#base = this.#editor.text;
    this.#early = ChangeSet.empty(this.#editor.text.length);
  }

  /** Editors were opened or closed. */
  editorsChanged(): void {
    this.#cursor?.update();
    this.#view?.update();
  }

  composing(editor: CodeEditorWidget | undefined): void {
    this.#composing = editor;
    if (editor !== undefined) return;
    const held = this.#held;
    this.#held = [];
    for (const message of held) this.receive(message);
  }

  receive(message: LiveServerMessage): void {
    if (this.#composing !== undefined) {
      this.#held.push(message);
      return;
    }
    try {
      this.#take(message);
    } catch (error) {
      if (!(error instanceof LiveGap)) throw error;
      this.#rejoin();
    }
  }

  /** Resolves when the file holds what is shown now. */
  save(): Promise<void> {
    const saved = this.saving.ask();
    this.#settle();
    return saved;
  }

  /** Lets the gateway compare: a text that differs comes anew. */
  check(): void {
    const client = this.#client;
    if (client === undefined || this.#doc === undefined || client.rev === this.#checked) return;
    this.#checked = client.rev;
    this.#parts.send({ type: "live-check", doc: this.#doc, rev: client.rev, hash: textHash(client.confirmed) });
  }

  replace(text: string): void {
    const change = diffToChange(this.#editor.text, toText(text.replace(/\r\n?/g, "\n")));
    this.#parts.model.pushEditOperations(null, editsOf(change, this.#editor.text), () => null);
  }

  /** Takes back what the gateway has not acknowledged. */
  discard(): void {
    const client = this.#client;
    if (client !== undefined) this.#editor.edit(client.own.invert(client.confirmed));
  }

  close(): void {
    if (this.#doc !== undefined) this.#parts.send({ type: "live-close", doc: this.#doc });
    this.end();
  }

  /** The file is not live any more. */
  end(): void {
    dispose(this.#listening);
    this.#cursor?.close();
    this.#view?.close();
    this.saving.close();
    this.#client = undefined;
    this.#doc = undefined;
  }

  #take(message: LiveServerMessage): void {
    if (message.type === "live-opened") {
      this.#opened(message);
      return;
    }
    const client = this.#client;
    if (client === undefined) return;
    switch (message.type) {
      case "live-changes":
        this.#show(client.receive(message.rev, message.changes), client);
        break;
      case "live-refused":
        this.#refused(client, message.seq, message.reason);
        break;
      case "live-reset":
        this.#reset(client, message);
        break;
      case "live-cursors":
        this.carets.receive(client, message.rev, message.changed, message.gone);
        break;
      case "live-saved":
        this.saving.saved(message.rev);
        break;
      case "live-save-failed":
        this.saving.failed(message.message);
        break;
    }
    this.#settle();
  }

  #opened(message: Opened): void {
    const first = this.#client === undefined;
    this.#doc = message.doc;
    const { epoch, rev, text = "" } = message;
    const client = this.#client ?? new LiveClient(this.#id, { epoch, rev, text });
    if (first) this.#begin(client);
    else this.#show(client.reopened(message), client);
    this.saving.opened(message.saved, message.writable);
    this.#settle();
    this.editorsChanged();
  }

  /** What was typed before the answer is this person's first change. */
  #begin(client: LiveClient): void {
    const others = diffToChange(this.#base, client.shown);
    const early = this.#early.map(others);
    const behind = others.map(this.#early, true);
    this.#attach(client);
    client.edit(early);
    if (!behind.empty) this.#editor.show(behind);
  }

  #attach(client: LiveClient): void {
    this.#client = client;
    const { file, model, undo, editors, send } = this.#parts;
    this.#listening.push(overrideModel(file, model, undo, this.#overriding()));
    this.#cursor = new OwnCursorSender({
      client,
      editors,
      send: (cursor) => {
        if (this.#doc !== undefined) send({ type: "live-cursor", doc: this.#doc, ...cursor });
      },
    });
    this.#view = new CaretView({ model, carets: this.carets, editors, text: () => this.#editor.text });
  }

  #overriding() {
    const text = this;
    return {
      get canUndo() {
        return text.#undo.canUndo;
      },
      get canRedo() {
        return text.#undo.canRedo;
      },
      get isUnacknowledged() {
        return text.isUnacknowledged;
      },
      undo: () => this.#step((shown) => this.#undo.undo(shown)),
      redo: () => this.#step((shown) => this.#undo.redo(shown)),
    };
  }

  /** The person changed the text; `isStep`: by undo or redo. */
  #typed({ change, before, isStep }: OwnChange): void {
    if (this.#client === undefined) {
      this.#early = this.#early.compose(change);
      return;
    }
    const own = wholeCharacters(change, before);
    this.#client.edit(own);
    if (!isStep) this.#undo.add(own, before);
    this.carets.move(own);
    this.#settle();
  }

  #show(changes: readonly RemoteChange[], client: LiveClient): void {
    if (changes.length === 0) return;
    const all = changes.reduce((sum, { change }) => sum.compose(change), ChangeSet.empty(this.#editor.text.length));
    this.#undo.receive(all);
    this.#editor.show(all);
    for (const { change, person } of changes) this.carets.move(change, person);
    if (!this.#editor.text.eq(client.shown)) throw new Error("the editor shows another text than it should");
  }

  #step(take: (shown: Text) => UndoStep | undefined): void {
    const { editors } = this.#parts;
    const step = take(this.#editor.text);
    if (step === undefined) return;
    this.#editor.edit(step.change);
    const editor = editors().find((each) => each.hasTextFocus()) ?? editors()[0];
    const position = positionOf(step.caret, this.#editor.text);
    editor?.setPosition(position, "waiide.live");
    editor?.revealPositionInCenterIfOutsideViewport(position);
  }

  #refused(client: LiveClient, seq: number, reason: RefusedReason): void {
    const refusal = client.refused(seq);
    if (refusal === undefined) return;
    this.#show([{ change: refusal.change }], client);
    this.#undo.clear();
    this.#parts.refused(reason, refusal.text);
  }

  #reset(client: LiveClient, message: Reset): void {
    this.#show(client.reset(message), client);
    this.saving.opened(message.saved);
  }

  /** Something is missing: the whole text comes, and own changes stay. */
  #rejoin(): void {
    const doc = this.#doc;
    this.lost();
    if (doc !== undefined) this.#parts.send({ type: "live-close", doc });
    this.#parts.send({ type: "live-open", path: this.path, client: this.#client?.id ?? this.#id });
  }

  /** Sends what is due, and lets VS Code know whether everything is in the file. */
  #settle(): void {
    const client = this.#client;
    if (client === undefined || this.#doc === undefined) return;
    const next = client.next();
    if (next !== undefined) this.#parts.send({ type: "live-change", doc: this.#doc, ...next });
    this.saving.settle(client, this.#doc);
    if (client.unacknowledged) return;
    this.#parts.acknowledged();
    this.#cursor?.update();
  }
}

/** Pages on plain HTTP have no `crypto.randomUUID`. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
