import { textHash } from "@waiide/protocol/live";
import { Position, type TextDocument, type TextDocumentWillSaveEvent, TextEdit } from "vscode";
import type { Binding } from "./binding.ts";
import type { ToGateway } from "./connection.ts";
import { offsetAt, textOf } from "./editor-text.ts";
import type { SavedTexts } from "./saved-texts.ts";

/** VS Code saves without us after 1.5 s (`ExtHostDocumentSaveParticipant`), and after some such saves no longer asks. Milliseconds. */
const maxWait = 1_000;

/** What happens around VS Code's own saves of live files. */
export class Saving {
  readonly #saved: SavedTexts;
  readonly #send: (message: ToGateway) => boolean;
  /** By the gateway's number of the file. */
  readonly #waiting = new Map<number, (needsText: boolean | undefined) => void>();

  constructor(saved: SavedTexts, send: (message: ToGateway) => boolean) {
    this.#saved = saved;
    this.#send = send;
  }

  /** VS Code is about to save. */
  willSave(event: TextDocumentWillSaveEvent, binding: Binding): void {
    event.waitUntil(this.#prepare(binding));
  }

  /** @param texts one of which VS Code has written */
  didSave(binding: Binding, texts: readonly string[]): void {
    const hashes = texts.slice(-maxTexts).map((text) => hashOf(text));
    this.#send({ type: "window-wrote", doc: binding.doc, hashes });
  }

  /** The gateway has answered. */
  maySave(doc: number, needsText: boolean): void {
    this.#waiting.get(doc)?.(needsText);
  }

  /** @returns blanks to put back: VS Code removes those of a line's end before it saves, also where others are typing */
  async #prepare(binding: Binding): Promise<TextEdit[]> {
    const { document } = binding;
    const edits = binding
      .takeTrimmed()
      .map(({ place, text }) => TextEdit.insert(new Position(place.line, place.character), text));
    const withBlanks = () => textWith(document, edits);
    this.#saved.saving(document, withBlanks());
    const saved = this.#saved.of(document);
    const until = performance.now() + maxWait;
    const needsText = await this.#ask(
      { type: "window-saving", doc: binding.doc, hash: saved === undefined ? "" : hashOf(saved) },
      until,
    );
    if (needsText !== true) return edits;
    // The file is not the one that VS Code knows: it asks nothing where it finds in it what it is about to write.
    await binding.shown(until);
    await this.#ask({ type: "window-text", doc: binding.doc, text: textOf(withBlanks()).toString() }, until);
    this.#saved.saving(document, withBlanks());
    return edits;
  }

  #ask(message: Extract<ToGateway, { doc: number }>, until: number): Promise<boolean | undefined> {
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
    if (!this.#send(message)) return Promise.resolve(undefined);
    const timer = setTimeout(() => resolve(undefined), Math.max(0, until - performance.now()));
    this.#waiting.set(message.doc, resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(message.doc);
    });
  }
}

/** Texts of one save that are named to the gateway. */
const maxTexts = 20;

function hashOf(text: string): string {
  return textHash(textOf(text));
}

function textWith(document: TextDocument, edits: readonly TextEdit[]): string {
  if (edits.length === 0) return document.getText();
  const text = textOf(document.getText());
  const all = [...edits].sort((one, other) => other.range.start.compareTo(one.range.start));
  let whole = text.toString();
  for (const { range, newText } of all) {
    const at = offsetAt(text, range.start);
    whole = whole.slice(0, at) + newText + whole.slice(at);
  }
  return whole;
}
