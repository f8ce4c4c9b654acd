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

/**
 * Marks the tabs of terminals that guests watch, by name and color. Extensions cannot rename a terminal, but a command of
 * the IDE renames the active one.
 */
export class TabMarks implements FileDecorationProvider, Disposable {
  readonly #names = new Map<Terminal, { readonly before: string; readonly marked: string }>();
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeFileDecorations = this.#changed.event;
  readonly #registration = window.registerFileDecorationProvider(this);

  async mark(terminal: Terminal): Promise<void> {
    if (this.#names.has(terminal)) return;
    const before = terminal.name;
    const marked = t("{0} – shown to guests", before);
    this.#names.set(terminal, { before, marked });
    await rename(terminal, marked);
    this.#changed.fire(undefined);
  }

  async remove(terminal: Terminal): Promise<void> {
    const names = this.#names.get(terminal);
    if (names === undefined) return;
    this.#names.delete(terminal);
    this.#changed.fire(undefined);
    // Somebody may have renamed it meanwhile.
    if (terminal.exitStatus === undefined && terminal.name === names.marked) await rename(terminal, names.before);
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    if (uri.scheme !== "vscode-terminal") return undefined;
    const isMarked = [...this.#names.values()].some(({ marked }) => marked === uri.fragment);
    if (!isMarked) return undefined;
    return new FileDecoration("●", t("Guests watch this terminal"), new ThemeColor("charts.red"));
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

async function rename(terminal: Terminal, name: string): Promise<void> {
  const active = window.activeTerminal;
  terminal.show(true);
  await commands.executeCommand("workbench.action.terminal.renameWithArg", { name });
  if (active !== undefined && active !== terminal) active.show(true);
}
