import type { Content, Saved } from "./content.ts";

/** Who changes a live text by a save of the whole file. */
export interface WholeSave {
  /** Undefined: the owner. */
  readonly session: string | undefined;
  readonly share: string | undefined;
}

/** A file that people write in together: its newest text is not on the disk yet. */
export interface LiveText {
  /** What the file would hold if it was saved now. */
  content(): Content & { readonly bytes: Buffer };
  /**
   * Makes the text another one, and saves it.
   * @param current what `content` gave
   * @returns undefined if the text has changed since
   * @throws FileError as saves do
   */
  replace(current: Content, bytes: Buffer, who: WholeSave): Promise<Saved | undefined>;
}

/** The files that are live now, in all workspaces: whoever saves such a file changes its live text (RULES R24). */
export interface LiveTexts {
  /** @param file absolute path after links */
  find(file: string): LiveText | undefined;
  /**
   * Saves what is live at a place or below it, before the place is moved or deleted.
   * @param place absolute path after links
   */
  settle(place: string): Promise<void>;
  /**
   * Somebody has renamed a file or folder, or deleted it.
   * @param from its absolute path, links among its folders followed
   * @param to undefined: it is deleted
   */
  moved(from: string, to: string | undefined): void;
}
