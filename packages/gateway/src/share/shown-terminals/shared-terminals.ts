import type { ShownTerminal } from "@waiide/protocol";
import type { TerminalWatcher } from "./shown-terminal.ts";

/** The terminals that the owner shows to the guests of one share. */
export interface SharedTerminals {
  list(): ShownTerminal[];
  /** @returns call it when the page no longer watches; undefined: this terminal is not shown in this share */
  watch(terminal: string, watcher: TerminalWatcher): (() => void) | undefined;
}
