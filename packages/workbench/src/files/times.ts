/**
 * The workbench considers a file unchanged while its size and time are the same. A file's time can stay while its content
 * changes, so each known change gives it a new time here.
 */
export class Times {
  readonly #shown = new Map<string, { time: number; stale: boolean }>();

  /** Milliseconds since 1970, for display and to recognize changes. */
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

  /** The file has changed, whatever its time says. */
  changed(path: string): void {
    const last = this.#shown.get(path);
    if (last !== undefined) last.stale = true;
  }

  /** All files may have changed. */
  allChanged(): void {
    for (const last of this.#shown.values()) last.stale = true;
  }
}
