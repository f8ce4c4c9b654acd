import { type Disposable, type TextDocument, window } from "vscode";
import type { Binding } from "./binding.ts";
import type { ToGateway } from "./connection.ts";

/** Between two messages about the own carets in a file. Milliseconds. */
const pause = 50;

/** Tells the gateway where the carets of this window are. */
export class OwnCursor {
  readonly #bindingOf: (document: TextDocument) => Binding | undefined;
  readonly #send: (message: ToGateway) => boolean;
  readonly #moved = new Set<TextDocument>();
  readonly #told = new WeakMap<Binding, string>();
  readonly #subscriptions: Disposable[];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(bindingOf: (document: TextDocument) => Binding | undefined, send: (message: ToGateway) => boolean) {
    this.#bindingOf = bindingOf;
    this.#send = send;
    this.#subscriptions = [
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.moved(textEditor.document)),
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.moved(textEditor.document)),
    ];
  }

  moved(document: TextDocument): void {
    if (this.#bindingOf(document) === undefined) return;
    this.#moved.add(document);
    this.#timer ??= setTimeout(() => this.#tell(), pause);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const one of this.#subscriptions) one.dispose();
  }

  #tell(): void {
    this.#timer = undefined;
    const moved = [...this.#moved];
    this.#moved.clear();
    for (const document of moved) {
      const binding = this.#bindingOf(document);
      const cursor = binding?.cursor();
      if (binding === undefined || cursor === undefined) continue;
      const told = JSON.stringify(cursor);
      if (this.#told.get(binding) === told) continue;
      if (this.#send({ type: "live-cursor", doc: binding.doc, ...cursor })) this.#told.set(binding, told);
    }
  }
}
