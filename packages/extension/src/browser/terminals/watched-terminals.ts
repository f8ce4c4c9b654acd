import type { ShownTerminal, TerminalMessage } from "@waiide/protocol/live";
import { commands, type Disposable } from "vscode";
import type { ToGateway } from "../live/connection.ts";
import { WatchedTerminal } from "./watched-terminal.ts";

/** The terminals that the owner shows to a Terminal Access guest: each opens by itself, and can be closed and opened again. */
export class WatchedTerminals {
  readonly #send: (message: ToGateway) => boolean;
  readonly #open = new Map<string, WatchedTerminal>();
  readonly #command: Disposable;
  #shown: readonly ShownTerminal[] = [];

  constructor(send: (message: ToGateway) => boolean) {
    this.#send = send;
    this.#command = commands.registerCommand("waiide.live.watchTerminals", () => {
      for (const shown of this.#shown) this.#watch(shown);
    });
  }

  receive(message: TerminalMessage): void {
    if (message.type === "terminals") this.#update(message.terminals);
    else this.#open.get(message.terminal)?.take(message);
  }

  /** A new connection watches nothing. */
  lost(): void {
    this.#shown = [];
  }

  dispose(): void {
    this.#command.dispose();
    for (const terminal of this.#open.values()) terminal.end();
  }

  #update(shown: readonly ShownTerminal[]): void {
    const fresh = shown.filter(({ terminal }) => !this.#shown.some((one) => one.terminal === terminal));
    this.#shown = shown;
    void commands.executeCommand("setContext", "waiide.live.terminals", shown.length > 0);
    for (const [id, terminal] of this.#open) if (!shown.some((one) => one.terminal === id)) terminal.end();
    for (const one of fresh) {
      if (this.#open.has(one.terminal)) this.#tell(one.terminal, true);
      else this.#watch(one);
    }
  }

  #watch({ terminal, name }: ShownTerminal): void {
    const known = this.#open.get(terminal);
    if (known !== undefined) {
      known.show();
      return;
    }
    const made = new WatchedTerminal({
      terminal,
      name,
      onOpen: () => this.#tell(terminal, true),
      onClose: () => {
        if (this.#open.delete(terminal)) this.#tell(terminal, false);
      },
    });
    this.#open.set(terminal, made);
  }

  #tell(terminal: string, on: boolean): void {
    this.#send({ type: "window-watch", terminal, on });
  }
}
