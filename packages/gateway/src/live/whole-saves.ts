import { diffToChange } from "@waiide/protocol/live";
import type { Content, Saved } from "../workspace/documents/content.ts";
import { versionOf } from "../workspace/documents/content.ts";
import type { LiveText, WholeSave } from "../workspace/documents/live-texts.ts";
import type { Author } from "./author.ts";
import type { DiskSide } from "./disk-side.ts";
import type { LiveDocument } from "./live-document.ts";
import { decode, encode } from "./text-format.ts";

/** A live file, and what takes care of its place on the disk. */
export interface LiveFile {
  readonly document: LiveDocument;
  readonly disk: DiskSide;
}

/** Saves of a whole live file, by pages and programs that do not write together: each becomes a change of the text. */
export class WholeSaves implements LiveText {
  readonly #file: LiveFile;
  readonly #end: () => void;

  /** @param end ends the file's live editing */
  constructor(file: LiveFile, end: () => void) {
    this.#file = file;
    this.#end = end;
  }

  content(): Content & { readonly bytes: Buffer } {
    const { bytes } = this.#file.document;
    return { bytes, version: versionOf(bytes) };
  }

  async replace(current: Content, bytes: Buffer, { session, share }: WholeSave): Promise<Saved | undefined> {
    const { document, disk } = this.#file;
    if (document.isClosed || this.content().version !== current.version) return undefined;
    const decoded = decode(bytes);
    if (typeof decoded === "string") {
      // Such a content cannot be live: it is written as if it never had been.
      await disk.save();
      this.#end();
      return undefined;
    }
    // What others typed is in the file first, so that it counts as theirs.
    if (document.isDirty) {
      await disk.save();
      if (document.isClosed || this.content().version !== current.version) return undefined;
    }
    const held = { version: document.disk.version, bytes: encode(document.disk.text, document.format) };
    document.format = decoded.format;
    const change = diffToChange(document.text, decoded.text);
    const author: Author =
      session === undefined ? { kind: "owner" } : { kind: "save", person: session, share: share ?? null };
    if (!change.empty) document.apply(author, change);
    const saved = await disk.save();
    if (saved === undefined) {
      // The file held it already, or another save took it along.
      return { bytes, before: held.version, original: held.bytes, version: versionOf(bytes), modified: Date.now() };
    }
    return saved.bytes.equals(bytes) ? { ...saved, bytes } : saved;
  }
}
