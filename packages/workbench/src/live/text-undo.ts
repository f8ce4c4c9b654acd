import type { ITextModel } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import type { IUndoRedoService } from "@codingame/monaco-vscode-api/vscode/vs/platform/undoRedo/common/undoRedo.service";
import { type ChangeSet, OwnUndo, type Text, type UndoStep } from "@waiide/protocol/live";

/** How long after the last own change, with others' changes in between, typing goes on in the same group. Milliseconds. */
const joined = 1_000;

/**
 * Undo of what this person changed. VS Code's own stack says where a group ends, by words, lines and moved carets, as everywhere in the
 * editor; it is not used for more.
 */
export class TextUndo {
  readonly #model: ITextModel;
  readonly #service: IUndoRedoService;
  readonly #own = new OwnUndo({ groupDelay: Number.MAX_SAFE_INTEGER });
  #element: unknown;
  #at = 0;
  /** Others changed the text, which ended VS Code's group. */
  #isCut = false;

  constructor(model: ITextModel, service: IUndoRedoService) {
    this.#model = model;
    this.#service = service;
  }

  get canUndo(): boolean {
    return this.#own.canUndo;
  }

  get canRedo(): boolean {
    return this.#own.canRedo;
  }

  add(change: ChangeSet, before: Text): void {
    const now = performance.now();
    const element = this.#service.getLastElement(this.#model.uri);
    const goesOn = element === this.#element || (this.#isCut && now - this.#at <= joined);
    if (!goesOn) this.#own.endGroup();
    this.#own.add(change, before, now);
    this.#element = element;
    this.#isCut = false;
    this.#at = now;
  }

  receive(change: ChangeSet): void {
    this.#own.receive(change);
    // VS Code must not put later typing into the same step: its positions are no longer right.
    this.#model.pushStackElement();
    this.#isCut = true;
  }

  undo(shown: Text): UndoStep | undefined {
    return this.#own.undo(shown);
  }

  redo(shown: Text): UndoStep | undefined {
    return this.#own.redo(shown);
  }

  clear(): void {
    this.#own.clear();
  }
}
