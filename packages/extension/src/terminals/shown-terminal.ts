import type { Share, ShownEndedEvent, ShownEndReason, WatchedEvent } from "@waiide/protocol";
import type { Terminal } from "vscode";
import { OutputQueue } from "./output-queue.ts";
import type { TerminalApi } from "./terminal-api.ts";
import { listenToTerminal, sizeOf } from "./terminal-data.ts";

/** `lost`: the gateway does not answer. */
export type EndReason = ShownEndReason | "lost";

export interface ShownTerminalListener {
  onWatched(): void;
  onEnd(reason: EndReason): void;
}

/** One terminal of this window that the guests of a share watch. */
export class ShownTerminal {
  readonly terminal: Terminal;
  readonly share: Share;
  /** The terminal's name before it was marked. */
  readonly name: string;
  readonly #listener: ShownTerminalListener;
  readonly #ending = new AbortController();
  readonly #queue: OutputQueue;
  readonly #stopListening: () => void;
  #guests = 0;
  #ended = false;

  /**
   * @returns undefined: this IDE does not let extensions read terminals
   * @throws GatewayRefusal, GatewayUnreachable
   */
  static async show(
    api: TerminalApi,
    share: Share,
    terminal: Terminal,
    listener: ShownTerminalListener,
  ): Promise<ShownTerminal | undefined> {
    // Before guests are told of it.
    const probe = listenToTerminal(terminal, { onData: () => undefined, onSize: () => undefined });
    if (probe === undefined) return undefined;
    probe();
    const { terminal: id } = await api.show(share.id, { name: terminal.name.slice(0, 200), ...sizeOf(terminal) });
    return new ShownTerminal(api, share, terminal, id, listener);
  }

  private constructor(api: TerminalApi, share: Share, terminal: Terminal, id: string, listener: ShownTerminalListener) {
    this.terminal = terminal;
    this.share = share;
    this.name = terminal.name;
    this.#listener = listener;
    this.#queue = new OutputQueue(
      (output) => api.write(share.id, id, output),
      () => this.#end("lost"),
    );
    const stop = listenToTerminal(terminal, {
      onData: (data) => this.#queue.write(data),
      onSize: (size) => this.#queue.resize(size),
    });
    this.#stopListening = stop ?? (() => undefined);
    void this.#listen(api, id);
  }

  /** How many guests watch. */
  get guests(): number {
    return this.#guests;
  }

  /** The gateway ends it when we no longer listen. */
  stop(reason: EndReason = "stopped"): void {
    this.#end(reason);
  }

  async #listen(api: TerminalApi, id: string): Promise<void> {
    try {
      await api.listen(this.share.id, id, this.#ending.signal, ({ name, data }) => {
        if (name === "ended") this.#end((data as ShownEndedEvent).reason);
        else if (name === "watched") this.#watched((data as WatchedEvent).guests);
      });
    } catch {
      // The connection broke, or we ended it: what follows says so.
    }
    this.#end("lost");
  }

  #watched(guests: number): void {
    this.#guests = guests;
    this.#listener.onWatched();
  }

  #end(reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopListening();
    this.#queue.close();
    this.#ending.abort();
    this.#listener.onEnd(reason);
  }
}
