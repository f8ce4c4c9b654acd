import type { TextDocument } from "vscode";
import type { ToGateway } from "../connection.ts";

/**
 * What unsaved texts were made from, where this window does not know it: after the page was loaded again, or where the text
 * of others is unsaved, too. The gateway finds out.
 */
export class Bases {
  readonly #send: (message: ToGateway) => boolean;
  readonly #known = new Map<TextDocument, string>();
  readonly #asked = new Map<string, TextDocument>();

  constructor(send: (message: ToGateway) => boolean) {
    this.#send = send;
  }

  of(document: TextDocument): string | undefined {
    return this.#known.get(document);
  }

  /** Asks the gateway, once. */
  ask(document: TextDocument): void {
    const { path } = document.uri;
    if (this.#asked.get(path) === document) return;
    const text = document.getText().replaceAll("\r\n", "\n");
    if (this.#send({ type: "window-base", path, text })) this.#asked.set(path, document);
  }

  /** @returns whether somebody asked */
  answer(path: string, text: string): boolean {
    const document = this.#asked.get(path);
    this.#asked.delete(path);
    if (document !== undefined) this.#known.set(document, text);
    return document !== undefined;
  }

  /** It is known better now, or no longer true. */
  forget(document: TextDocument): void {
    this.#known.delete(document);
    this.#asked.delete(document.uri.path);
  }

  /** The connection is gone: what was asked is not answered. */
  lost(): void {
    this.#asked.clear();
  }
}
