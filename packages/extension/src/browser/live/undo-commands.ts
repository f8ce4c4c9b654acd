import { commands, type Disposable } from "vscode";

export interface UndoTarget {
  /** @returns false: VS Code's own undo does it */
  undo(): boolean;
  redo(): boolean;
}

/** Undo and redo do nothing, and neither does VS Code's own. */
export const nothingToUndo: UndoTarget = { undo: () => true, redo: () => true };

const words = ["undo", "redo"] as const;
type Word = (typeof words)[number];

/**
 * Undo and redo of one's own changes while the active editor shows a live file: VS Code's own would take back what others
 * wrote, too. Keys come here only from the editor's text (see the manifest); the menu's Undo comes by the command's name, as do keys
 * in other fields, which are passed on.
 */
export class UndoCommands {
  readonly #target: () => UndoTarget | undefined;
  readonly #own: Disposable[];
  #overrides: Disposable[] = [];
  #isOn = false;

  /** @param target the live file of the active editor */
  constructor(target: () => UndoTarget | undefined) {
    this.#target = target;
    this.#own = words.map((word) => commands.registerCommand(`waiide.live.${word}`, () => this.#run(word)));
    this.#own.push(
      ...words.map((word) => commands.registerCommand(`waiide.live.${word}Elsewhere`, () => this.#builtIn(word))),
    );
  }

  /** Call it whenever another editor is active, or a file becomes live or is not any more. */
  update(): void {
    const isOn = this.#target() !== undefined;
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    void commands.executeCommand("setContext", "waiide.live", isOn);
    if (isOn) this.#override();
    else this.#giveBack();
  }

  dispose(): void {
    this.#giveBack();
    for (const one of this.#own) one.dispose();
  }

  #override(): void {
    this.#overrides = words.map((word) => commands.registerCommand(word, () => this.#run(word)));
  }

  #giveBack(): void {
    for (const one of this.#overrides) one.dispose();
    this.#overrides = [];
  }

  async #run(word: Word): Promise<void> {
    const target = this.#target();
    const isDone = target !== undefined && (word === "undo" ? target.undo() : target.redo());
    if (!isDone) await this.#builtIn(word);
  }

  async #builtIn(word: Word): Promise<void> {
    this.#giveBack();
    try {
      await commands.executeCommand(word);
    } finally {
      if (this.#isOn && this.#overrides.length === 0) this.#override();
    }
  }
}
