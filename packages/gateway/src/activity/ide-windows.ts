import type { ActivityReport, IdeWindowList } from "@waiide/protocol";

/** A window that misses so many reports is closed; machines can be busy. */
const missing = 4;

interface IdeWindow {
  readonly commandSocket: string;
  /** When a person last did something there, and when it last reported. Milliseconds. */
  readonly used: number;
  readonly reported: number;
}

/** The windows of the owner's IDE that can open files for the command `code`, as their reports name them. */
export class IdeWindows {
  readonly #interval: number;
  readonly #clock: () => number;
  readonly #windows = new Map<string, IdeWindow>();

  /** @param interval seconds between reports */
  constructor(interval: number, clock: () => number = Date.now) {
    this.#interval = interval;
    this.#clock = clock;
  }

  report({ window, person, command_socket: commandSocket }: ActivityReport): void {
    const now = this.#clock();
    if (commandSocket === undefined) return;
    const used = person ? now : (this.#windows.get(window)?.used ?? 0);
    this.#windows.set(window, { commandSocket, used, reported: now });
    this.#forgetClosed();
  }

  /** The one used last comes first. */
  list(): IdeWindowList["windows"] {
    this.#forgetClosed();
    const windows = [...this.#windows.values()].sort((left, right) => right.used - left.used);
    return windows.map(({ commandSocket }) => ({ command_socket: commandSocket }));
  }

  #forgetClosed(): void {
    const oldest = this.#clock() - this.#interval * missing * 1_000;
    for (const [id, { reported }] of this.#windows) if (reported < oldest) this.#windows.delete(id);
  }
}
