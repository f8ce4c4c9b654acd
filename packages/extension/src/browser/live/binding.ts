import {
  type Caret,
  type ChangeSet,
  diffToChange,
  LiveClient,
  type LiveServerMessage,
  type LoggedChange,
  type OutgoingChange,
  OwnUndo,
  type RemoteChange,
  SlowEditor,
  type Text,
  type UndoStep,
  wholeCharacters,
} from "@waiide/protocol/live";
import type { TextDocument, TextDocumentChangeEvent } from "vscode";
import { changeOf, editsOf, offsetAt, type Place, placeAt, textOf, trimmedAt } from "./editor-text.ts";
import { caretsIn, editorsOf, keepCarets, makeEdits, putCaret } from "./editors.ts";

type Opened = Extract<LiveServerMessage, { type: "live-opened" }>;
type Reset = Extract<LiveServerMessage, { type: "live-reset" }>;

/** Blanks that were removed, and where. */
export interface Blanks {
  readonly place: Place;
  readonly text: string;
}

/** Somebody's caret in places of the editor. */
export interface ShownCaret {
  readonly caret: Caret;
  readonly ranges: readonly { readonly anchor: Place; readonly head: Place }[];
  /** Where their screen begins; undefined: unknown. */
  readonly first: Place | undefined;
}

/** Removed blanks, by their offset in the text of now. */
interface Removed {
  readonly at: number;
  readonly text: string;
}

type Pair = [number, number];

/** Places of the gateway's text at `rev`. */
export interface OwnCursorPlace {
  readonly rev: number;
  readonly ranges: Pair[];
  readonly visible?: Pair;
}

export interface BindingOptions {
  readonly document: TextDocument;
  /** The gateway's number of the file. */
  readonly doc: number;
  /** The text that VS Code read or wrote last; what the document has besides is the owner's own, unsaved. */
  readonly saved: Text;
  readonly client: string;
  /** There may be a change to send. */
  readonly onEdit: (binding: Binding) => void;
  /** The editor shows something new of others. */
  readonly onShown: (binding: Binding) => void;
}

/** Documents that others wrote in while they were live, or that were read again: VS Code's own undo would take that back. */
const rewritten = new WeakSet<TextDocument>();

export function isRewritten(document: TextDocument): boolean {
  return rewritten.has(document);
}

/** One live file of this window: VS Code's document on one side, the gateway's text on the other. */
export class Binding {
  readonly document: TextDocument;
  doc: number;
  readonly #client: LiveClient;
  readonly #slow: SlowEditor;
  readonly #undo = new OwnUndo();
  readonly #options: BindingOptions;
  /** The document's text as of the last event. */
  #text: Text;
  #pushing: Promise<void> | undefined;
  #closed = false;
  /** Where others wrote last, in the shown text. */
  readonly #writers = new Map<string, number>();
  /** Blanks that a save removed, until they are there again. */
  #held: readonly Removed[] = [];
  #isRestoring = false;
  /** Blanks that were removed where others write; a save may be the reason. */
  #trimmed: readonly Removed[] = [];
  readonly #carets = new Map<string, { readonly caret: Caret; readonly rev: number }>();

  constructor(options: BindingOptions, opened: Opened & { readonly text: string }) {
    this.#options = options;
    this.document = options.document;
    this.doc = options.doc;
    this.#text = textOf(this.document.getText());
    // As if the gateway's text had been the saved one, and others had changed it since: own unsaved text stays.
    const { epoch, rev } = opened;
    this.#client = new LiveClient(options.client, { epoch, rev, text: options.saved.toString() });
    this.#client.edit(diffToChange(options.saved, this.#text));
    this.#slow = new SlowEditor(this.#client);
    this.#slow.receive(this.#client.reset({ epoch, rev, text: opened.text, seq: 0 }));
  }

  /** VS Code has read the file again: nobody here wrote what it says now, and nobody takes it back. */
  wasReadAgain(): void {
    rewritten.add(this.document);
  }

  /** Shows what others wrote before, and sends what is unsaved here. */
  start(): void {
    this.#options.onEdit(this);
    void this.#push();
  }

  /** Whether the editor holds what it should. */
  get agrees(): boolean {
    return !this.#slow.settled || (this.#text.eq(this.#client.shown) && this.#text.eq(textOf(this.document.getText())));
  }

  get text(): Text {
    return this.#text;
  }

  /** Whether the editor shows everything, and the gateway has everything. */
  get isSettled(): boolean {
    return this.#slow.settled && !this.#client.unacknowledged;
  }

  /** For `live-check`: the gateway's text as this window has it. */
  get confirmed(): { readonly rev: number; readonly text: Text } {
    return { rev: this.#client.rev, text: this.#client.confirmed };
  }

  next(): OutgoingChange | undefined {
    return this.#client.next();
  }

  changed({ contentChanges }: TextDocumentChangeEvent): void {
    if (this.#closed || contentChanges.length === 0) return;
    const change = wholeCharacters(changeOf(this.#text, contentChanges), this.#text);
    const trimmed = this.#trimmedBy(change);
    this.#text = change.apply(this.#text);
    this.#held = moved(this.#held, change);
    this.#trimmed = [...moved(this.#trimmed, change), ...trimmed];
    this.#own(() => this.#slow.changed(change));
    // VS Code has read them again.
    if (!this.#client.unacknowledged) this.release();
  }

  receive(rev: number, changes: readonly LoggedChange[]): void {
    this.#show(this.#client.receive(rev, changes));
  }

  reset({ epoch, rev, text, seq }: Reset): void {
    this.#show(this.#client.reset({ epoch, rev, text, seq }));
  }

  /** The connection is gone; see `LiveClient.reopen`. */
  reopen(): ReturnType<LiveClient["reopen"]> {
    return this.#client.reopen();
  }

  reopened(opened: Opened): void {
    this.doc = opened.doc;
    this.#carets.clear();
    this.#show(this.#client.reopened(opened));
  }

  /** @returns the text that was refused; undefined if it was nothing */
  refused(seq: number): string | undefined {
    const refusal = this.#client.refused(seq);
    if (refusal === undefined) return undefined;
    this.#undo.clear();
    this.#slow.receive([refusal]);
    this.#push();
    return refusal.text;
  }

  moved(rev: number, changed: readonly Caret[], gone: readonly string[]): void {
    for (const caret of changed) this.#carets.set(caret.person, { caret, rev });
    for (const person of gone) this.#carets.delete(person);
    this.#options.onShown(this);
  }

  /** Empty while the editor does not show everything yet: places would be wrong. */
  carets(): readonly ShownCaret[] | undefined {
    if (!this.#slow.settled) return undefined;
    return [...this.#carets.values()].map(({ caret, rev }) => ({
      caret,
      ranges: caret.ranges.map(([anchor, head]) => ({
        anchor: this.#placeOf(anchor, rev),
        head: this.#placeOf(head, rev),
      })),
      first: caret.visible && this.#placeOf(caret.visible[0], rev),
    }));
  }

  /** The own carets as the gateway counts; undefined while the editor does not show everything yet. */
  cursor(): OwnCursorPlace | undefined {
    if (!this.#slow.settled) return undefined;
    const offset = (place: Place) => this.#client.toConfirmed(offsetAt(this.#text, place));
    const { rev } = this.#client;
    const [editor] = editorsOf(this.document);
    if (editor === undefined) return { rev, ranges: [] };
    const ranges = editor.selections.slice(0, 100).map(({ anchor, active }): Pair => [offset(anchor), offset(active)]);
    const [seen] = editor.visibleRanges;
    return seen === undefined ? { rev, ranges } : { rev, ranges, visible: [offset(seen.start), offset(seen.end)] };
  }

  /** Whether blanks were removed a moment ago where others write, as VS Code does before it saves. */
  get hasTrimmed(): boolean {
    return this.#trimmed.length > 0;
  }

  /** The blanks that were removed, and where they were. */
  takeTrimmed(): readonly Blanks[] {
    const blanks = this.#trimmed.map(({ at, text }) => ({ place: placeAt(this.#text, at), text }));
    this.#trimmed = [];
    return blanks;
  }

  /** Keeps the blanks for others that a save has just removed here: they are in the gateway's text, and come back. */
  hold(): void {
    this.#held = [...this.#held, ...this.#trimmed];
    this.#trimmed = [];
  }

  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** They do not come back: then they are removed for all. */
  release(): void {
    this.#held = [];
  }

  /** Puts them back; a person who types meanwhile comes first. */
  async restore(): Promise<void> {
    if (this.#isRestoring) return;
    this.#isRestoring = true;
    while (this.isHolding && !this.#closed) {
      const edits = this.#held.map(({ at, text }) => ({ from: at, to: at, insert: text }));
      if (await makeEdits(this.document, this.#text, edits)) this.release();
    }
    this.#isRestoring = false;
    this.#options.onEdit(this);
  }

  /** @returns false if there is nothing of one's own to undo, and VS Code's own undo would undo nothing of others either */
  undo(): boolean {
    return this.#step(this.#undo.undo(this.#client.shown)) || rewritten.has(this.document);
  }

  redo(): boolean {
    return this.#step(this.#undo.redo(this.#client.shown)) || rewritten.has(this.document);
  }

  endUndoGroup(): void {
    this.#undo.endGroup();
  }

  /** Resolves when the editor shows everything, or at the given time of `performance.now()`. */
  async shown(until: number): Promise<void> {
    while (!this.#slow.settled && performance.now() < until) await this.#push();
  }

  /** Resolves when nothing is being applied to the editor any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pushing;
  }

  #step(step: UndoStep | undefined): boolean {
    if (step === undefined) return false;
    this.#client.edit(step.change);
    this.#slow.receive([step]);
    this.#options.onEdit(this);
    this.#push().then(() => {
      if (this.#slow.settled) putCaret(this.document, placeAt(this.#text, Math.min(step.caret, this.#text.length)));
    });
    return true;
  }

  /** Takes what the person wrote. */
  #own(report: () => ChangeSet[]): void {
    let before = this.#client.shown;
    for (const change of report()) {
      this.#undo.add(change, before, performance.now());
      before = change.apply(before);
      this.#moveWriters(change);
    }
    this.#options.onEdit(this);
  }

  #show(remote: readonly RemoteChange[]): void {
    for (const { change, person } of remote) {
      this.#undo.receive(change);
      this.#moveWriters(change);
      if (person !== undefined && person !== "disk") this.#writers.set(person, endOf(change));
    }
    if (remote.length > 0) rewritten.add(this.document);
    this.#slow.receive(remote);
    this.#options.onEdit(this);
    void this.#push();
  }

  #push(): Promise<void> {
    this.#pushing ??= this.#pushAll().finally(() => {
      this.#pushing = undefined;
      if (!this.#closed) this.#options.onShown(this);
    });
    return this.#pushing;
  }

  /** VS Code refuses an edit where a key came first: then it is made anew, moved over what the key wrote. */
  async #pushAll(): Promise<void> {
    for (let change = this.#slow.take(); change !== undefined; change = this.#closed ? undefined : this.#slow.take()) {
      const before = this.#text;
      const { edits, drags } = editsOf(change, before, caretsIn(this.document, before));
      const after = change.apply(before);
      const putBack = drags ? keepCarets(this.document, before, after, change) : undefined;
      const made = await makeEdits(this.document, before, edits);
      // Not where the person typed on meanwhile.
      if (made && this.#text.eq(after)) putBack?.();
      this.#own(() => this.#slow.applied(made));
    }
  }

  #moveWriters(change: ChangeSet): void {
    for (const [person, offset] of this.#writers) this.#writers.set(person, change.mapPos(offset, 1));
  }

  #trimmedBy(change: ChangeSet): readonly Removed[] {
    // Places are not known exactly then: all blanks count.
    if (!this.#slow.settled) return trimmedAt(change, this.#text, undefined);
    const carets = [...this.#carets.values()].flatMap(({ caret, rev }) =>
      caret.ranges.map(([, head]) => this.#client.toShown(head, rev)),
    );
    return trimmedAt(change, this.#text, [...carets, ...this.#writers.values()]);
  }

  #placeOf(offset: number, rev: number): Place {
    return placeAt(this.#text, Math.min(this.#client.toShown(offset, rev), this.#text.length));
  }
}

function moved(removed: readonly Removed[], change: ChangeSet): readonly Removed[] {
  return removed.map(({ at, text }) => ({ at: change.mapPos(at, -1), text }));
}

function endOf(change: ChangeSet): number {
  let end = 0;
  change.iterChangedRanges((_fromA, _toA, _fromB, toB) => {
    end = toB;
  });
  return end;
}
