import type { TerminalMessage } from "@waiide/protocol/live";
import { EventEmitter, type Pseudoterminal, type Terminal, type TerminalDimensions, ThemeIcon, window } from "vscode";
import { t } from "../../text/translation.ts";
import { shownName } from "../live/shown-person.ts";
import { CommandFilter } from "./command-filter.ts";

/** Takes back everything that was written. */
const reset = "\u001bc";

export interface WatchedTerminalParts {
  readonly terminal: string;
  readonly name: string;
  /** Its tab is there, and is gone. */
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

/** A terminal that the owner shows, as a terminal of this window: it takes no keys. */
export class WatchedTerminal implements Pseudoterminal {
  readonly #parts: WatchedTerminalParts;
  readonly #writes = new EventEmitter<string>();
  readonly #sizes = new EventEmitter<TerminalDimensions | undefined>();
  readonly #ends = new EventEmitter<void>();
  readonly #filter = new CommandFilter();
  readonly #tab: Terminal;
  readonly onDidWrite = this.#writes.event;
  readonly onDidOverrideDimensions = this.#sizes.event;
  readonly onDidClose = this.#ends.event;

  constructor(parts: WatchedTerminalParts) {
    this.#parts = parts;
    this.#tab = window.createTerminal({
      name: t("{0} of the owner, read only", shownName(parts.name)),
      pty: this,
      iconPath: new ThemeIcon("eye"),
      isTransient: true,
    });
    this.#tab.show(true);
  }

  open(): void {
    this.#parts.onOpen();
  }

  close(): void {
    this.#parts.onClose();
  }

  /** The owner no longer shows it. */
  end(): void {
    this.#ends.fire();
    this.#tab.dispose();
  }

  show(): void {
    this.#tab.show(true);
  }

  take(message: Exclude<TerminalMessage, { type: "terminals" }>): void {
    if (message.type === "terminal-output") {
      this.#writes.fire(this.#filter.take(message.data));
      return;
    }
    this.#sizes.fire({ columns: message.columns, rows: message.rows });
    if (message.type !== "terminal-screen") return;
    this.#filter.reset();
    this.#writes.fire(reset + this.#filter.take(message.data));
  }
}
