import {
  commands,
  type Disposable,
  EventEmitter,
  FileDecoration,
  type FileDecorationProvider,
  type Terminal,
  ThemeColor,
  type Uri,
  window,
} from "vscode";
import { t } from "../text/translation.ts";

/** Of a terminal that is shown to guests. */
interface Names {
  readonly before: string;
  readonly marked: string;
}

/**
 * Marks the tabs of terminals that guests watch, by name and color. Extensions cannot rename a terminal, but a command of
 * the IDE renames the active one.
 */
export class TabMarks implements FileDecorationProvider, Disposable {
  readonly #names = new Map<Terminal, Names>();
  /** No longer watched, and still marked: they were not the active one. */
  readonly #ended = new Map<Terminal, Names>();
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeFileDecorations = this.#changed.event;
  readonly #subscriptions = [
    window.registerFileDecorationProvider(this),
    window.onDidChangeActiveTerminal((active) => active && this.#renameBack(active)),
    window.onDidCloseTerminal((closed) => this.#ended.delete(closed)),
  ];

  async mark(terminal: Terminal): Promise<void> {
    if (this.#names.has(terminal)) return;
    const before = this.#ended.get(terminal)?.before ?? terminal.name;
    this.#ended.delete(terminal);
    const marked = t("{0} – shown to guests", before);
    this.#names.set(terminal, { before, marked });
    await rename(terminal, marked);
    this.#changed.fire(undefined);
  }

  /** A terminal that is not the active one gets its name back once it is: to show it would take the keys of who types in another. */
  async remove(terminal: Terminal): Promise<void> {
    const names = this.#names.get(terminal);
    if (names === undefined) return;
    this.#names.delete(terminal);
    this.#changed.fire(undefined);
    if (terminal.exitStatus !== undefined) return;
    this.#ended.set(terminal, names);
    if (terminal === window.activeTerminal) await this.#renameBack(terminal);
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    if (uri.scheme !== "vscode-terminal") return undefined;
    const isMarked = [...this.#names.values()].some(({ marked }) => marked === uri.fragment);
    if (!isMarked) return undefined;
    return new FileDecoration("●", t("Guests watch this terminal"), new ThemeColor("charts.red"));
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  async #renameBack(active: Terminal): Promise<void> {
    const names = this.#ended.get(active);
    this.#ended.delete(active);
    // Somebody may have renamed it meanwhile.
    if (names !== undefined && active.name === names.marked) await renameActive(names.before);
  }
}

async function rename(terminal: Terminal, name: string): Promise<void> {
  const active = window.activeTerminal;
  terminal.show(true);
  await renameActive(name);
  if (active !== undefined && active !== terminal) active.show(true);
}

async function renameActive(name: string): Promise<void> {
  await commands.executeCommand("workbench.action.terminal.renameWithArg", { name });
}
