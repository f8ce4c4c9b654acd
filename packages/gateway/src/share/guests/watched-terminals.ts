import { type Actor, computeAccess, type Params, type ServerMessage } from "@waiide/protocol";
import { FileError } from "../../workspace/file-error.ts";
import type { SharedTerminals } from "../shown-terminals/shared-terminals.ts";
import type { TerminalWatcher } from "../shown-terminals/shown-terminal.ts";

interface Page {
  readonly guest: string;
  readonly isBehind: boolean;
  send(message: ServerMessage): void;
}

/** The terminals that one page watches. */
export class WatchedTerminals {
  readonly #parts: { readonly terminals: SharedTerminals; readonly actor: () => Actor };
  readonly #page: Page;
  readonly #watches = new Map<string, () => void>();

  constructor(parts: { readonly terminals: SharedTerminals; readonly actor: () => Actor }, page: Page) {
    this.#parts = parts;
    this.#page = page;
  }

  /** @returns why not */
  watch({ terminal, on }: Params<"watch-terminal">): FileError | undefined {
    this.#watches.get(terminal)?.();
    this.#watches.delete(terminal);
    if (!on) return undefined;
    if (!this.#mayWatch()) return new FileError("DENIED", "not permitted");
    const stop = this.#parts.terminals.watch(terminal, this.#watcher());
    if (stop === undefined) return new FileError("NOT_FOUND", "this terminal is not shown");
    this.#watches.set(terminal, stop);
    return undefined;
  }

  close(): void {
    for (const stop of this.#watches.values()) stop();
    this.#watches.clear();
  }

  #mayWatch(): boolean {
    return computeAccess({ actor: this.#parts.actor(), operation: "watch-terminal" }).allowed;
  }

  #watcher(): TerminalWatcher {
    const page = this.#page;
    return {
      guest: page.guest,
      get isBehind() {
        return page.isBehind;
      },
      mayWatch: () => this.#mayWatch(),
      send: (message) => page.send(message),
    };
  }
}
