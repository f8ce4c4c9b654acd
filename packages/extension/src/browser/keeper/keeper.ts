import { type KeeperMessage, keeperChannel } from "@waiide/protocol";
import { type Disposable, type NotebookDocument, type TextDocument, workspace } from "vscode";
import { type KeptText, maxKeptSize, maxTextSize } from "./kept-text.ts";
import { type Content, isKept, notebookContent, sizeOf, textContent } from "./sources.ts";
import type { KeptStore } from "./store.ts";

/** Delay after a change, so that fast changes are kept together; longer for large texts. Milliseconds. */
const pause = 300;
/** Characters for each further millisecond. */
const pauseSize = 2_000;

interface Source {
  readonly isDirty: () => boolean;
  readonly content: () => Content;
  readonly isGone?: boolean;
}

/** Keeps unsaved text in this browser, also without the server, and deletes it when it is saved or discarded. */
export class Keeper {
  readonly #store: KeptStore;
  readonly #place: string;
  readonly #page: string;
  readonly #channel: BroadcastChannel;
  readonly #subscriptions: Disposable[];
  /** By URI: the saved text of each file. */
  readonly #bases = new Map<string, string>();
  readonly #waiting = new Map<string, Source>();
  readonly #sizes = new Map<string, number>();
  readonly #tooLarge = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(store: KeptStore, place: string, page: string) {
    this.#store = store;
    this.#place = place;
    this.#page = page;
    this.#channel = new BroadcastChannel(keeperChannel(page));
    this.#channel.addEventListener("message", ({ data }: MessageEvent<KeeperMessage>) => {
      if (data.kind === "keep") void this.flush();
    });
    this.#subscriptions = [
      workspace.onDidOpenTextDocument((document) => this.#see(document, true)),
      workspace.onDidChangeTextDocument(({ document }) => this.#see(document)),
      workspace.onDidSaveTextDocument((document) => this.#see(document, true)),
      workspace.onDidCloseTextDocument((document) => this.#gone(document.uri.toString())),
      workspace.onDidOpenNotebookDocument((notebook) => this.#seeNotebook(notebook, true)),
      workspace.onDidChangeNotebookDocument(({ notebook }) => this.#seeNotebook(notebook)),
      workspace.onDidSaveNotebookDocument((notebook) => this.#seeNotebook(notebook, true)),
      workspace.onDidCloseNotebookDocument((notebook) => this.#gone(notebook.uri.toString())),
    ];
  }

  start(): void {
    for (const document of workspace.textDocuments) this.#see(document, true);
    for (const notebook of workspace.notebookDocuments) this.#seeNotebook(notebook, true);
    this.#tell();
  }

  /** Keeps everything now. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#work = this.#work.then(() => this.#keepWaiting()).catch((error: unknown) => this.#fail(error));
    return this.#work.then(() => this.#tell());
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#channel.close();
  }

  /** @param settled the event is not a change, so that VS Code knows whether the text is unsaved */
  #see(document: TextDocument, settled = false): void {
    if (!isKept(document)) return;
    const source = { isDirty: () => document.isDirty, content: () => textContent(document) };
    this.#note(document.uri.toString(), source, document.getText().length, settled);
  }

  #seeNotebook(notebook: NotebookDocument, settled = false): void {
    if (!isKept(notebook)) return;
    const source = { isDirty: () => notebook.isDirty, content: () => notebookContent(notebook) };
    this.#note(notebook.uri.toString(), source, notebook.cellCount, settled);
  }

  #note(uri: string, source: Source, size: number, settled: boolean): void {
    // VS Code reports the first key before the text counts as unsaved.
    if (settled && !source.isDirty()) this.#bases.set(uri, source.content().text);
    this.#waiting.set(uri, source);
    this.#timer ??= setTimeout(() => void this.flush(), pause + size / pauseSize);
  }

  #gone(uri: string): void {
    this.#bases.delete(uri);
    const content = () => ({ uri, language: "", text: "", cells: null });
    this.#waiting.set(uri, { isDirty: () => false, content, isGone: true });
    void this.flush();
  }

  async #keepWaiting(): Promise<void> {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [uri, source] of waiting) {
      if (source.isDirty()) {
        await this.#keep(source.content());
      } else {
        if (!source.isGone) this.#bases.set(uri, source.content().text);
        await this.#forget(uri);
      }
    }
  }

  async #keep(content: Content): Promise<void> {
    const { uri } = content;
    const size = sizeOf(content);
    const others = [...this.#sizes].reduce((sum, [name, one]) => (name === uri ? sum : sum + one), 0);
    if (size > maxTextSize || others + size > maxKeptSize) {
      await this.#forget(uri);
      this.#tooLarge.set(uri, decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1)));
      return;
    }
    const base = this.#bases.get(uri) ?? null;
    const kept: KeptText = { ...content, place: this.#place, page: this.#page, base, at: Date.now() };
    await this.#store.put(kept);
    this.#sizes.set(uri, size);
    this.#tooLarge.delete(uri);
  }

  async #forget(uri: string): Promise<void> {
    this.#tooLarge.delete(uri);
    if (!this.#sizes.delete(uri)) return;
    await this.#store.delete({ place: this.#place, page: this.#page, uri });
  }

  /** The browser's storage is full or gone: the page must not say that text is kept. */
  #fail(error: unknown): void {
    console.warn("WAIIDE cannot keep unsaved text in this browser", error);
    this.#tooLarge.set("", "");
  }

  #tell(): void {
    const without = [...this.#tooLarge.values()].filter((name) => name !== "");
    const everything = this.#tooLarge.size === 0;
    this.#channel.postMessage({ kind: "kept", everything, without } satisfies KeeperMessage);
  }
}
