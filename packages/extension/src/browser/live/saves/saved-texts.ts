import { type Disposable, type TextDocument, workspace } from "vscode";
import { textOf } from "../editor-text.ts";

/** After this time VS Code knows whether a changed text is unsaved. Milliseconds. */
const settling = 100;

/** So often the file is read to see whether a text comes from there: it may change again, or be in another encoding. */
const maxLooks = 10;

export interface SavedTextsListener {
  /** VS Code has read a file again that another program changed. */
  onReload(document: TextDocument): void;
  /** The text of a document is another one than the file's, from now on. */
  onDirty(document: TextDocument): void;
  /** @param texts one of which was written */
  onSave(document: TextDocument, texts: readonly string[]): void;
}

/** What VS Code read or wrote last, of each open document: where it is not known, a file is not bound. */
export class SavedTexts {
  readonly #isFile: (document: TextDocument) => boolean;
  readonly #listener: SavedTextsListener;
  readonly #texts = new Map<string, string>();
  /** While a document is saved: the texts one of which is written, as people type on meanwhile. */
  readonly #saving = new Map<string, Set<string>>();
  readonly #undecided = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #subscriptions: Disposable[];

  constructor(isFile: (document: TextDocument) => boolean, listener: SavedTextsListener) {
    this.#isFile = isFile;
    this.#listener = listener;
    this.#subscriptions = [
      workspace.onDidOpenTextDocument((document) => this.#see(document)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) =>
        this.#changed(document, contentChanges.length > 0),
      ),
      workspace.onDidSaveTextDocument((document) => this.#saved(document)),
      workspace.onDidCloseTextDocument((document) => this.#closed(document)),
    ];
    for (const document of workspace.textDocuments) this.#see(document);
  }

  /** Undefined: unknown, as for text that VS Code has kept from an earlier page. */
  of(document: TextDocument): string | undefined {
    return this.#texts.get(keyOf(document));
  }

  /** A change that VS Code may have read from the file: it says so only a moment later. */
  isUndecided(document: TextDocument): boolean {
    return this.#undecided.has(keyOf(document));
  }

  /** What the file holds is not known until the next save. */
  forget(document: TextDocument): void {
    this.#texts.delete(keyOf(document));
  }

  /** VS Code is about to write this text, or a later one. */
  saving(document: TextDocument, text: string): void {
    this.#saving.set(keyOf(document), new Set([text]));
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const timer of this.#undecided.values()) clearTimeout(timer);
  }

  #see(document: TextDocument): void {
    if (this.#isFile(document) && !document.isDirty && !document.isClosed)
      this.#texts.set(keyOf(document), document.getText());
  }

  #changed(document: TextDocument, isChange: boolean): void {
    if (!this.#isFile(document)) return;
    const key = keyOf(document);
    if (isChange) this.#saving.get(key)?.add(document.getText());
    if (document.isDirty) {
      if (this.#decide(key)) this.#listener.onDirty(document);
    } else if (isChange && !this.#undecided.has(key)) {
      // The first key, or a file that was read again.
      this.#settleLater(document);
    }
  }

  async #settle(document: TextDocument, looks: number): Promise<void> {
    const key = keyOf(document);
    const timer = this.#undecided.get(key);
    const text = document.getText();
    const isUnread = this.of(document) !== text && looks < maxLooks && !(await isInFile(document, text));
    // Something happened meanwhile, which then decides.
    if (this.#undecided.get(key) !== timer) return;
    if (!document.isDirty && (isUnread || document.getText() !== text)) {
      this.#settleLater(document, looks + 1);
      return;
    }
    this.#decide(key);
    if (document.isDirty || this.of(document) === text) {
      this.#listener.onDirty(document);
      return;
    }
    this.#see(document);
    this.#listener.onReload(document);
  }

  #settleLater(document: TextDocument, looks = 0): void {
    this.#undecided.set(
      keyOf(document),
      setTimeout(() => void this.#settle(document, looks), settling),
    );
  }

  #saved(document: TextDocument): void {
    if (!this.#isFile(document)) return;
    const key = keyOf(document);
    const written = this.#saving.get(key) ?? new Set();
    this.#saving.delete(key);
    this.#decide(key);
    if (!document.isDirty) written.clear();
    if (written.size === 0) written.add(document.getText());
    const [text = ""] = written;
    // Which of them it was does not matter for long: the next save tells.
    if (written.size > 1) this.#texts.delete(key);
    else this.#texts.set(key, text);
    this.#listener.onSave(document, [...written]);
  }

  #closed(document: TextDocument): void {
    const key = keyOf(document);
    this.#decide(key);
    this.#texts.delete(key);
    this.#saving.delete(key);
  }

  /** @returns whether it was undecided */
  #decide(key: string): boolean {
    clearTimeout(this.#undecided.get(key));
    return this.#undecided.delete(key);
  }
}

/** On a busy machine VS Code may say late that a change is unsaved: the file knows whether it was read from there. */
async function isInFile({ uri }: TextDocument, text: string): Promise<boolean> {
  const bytes = await workspace.fs.readFile(uri).then(
    (read) => read,
    () => undefined,
  );
  return bytes !== undefined && textOf(new TextDecoder().decode(bytes)).eq(textOf(text));
}

function keyOf({ uri }: TextDocument): string {
  return uri.toString();
}
