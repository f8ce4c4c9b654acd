import { textHash } from "@waiide/protocol/live";
import { EndOfLine, Position, type TextDocument, type TextDocumentWillSaveEvent, TextEdit } from "vscode";
import type { Binding } from "../binding.ts";
import type { ToGateway } from "../connection.ts";
import { offsetAt, textOf } from "../editor-text.ts";
import type { SavedTexts } from "./saved-texts.ts";

/** VS Code saves without us after 1.5 s (`ExtHostDocumentSaveParticipant`), and after some such saves no longer asks. Milliseconds. */
const maxWait = 1_000;
/** VS Code has long written a file after this time, or could not, which it tells nobody. Milliseconds. */
const maxWrite = 2_000;
/** So often a save that failed is repeated: what else is wrong than another program's write, VS Code says itself. */
const maxRepeats = 3;

/** A save that VS Code has not reported yet. */
interface Attempt {
  readonly timer: ReturnType<typeof setTimeout>;
  /** How many failed before it. */
  readonly failed: number;
}

/** What happens around VS Code's own saves of live files. */
export class Saving {
  readonly #saved: SavedTexts;
  readonly #send: (message: ToGateway) => boolean;
  /** By the gateway's number of the file. */
  readonly #waiting = new Map<number, (needsText: boolean | undefined) => void>();
  readonly #attempts = new Map<TextDocument, Attempt>();

  constructor(saved: SavedTexts, send: (message: ToGateway) => boolean) {
    this.#saved = saved;
    this.#send = send;
  }

  /** VS Code is about to save. */
  willSave(event: TextDocumentWillSaveEvent, binding: Binding): void {
    event.waitUntil(this.#prepare(binding).finally(() => this.#expect(binding)));
  }

  /** @param texts one of which VS Code has written */
  didSave(binding: Binding, texts: readonly string[]): void {
    this.forget(binding.document);
    const hashes = texts.slice(-maxTexts).map((text) => hashOf(text));
    this.#send({ type: "window-wrote", doc: binding.doc, hashes });
  }

  /** Whether the document is saved or not is none of ours any more. */
  forget(document: TextDocument): void {
    clearTimeout(this.#attempts.get(document)?.timer);
    this.#attempts.delete(document);
  }

  /** The gateway has answered. */
  maySave(doc: number, needsText: boolean): void {
    this.#waiting.get(doc)?.(needsText);
  }

  /** @returns blanks to put back: VS Code removes those of a line's end before it saves, also where others are typing */
  async #prepare(binding: Binding): Promise<TextEdit[]> {
    const { document } = binding;
    // VS Code may remove them once more after this, and writes another text then than the gateway did.
    const trimmed = this.#hasFailed(document) ? [] : binding.takeTrimmed();
    const edits = trimmed.map(({ place, text }) => TextEdit.insert(new Position(place.line, place.character), text));
    const withBlanks = () => textWith(document, edits);
    this.#saved.saving(document, withBlanks());
    const until = performance.now() + maxWait;
    const eol = document.eol === EndOfLine.CRLF ? "\r\n" : "\n";
    const needsText = await this.#ask(
      { type: "window-saving", doc: binding.doc, hash: this.#knownHash(document), eol },
      until,
    );
    if (needsText !== true) return edits;
    // The file is not the one that VS Code knows: it asks nothing where it finds in it what it is about to write.
    await binding.shown(until);
    const text = textOf(withBlanks()).toString();
    await this.#ask({ type: "window-text", doc: binding.doc, text, eol, ...markOf(document) }, until);
    this.#saved.saving(document, withBlanks());
    return edits;
  }

  /** Of the text that VS Code knows the file has; empty where its last save failed, since something else is in the file then. */
  #knownHash(document: TextDocument): string {
    const saved = this.#saved.of(document);
    return saved === undefined || this.#hasFailed(document) ? "" : hashOf(saved);
  }

  #hasFailed(document: TextDocument): boolean {
    return (this.#attempts.get(document)?.failed ?? 0) > 0;
  }

  /**
   * A program that writes between the gateway's answer and VS Code's look at the file makes the save fail, and VS Code saves no
   * more by itself. It is saved once more, which also takes VS Code's message away.
   */
  #expect({ document }: Binding): void {
    const failed = this.#attempts.get(document)?.failed ?? 0;
    this.forget(document);
    const timer = setTimeout(() => this.#repeat(document, failed + 1), maxWrite);
    this.#attempts.set(document, { timer, failed });
  }

  #repeat(document: TextDocument, failed: number): void {
    const timer = this.#attempts.get(document)?.timer;
    if (timer === undefined || document.isClosed || !document.isDirty || failed > maxRepeats) {
      this.#attempts.delete(document);
      return;
    }
    this.#attempts.set(document, { timer, failed });
    void document.save();
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

/** The byte order mark that VS Code writes; older versions do not say. */
function markOf(document: TextDocument & { readonly encoding?: string }): { mark?: "" | "\uFEFF" } {
  if (document.encoding === undefined) return {};
  return { mark: document.encoding === "utf8bom" ? "\uFEFF" : "" };
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
