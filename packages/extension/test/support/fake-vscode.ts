import { readFileSync, writeFileSync } from "node:fs";
import type * as Vscode from "vscode";

/** VS Code as far as live editing uses it: documents with a file, one editor each, tabs, commands. Its window is this module. */

class Emitter<Value> {
  readonly #listeners = new Set<(value: Value) => unknown>();
  readonly event = (listener: (value: Value) => unknown) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(value: Value): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

class Position {
  readonly line: number;
  readonly character: number;
  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
  compareTo(other: Position): number {
    return this.line - other.line || this.character - other.character;
  }
}

class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(a: Position | number, b: Position | number, c = 0, d = 0) {
    this.start = a instanceof Position ? a : new Position(a, b as number);
    this.end = b instanceof Position ? b : new Position(c, d);
  }
  get isEmpty(): boolean {
    return this.start.compareTo(this.end) === 0;
  }
}

class Selection extends Range {
  readonly anchor: Position;
  readonly active: Position;
  readonly isReversed = false;
  constructor(a: Position | number, b: Position | number, c = 0, d = 0) {
    super(a, b, c, d);
    this.anchor = this.start;
    this.active = this.end;
  }
}

class Uri {
  readonly scheme = "file";
  readonly authority = "";
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
  static parse(text: string): Uri {
    return new Uri(text.replace("file://", ""));
  }
  get fsPath(): string {
    return this.path;
  }
  with({ path }: { path: string }): Uri {
    return new Uri(path);
  }
  toString(): string {
    return `file://${this.path}`;
  }
}

class TabInputText {
  readonly uri: Uri;
  constructor(uri: Uri) {
    this.uri = uri;
  }
}

interface OneEdit {
  readonly range: Range;
  readonly text: string;
}

class WorkspaceEdit {
  readonly edits: (OneEdit & { readonly uri: Uri })[] = [];
  replace(uri: Uri, range: Range, text: string): void {
    this.edits.push({ uri, range, text });
  }
}

const TextEdit = {
  insert: (position: Position, newText: string) => ({ range: new Range(position, position), newText }),
};

interface ChangeEvent {
  readonly document: FakeDocument;
  readonly contentChanges: readonly OneEdit[];
}

const events = {
  opened: new Emitter<FakeDocument>(),
  closed: new Emitter<FakeDocument>(),
  changed: new Emitter<ChangeEvent>(),
  willSave: new Emitter<{ document: FakeDocument; waitUntil: (work: Promise<unknown>) => void }>(),
  saved: new Emitter<FakeDocument>(),
  tabs: new Emitter<undefined>(),
  active: new Emitter<FakeEditor | undefined>(),
  visible: new Emitter<undefined>(),
  never: new Emitter<undefined>(),
};

/** A text file that this window has open. The line ends of its text are `\n`. */
export class FakeDocument {
  readonly uri: Uri;
  readonly eol = 1;
  isDirty = false;
  isClosed = false;
  version = 1;
  /** What VS Code's own undo did. */
  builtInUndos = 0;
  #text: string;
  /** What VS Code read or wrote last. */
  #known: string;
  /** “The content of the file is newer”. */
  failedSaves = 0;

  constructor(path: string) {
    this.uri = new Uri(path);
    this.#text = readFileSync(path, "utf8");
    this.#known = this.#text;
  }

  getText(): string {
    return this.#text;
  }

  /** A person, or another extension: changes of one event, one after the other. */
  type(...changes: readonly (readonly [from: number, insert: string, to?: number])[]): void {
    this.isDirty = true;
    const made = changes.map(([from, text, to = from]) => {
      const range = new Range(this.placeAt(from), this.placeAt(to));
      this.#text = this.#text.slice(0, from) + text + this.#text.slice(to);
      return { range, text };
    });
    this.#changed(made);
  }

  /** As VS Code makes a list of edits: all are meant for the text before them. */
  edit(edits: readonly OneEdit[]): void {
    const sorted = [...edits].sort((one, other) => other.range.start.compareTo(one.range.start));
    this.type(...sorted.map(({ range, text }) => [this.at(range.start), text, this.at(range.end)] as const));
  }

  /** Reads the file again, as for Revert, or for a clean document that another program changed. */
  read(): void {
    const text = readFileSync(this.uri.path, "utf8");
    const range = new Range(this.placeAt(0), this.placeAt(this.#text.length));
    this.#known = text;
    this.isDirty = false;
    if (text === this.#text) return;
    this.#text = text;
    this.#changed([{ range, text }]);
  }

  async save(): Promise<boolean> {
    const waits: Promise<unknown>[] = [];
    events.willSave.fire({ document: this, waitUntil: (work) => waits.push(work) });
    for (const edits of (await Promise.all(waits)) as { range: Range; newText: string }[][]) {
      if (edits?.length > 0) this.edit(edits.map(({ range, newText }) => ({ range, text: newText })));
    }
    const there = readFileSync(this.uri.path, "utf8");
    if (there !== this.#known && there !== this.#text) {
      this.failedSaves += 1;
      return false;
    }
    writeFileSync(this.uri.path, this.#text);
    this.#known = this.#text;
    this.isDirty = false;
    events.changed.fire({ document: this, contentChanges: [] });
    events.saved.fire(this);
    return true;
  }

  at({ line, character }: Position): number {
    const before = this.#text.split("\n").slice(0, line);
    return before.reduce((sum, one) => sum + one.length + 1, 0) + character;
  }

  placeAt(offset: number): Position {
    const lines = this.#text.slice(0, offset).split("\n");
    return new Position(lines.length - 1, lines.at(-1)?.length ?? 0);
  }

  #changed(contentChanges: readonly OneEdit[]): void {
    this.version += 1;
    events.changed.fire({ document: this, contentChanges });
  }
}

class FakeEditor {
  readonly document: FakeDocument;
  selections: Selection[] = [new Selection(0, 0, 0, 0)];
  readonly visibleRanges = [new Range(0, 0, 1, 0)];
  constructor(document: FakeDocument) {
    this.document = document;
  }
  set selection(one: Selection) {
    this.selections = [one];
  }
  revealRange(): void {}
  setDecorations(): void {}

  /** Refused where the person typed first. */
  async edit(build: (builder: { replace: (range: Range, text: string) => void }) => void): Promise<boolean> {
    const edits: OneEdit[] = [];
    build({ replace: (range, text) => edits.push({ range, text }) });
    const { version } = this.document;
    await new Promise(setImmediate);
    if (this.document.version !== version) return false;
    this.document.edit(edits);
    return true;
  }
}

const documents: FakeDocument[] = [];
const editors: FakeEditor[] = [];
let activeEditor: FakeEditor | undefined;
const registered = new Map<string, ((...values: unknown[]) => unknown)[]>();
const messages: string[] = [];

/** The window for tests. */
export const fake = {
  messages,
  folder: "",

  /** Opens a file in a tab in front; other tabs are then in the background. */
  open(path: string): FakeDocument {
    const known = documents.find(({ uri }) => uri.path === path);
    const document = known ?? new FakeDocument(path);
    if (known === undefined) documents.push(document);
    editors.splice(0, editors.length, new FakeEditor(document));
    [activeEditor] = editors;
    if (known === undefined) events.opened.fire(document);
    events.tabs.fire(undefined);
    events.visible.fire(undefined);
    events.active.fire(activeEditor);
    return document;
  },

  /** Closes the tab. With “Don't Save”, VS Code reads the file again first. */
  close(document: FakeDocument): void {
    if (document.isDirty) document.read();
    documents.splice(documents.indexOf(document), 1);
    editors.splice(0, editors.length);
    activeEditor = undefined;
    document.isClosed = true;
    events.closed.fire(document);
    events.tabs.fire(undefined);
    events.active.fire(undefined);
  },

  /** By key, or by the menu. */
  run(command: string): Promise<unknown> {
    return commands.executeCommand(command);
  },

  reset(): void {
    documents.length = editors.length = messages.length = 0;
    activeEditor = undefined;
    registered.clear();
    for (const event of Object.values(events)) event.dispose();
  },
};

const commands = {
  registerCommand(name: string, run: (...values: unknown[]) => unknown) {
    registered.set(name, [...(registered.get(name) ?? []), run]);
    const dispose = () =>
      void registered.set(
        name,
        (registered.get(name) ?? []).filter((one) => one !== run),
      );
    return { dispose };
  },
  async executeCommand(name: string, ...values: unknown[]): Promise<unknown> {
    const run = registered.get(name)?.at(-1);
    if (run !== undefined) return run(...values);
    if (name === "setContext") return undefined;
    if (name !== "undo" && name !== "redo") throw new Error(`command '${name}' not found`);
    if (activeEditor !== undefined) activeEditor.document.builtInUndos += 1;
    return undefined;
  },
  getCommands: async () => [...registered].filter(([, all]) => all.length > 0).map(([name]) => name),
};

const nothing = () => ({ dispose: () => undefined, show: () => undefined, hide: () => undefined });
const say = async (message: string) => {
  messages.push(message);
};

const window = {
  get visibleTextEditors() {
    return editors;
  },
  get activeTextEditor() {
    return activeEditor;
  },
  state: { focused: true },
  tabGroups: {
    get all() {
      return [{ tabs: documents.map(({ uri }) => ({ input: new TabInputText(uri) })) }];
    },
    get activeTabGroup() {
      return { activeTab: activeEditor && { input: new TabInputText(activeEditor.document.uri) } };
    },
    onDidChangeTabs: events.tabs.event,
    onDidChangeTabGroups: events.never.event,
  },
  onDidChangeActiveTextEditor: events.active.event,
  onDidChangeVisibleTextEditors: events.visible.event,
  onDidChangeTextEditorSelection: events.never.event,
  onDidChangeTextEditorVisibleRanges: events.never.event,
  onDidChangeWindowState: events.never.event,
  createTextEditorDecorationType: nothing,
  createStatusBarItem: nothing,
  registerFileDecorationProvider: nothing,
  registerWebviewViewProvider: nothing,
  showInformationMessage: say,
  showErrorMessage: say,
};

const workspace = {
  get workspaceFolders() {
    return [{ uri: new Uri(fake.folder) }];
  },
  get textDocuments() {
    return documents;
  },
  fs: { readFile: async ({ path }: Uri) => readFileSync(path) },
  onDidOpenTextDocument: events.opened.event,
  onDidCloseTextDocument: events.closed.event,
  onDidChangeTextDocument: events.changed.event,
  onWillSaveTextDocument: events.willSave.event,
  onDidSaveTextDocument: events.saved.event,
  async applyEdit({ edits }: WorkspaceEdit): Promise<boolean> {
    const before = documents.map((document) => ({ document, version: document.version }));
    await new Promise(setImmediate);
    const those = before.filter(({ document }) => edits.some(({ uri }) => uri.path === document.uri.path));
    if (those.some(({ document, version }) => document.version !== version)) return false;
    for (const { document } of those) document.edit(edits.filter(({ uri }) => uri.path === document.uri.path));
    return true;
  },
};

class Nothing {}
export const vscode = {
  Position,
  Range,
  Selection,
  Uri,
  TabInputText,
  WorkspaceEdit,
  TextEdit,
  EventEmitter: Emitter,
  commands,
  window,
  workspace,
  l10n: { t: (message: string) => message },
  env: {},
  comments: {},
  EndOfLine: { LF: 1, CRLF: 2 },
  StatusBarAlignment: { Left: 1, Right: 2 },
  TextEditorRevealType: {},
  TextEditorSelectionChangeKind: {},
  DecorationRangeBehavior: {},
  CommentMode: {},
  CommentThreadState: {},
  CommentThreadCollapsibleState: {},
  TabInputTextDiff: Nothing,
  TabInputNotebook: Nothing,
  TabInputCustom: Nothing,
  ThemeColor: Nothing,
  ThemeIcon: Nothing,
  FileDecoration: Nothing,
  Disposable: Nothing,
} satisfies { readonly [name in keyof typeof Vscode]?: unknown };
