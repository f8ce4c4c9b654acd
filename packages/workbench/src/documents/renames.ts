import type { FileChange, Params, Result } from "@waiide/protocol";
import { SessionError } from "../session/session-error.ts";

/** What following needs from the session and the open texts. */
export interface Followed {
  read(path: string): Promise<Result<"read">>;
  /** Version that an open text without unsaved changes is based on. */
  versionOf(path: string): string | undefined;
  moved(from: string, to: string): void;
}

/** Maximum time between the two reports of a rename: one file gone and another one new, in either order. Milliseconds. */
const apart = 1500;

/** Follows files that others rename: an open text moves to a new file that has exactly its content. */
export class Renames {
  readonly #followed: Followed;
  readonly #now: () => number;
  #gone: { readonly path: string; readonly version: string; readonly at: number }[] = [];
  #made: { readonly path: string; readonly at: number }[] = [];

  constructor(followed: Followed, now: () => number = () => performance.now()) {
    this.#followed = followed;
    this.#now = now;
  }

  async changed(changes: readonly FileChange[]): Promise<void> {
    const at = this.#now();
    const isRecent = (event: { readonly at: number }) => at - event.at <= apart;
    this.#gone = this.#gone.filter(isRecent);
    this.#made = this.#made.filter(isRecent);
    for (const { path, kind } of changes) {
      const version = this.#followed.versionOf(path);
      if (kind === "deleted" && version !== undefined) this.#gone.push({ path, version, at });
      if (kind === "created") this.#made.push({ path, at });
    }
    // Nothing is read unless an open file is gone.
    for (const gone of [...this.#gone]) {
      for (const made of [...this.#made]) if (await this.#isSame(gone, made)) return;
    }
  }

  async #isSame(gone: { readonly path: string; readonly version: string }, made: Params<"read">): Promise<boolean> {
    if (gone.path === made.path || (await this.#version(made.path)) !== gone.version) return false;
    this.#gone = this.#gone.filter(({ path }) => path !== gone.path);
    this.#made = this.#made.filter(({ path }) => path !== made.path);
    this.#followed.moved(gone.path, made.path);
    return true;
  }

  async #version(path: string): Promise<string | undefined> {
    try {
      return (await this.#followed.read(path)).version;
    } catch (error) {
      if (error instanceof SessionError) return undefined;
      throw error;
    }
  }
}
