import type { ITextFileEditorModel } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles";
import type { LiveClientMessage } from "@waiide/protocol";
import type { LiveClient } from "@waiide/protocol/live";
import { SessionError } from "../session/session-error.ts";

/** The gateway saves about every second; after this long, something is in the way, and the tab says that the file is unsaved. Milliseconds. */
const usual = 5_000;

export interface SavingParts {
  readonly file: ITextFileEditorModel;
  send(message: LiveClientMessage): boolean;
  /** The file holds exactly what is shown. */
  saved(): void;
  saveFailed(message: string): void;
  markUnsaved(): void;
}

interface Waiting {
  /** The revision that was asked for; undefined: not asked yet. */
  rev: number | undefined;
  readonly resolve: () => void;
  readonly reject: (error: SessionError) => void;
}

/** Whether the file holds what is shown. The gateway writes it, or the owner's IDE; a person can ask for it. */
export class Saving {
  readonly #parts: SavingParts;
  #saved = 0;
  /** The saved revision whose text was handed on. */
  #told = -1;
  #isWritable = false;
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOverdue = false;

  constructor(parts: SavingParts) {
    this.#parts = parts;
  }

  /** The file was not saved for longer than usual. */
  get isOverdue(): boolean {
    return this.#isOverdue;
  }

  /** @param rev what the file holds */
  opened(rev: number, isWritable = this.#isWritable): void {
    this.#saved = rev;
    this.#told = -1;
    this.rights(isWritable);
  }

  rights(isWritable: boolean): void {
    this.#isWritable = isWritable;
    // The gateway does not answer those who may not write.
    if (!isWritable) this.#reject("You can no longer change this file.");
  }

  saved(rev: number): void {
    this.#saved = Math.max(this.#saved, rev);
    const done = this.#waiting.filter((each) => each.rev !== undefined && each.rev <= rev);
    this.#waiting = this.#waiting.filter((each) => !done.includes(each));
    for (const { resolve } of done) resolve();
  }

  failed(message: string): void {
    const asked = this.#waiting.filter(({ rev }) => rev !== undefined);
    this.#waiting = this.#waiting.filter((each) => !asked.includes(each));
    for (const { reject } of asked) reject(new SessionError("FAILED", message));
    if (asked.length === 0) this.#parts.saveFailed(message);
  }

  /** Resolves when the file holds what is shown now. */
  ask(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ rev: undefined, resolve, reject }));
  }

  /** The connection is gone: what was asked for is asked for again on the next one. */
  lost(): void {
    for (const each of this.#waiting) each.rev = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#reject("The file is closed.");
  }

  #reject(why: string): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(new SessionError("FAILED", why));
  }

  settle(client: LiveClient, doc: number): void {
    if (!client.unacknowledged) this.#askGateway(client.rev, doc);
    const isSaved = !this.#isWritable || (!client.unacknowledged && client.rev <= this.#saved);
    if (isSaved) this.#isClean(client);
    else this.#timer ??= setTimeout(() => this.#beOverdue(), usual);
  }

  #askGateway(rev: number, doc: number): void {
    for (const each of this.#waiting) {
      if (each.rev !== undefined) continue;
      each.rev = rev;
      this.#parts.send({ type: "live-save", doc, rev });
    }
  }

  #isClean(client: LiveClient): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isOverdue = false;
    // The editor takes it as saved, without reading the file.
    if (this.#parts.file.isDirty()) void this.#parts.file.revert({ soft: true });
    if (client.rev !== this.#saved || this.#told === this.#saved) return;
    this.#told = this.#saved;
    this.#parts.saved();
  }

  #beOverdue(): void {
    this.#isOverdue = true;
    this.#parts.markUnsaved();
  }
}
