import type { Params, Placement, Result } from "@waiide/protocol";
import { splitMark } from "../documents/bom.ts";
import type { Content } from "../documents/content.ts";
import { bytesOf, isText, tooLarge, versionOf } from "../documents/content.ts";
import { lineEndingOf, withLineEnding } from "../documents/line-ending.ts";
import { baseContentOf, reconcile } from "../documents/reconcile.ts";
import { FileError, fileErrorOf } from "../file-error.ts";
import type { Guest } from "../guest.ts";
import type { WorkspaceParts } from "../parts.ts";
import { entryOf, type Permission, permissionOf } from "../tree/entry.ts";
import { FileInMemory, type OpenedFile } from "../tree/opened-file.ts";
import type { Found } from "../tree/tree.ts";
import type { SelectionTracker } from "./selection.ts";

/** The selected lines as they are now. */
export interface Selected {
  readonly text: string;
  readonly bytes: Buffer;
  /** Of the text, never of the file, which would tell of changes elsewhere in it. */
  readonly version: string;
  readonly placement: Placement;
  readonly permission: Permission;
}

/**
 * A guest's requests about a selection (RULES R12): for the guest the file is the selected text and nothing else, in
 * contents, sizes, versions, times and errors.
 */
export class SelectionAccess {
  readonly #parts: WorkspaceParts;
  readonly #guest: Guest;
  readonly #tracker: SelectionTracker;

  constructor(parts: WorkspaceParts, guest: Guest, tracker: SelectionTracker) {
    this.#parts = parts;
    this.#guest = guest;
    this.#tracker = tracker;
  }

  async stat({ path }: Params<"stat">): Promise<Result<"stat">> {
    const rights = this.#guest.rights();
    await using found = await this.#parts.tree.find(path, rights);
    const { bytes, permission } = await this.#selected(found, path);
    const entry = entryOf(found, path, rights);
    return { ...entry, ...permission, size: bytes.length, modified: this.#tracker.changedAt };
  }

  async read({ path }: Params<"read">): Promise<Result<"read">> {
    const { text, bytes, version, placement, permission } = await this.selected(path);
    const size = bytes.length;
    const modified = this.#tracker.changedAt;
    return { version, encoding: "utf8", content: text, size, modified, ...permission, selection: placement };
  }

  async open(path: string): Promise<OpenedFile> {
    const { bytes, version } = await this.selected(path);
    return new FileInMemory(bytes, this.#tracker.changedAt, version);
  }

  /** @throws FileError NOT_FOUND if the file is gone */
  async selected(path: string): Promise<Selected> {
    await using found = await this.#parts.tree.find(path, this.#guest.rights());
    return await this.#selected(found, path);
  }

  async write(params: Params<"write">): Promise<Result<"write">> {
    const { path, base, content, encoding } = params;
    const bytes = bytesOf(content, encoding);
    if (base === null) throw new FileError("EXISTS", "The selection already exists.");
    if (encoding !== "utf8" || !isText(bytes)) throw new FileError("INVALID", "A selection can only contain text.");
    if (bytes.length > this.#parts.limits.read) throw tooLarge(this.#parts.limits.read);
    const edit = { base, baseContent: baseContentOf(base, params.base_content, encoding), bytes, isText: true };
    const { session, share, onWrite } = this.#guest.options;
    const find = () => this.#parts.tree.find(path, this.#guest.rights(), "write");
    let written = content;
    const saved = await this.#parts.documents.at(path).save({
      session,
      share,
      find,
      named: path,
      begun: undefined,
      change: async (current) => {
        const changed = await this.#change(current, edit);
        written = changed.text;
        return changed.file;
      },
    });
    const { text, placement } = this.#tracker.place(splitMark(String(saved.bytes)).text);
    const { before, original, version: after, bytes: now } = saved;
    onWrite({ path, size: now.length, kind: "write", before, after, original, content: now });
    this.#parts.changes.wrote(path);
    const result = { version: versionOf(text), size: Buffer.byteLength(text), modified: this.#tracker.changedAt };
    return { ...result, selection: placement, ...(written === content ? {} : { merged: written }) };
  }

  /** The file with what the guest made of the selection, merged with what happened in it meanwhile. */
  async #change(current: Content, edit: Parameters<typeof reconcile>[0]): Promise<{ file: Buffer; text: string }> {
    if (current.bytes === undefined || !isText(current.bytes)) throw this.#lost();
    const { mark, text } = splitMark(String(current.bytes));
    const { text: selected, placement } = this.#tracker.place(text);
    if (placement.outdated) throw outdated();
    const { share } = this.#guest.options;
    const wanted = await reconcile(
      edit,
      { version: versionOf(selected), bytes: Buffer.from(selected) },
      (base, mine, theirs) => this.#parts.work.merger.merge(share, base, mine, theirs),
    );
    const ending = lineEndingOf(text);
    const fitting = ending === "\n" || ending === "\r\n" ? withLineEnding(String(wanted), ending) : String(wanted);
    const file = this.#tracker.replace(text, fitting);
    if (file === "outdated") throw outdated();
    return { file: Buffer.from(mark + file), text: fitting };
  }

  async #selected(found: Found, path: string): Promise<Selected> {
    const { text, placement } = await this.#place(found);
    const permission = permissionOf(found, path, this.#guest.rights());
    // Of several reasons the one that changes the least is reported.
    const isLost = permission.writable && placement.outdated;
    return {
      text,
      bytes: Buffer.from(text),
      version: versionOf(text),
      placement,
      permission: isLost ? { writable: false, read_only: "outdated" } : permission,
    };
  }

  /** A file that is too large by now, or no text, has no place for the selection. */
  async #place(found: Found): Promise<{ text: string; placement: Placement }> {
    try {
      const { bytes } = await this.#parts.documents.at(found.path).read(found, this.#parts.limits.read);
      if (isText(bytes)) return this.#tracker.place(splitMark(String(bytes)).text);
    } catch (error) {
      if (fileErrorOf(error).code !== "TOO_LARGE") throw error;
    }
    return this.#tracker.lose();
  }

  #lost(): FileError {
    this.#tracker.lose();
    return outdated();
  }
}

function outdated(): FileError {
  return new FileError(
    "OUTDATED",
    "The position of the selected lines is no longer certain, so they cannot be changed.",
  );
}
