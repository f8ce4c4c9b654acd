/** A window that says which files it has open. */
export interface OpeningWindow {
  /** Whose it is. */
  readonly person: string;
  /** Makes a file live under the rights of a guest; undefined: the owner's window, whose files are shared by guests opening them. */
  readonly makeLive: ((place: string) => Promise<void>) | undefined;
}

/** Which files windows of IDEs have open: one that a guest and somebody else have open becomes live (RULES R24). */
export class OpenFiles {
  readonly #open = new Map<OpeningWindow, ReadonlySet<string>>();

  /** @param places absolute, after links: all files that the window has open */
  show(window: OpeningWindow, places: ReadonlySet<string>): void {
    const before = this.#open.get(window);
    this.#open.set(window, places);
    for (const place of places) if (before?.has(place) !== true) this.#meet(place);
  }

  leave(window: OpeningWindow): void {
    this.#open.delete(window);
  }

  #meet(place: string): void {
    const windows = [...this.#open].filter(([, places]) => places.has(place)).map(([window]) => window);
    const people = new Set(windows.map(({ person }) => person));
    const guest = windows.find(({ makeLive }) => makeLive !== undefined);
    if (people.size > 1) void guest?.makeLive?.(place);
  }
}
