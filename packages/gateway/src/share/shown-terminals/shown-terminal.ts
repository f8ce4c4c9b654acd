import type { ServerResponse } from "node:http";
import type {
  ShownEndedEvent,
  ShownEndReason,
  ShowTerminal,
  TerminalMessage,
  TerminalOutput,
  WatchedEvent,
} from "@waiide/protocol";
import { EventStreams } from "../../http/event-streams.ts";
import { Scrollback } from "./scrollback.ts";

/** A guest's page that watches. */
export interface TerminalWatcher {
  /** Whose page it is. */
  readonly guest: string;
  /** It has not read what it was sent. */
  readonly isBehind: boolean;
  /** Asked anew for each message. */
  mayWatch(): boolean;
  send(message: TerminalMessage): void;
}

/** Output is gathered for so long. Milliseconds. */
const gathering = 40;
/** The most that is sent after one gathering; of more, pages get the end only. Characters. */
const burst = 16_384;
/** Between two whole screens for one page. Milliseconds. */
const screenInterval = 500;
/** The owner's IDE must listen within this time. Milliseconds. */
const listenTimeout = 10_000;

interface Watching {
  /** The page needs a whole screen. */
  isStale: boolean;
  /** When it got the last one. Milliseconds. */
  screenAt: number;
}

export interface ShownTerminalOptions extends ShowTerminal {
  readonly id: string;
  /** Characters that are kept for guests who come later. */
  readonly scrollback: number;
  /** The owner's IDE does not listen any more. */
  readonly onAbandoned: () => void;
}

/**
 * One terminal that the owner shows, and who watches it. A page that is behind, or a terminal that writes faster than people
 * read, costs whole screens now and then and no queue (RULES R14).
 */
export class ShownTerminal {
  readonly id: string;
  readonly name: string;
  readonly #scrollback: Scrollback;
  readonly #watchers = new Map<TerminalWatcher, Watching>();
  readonly #streams = new EventStreams();
  readonly #onAbandoned: () => void;
  #listeners = 0;
  #size: Pick<ShowTerminal, "columns" | "rows">;
  #pending = "";
  #timer: NodeJS.Timeout | undefined;
  readonly #listening: NodeJS.Timeout;

  constructor({ id, name, columns, rows, scrollback, onAbandoned }: ShownTerminalOptions) {
    this.id = id;
    this.name = name;
    this.#size = { columns, rows };
    this.#scrollback = new Scrollback(scrollback);
    this.#onAbandoned = onAbandoned;
    this.#listening = setTimeout(() => this.#listeners === 0 && onAbandoned(), listenTimeout).unref();
  }

  /** The owner's IDE listens: while it does, the terminal is shown. */
  listen(response: ServerResponse): void {
    this.#listeners += 1;
    this.#streams.add(response);
    response.once("close", () => {
      this.#listeners -= 1;
      if (this.#listeners === 0) this.#onAbandoned();
    });
    this.#tellWatched();
  }

  write({ data = "", columns, rows, skipped = false }: TerminalOutput): void {
    if (skipped) this.#skip();
    if (columns !== undefined && rows !== undefined) this.#resize(columns, rows);
    if (data === "") return;
    this.#scrollback.add(data);
    this.#pending += data;
    if (this.#pending.length > burst) this.#markAllStale();
    this.#arm();
  }

  /** @returns call it when the page no longer watches */
  watch(watcher: TerminalWatcher): () => void {
    this.#flush();
    const watching = { isStale: true, screenAt: 0 };
    this.#watchers.set(watcher, watching);
    this.#sendScreen(watcher, watching);
    this.#tellWatched();
    return () => this.#forget(watcher);
  }

  end(reason: ShownEndReason): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#listening);
    this.#watchers.clear();
    const ended: ShownEndedEvent = { reason };
    this.#streams.send("ended", ended);
    this.#streams.close();
  }

  #resize(columns: number, rows: number): void {
    this.#flush();
    this.#size = { columns, rows };
    for (const [watcher, { isStale }] of this.#watchers) {
      if (!isStale) this.#send(watcher, { type: "terminal-size", terminal: this.id, columns, rows });
    }
  }

  #skip(): void {
    this.#scrollback.clear();
    this.#markAllStale();
    this.#arm();
  }

  #markAllStale(): void {
    this.#pending = "";
    for (const watching of this.#watchers.values()) watching.isStale = true;
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, gathering).unref();
  }

  #flush(): void {
    const data = this.#pending;
    this.#pending = "";
    for (const [watcher, watching] of this.#watchers) {
      if (watcher.isBehind) watching.isStale = true;
      else if (watching.isStale) this.#sendScreen(watcher, watching);
      else if (data !== "") this.#send(watcher, { type: "terminal-output", terminal: this.id, data });
    }
    if ([...this.#watchers.values()].some(({ isStale }) => isStale)) this.#arm();
  }

  #sendScreen(watcher: TerminalWatcher, watching: Watching): void {
    const now = performance.now();
    if (watching.screenAt > 0 && now - watching.screenAt < screenInterval) return;
    watching.isStale = false;
    watching.screenAt = now;
    this.#send(watcher, { type: "terminal-screen", terminal: this.id, ...this.#size, data: this.#scrollback.settle() });
  }

  #send(watcher: TerminalWatcher, message: TerminalMessage): void {
    if (watcher.mayWatch()) watcher.send(message);
    else this.#forget(watcher);
  }

  #forget(watcher: TerminalWatcher): void {
    if (this.#watchers.delete(watcher)) this.#tellWatched();
  }

  /** Pages of one guest are one guest. */
  #tellWatched(): void {
    const watched: WatchedEvent = { guests: new Set([...this.#watchers.keys()].map(({ guest }) => guest)).size };
    this.#streams.send("watched", watched);
  }
}
