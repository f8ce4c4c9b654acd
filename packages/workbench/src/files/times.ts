/**
 * The workbench takes a file whose size and time are the same for the same file. A file's time may stay while its content
 * changes, so after each change that is known of the time shown is a new one.
 */
export class Times {
  readonly #shown = new Map<string, { time: number; stale: boolean }>();

  /** Milliseconds since 1970, for show and to tell changes by. */
  shown(path: string, modified: number): number {
    const last = this.#shown.get(path);
    const time = Math.floor(modified);
    if (last === undefined) {
      this.#shown.set(path, { time, stale: false });
      return time;
    }
    // Never earlier than before: the workbench ignores what seems older than what it has.
    last.time = Math.max(time, last.stale ? last.time + 1 : last.time);
    last.stale = false;
    return last.time;
  }

  /** The file is another than before, whatever its time says. */
  changed(path: string): void {
    const last = this.#shown.get(path);
    if (last !== undefined) last.stale = true;
  }

  /** All files may be others than before. */
  allChanged(): void {
    for (const last of this.#shown.values()) last.stale = true;
  }
}
