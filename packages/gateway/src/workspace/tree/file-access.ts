import { join } from "node:path";
import type { Params, Result } from "@waiide/protocol";
import type { Content } from "../documents/content.ts";
import { bytesOf, isForeignText, isText, readWhole, tooLarge, versionOf } from "../documents/content.ts";
import { baseContentOf, reconcile } from "../documents/reconcile.ts";
import { FileError, fileErrorOf } from "../file-error.ts";
import type { Guest } from "../guest.ts";
import { isNotebook, requireInert } from "../notebooks/inert.ts";
import type { WorkspaceParts } from "../parts.ts";
import { entryOf, modifiedOf, type Permission, permissionOf } from "./entry.ts";
import { FileOnDisk, type OpenedFile } from "./opened-file.ts";
import { type SameFile, Structure } from "./structure.ts";
import type { EntryLocation } from "./tree.ts";

/** A guest's requests about single files and folders, in all scopes but selections. */
export class FileAccess {
  readonly #parts: WorkspaceParts;
  readonly #guest: Guest;
  readonly #structure: Structure;

  constructor(parts: WorkspaceParts, guest: Guest) {
    this.#parts = parts;
    this.#guest = guest;
    this.#structure = new Structure(parts.tree, parts.work, guest.options.session);
  }

  list({ path, cursor }: Params<"list">): Promise<Result<"list">> {
    return this.#parts.listing.page(path, cursor, this.#guest.rights());
  }

  async stat({ path }: Params<"stat">): Promise<Result<"stat">> {
    const rights = this.#guest.rights();
    await using found = await this.#parts.tree.find(path, rights);
    return entryOf(found, path, rights);
  }

  async read({ path }: Params<"read">): Promise<Result<"read">> {
    const rights = this.#guest.rights();
    const { tree, documents, history, limits } = this.#parts;
    await using found = await tree.find(path, rights);
    const { bytes, version } = await documents.at(found.path).read(found, limits.read);
    const encoding = isText(bytes) ? "utf8" : "base64";
    const permission = readPermission(permissionOf(found, path, rights), bytes);
    if (permission.writable && encoding === "utf8") history.keep(found.path, version, bytes);
    this.#parts.notebooks.note(found.path, version);
    const content = bytes.toString(encoding);
    return { version, encoding, content, size: bytes.length, modified: modifiedOf(found.stats), ...permission };
  }

  async open(path: string): Promise<OpenedFile> {
    const { tree, documents, limits } = this.#parts;
    await using found = await tree.find(path, this.#guest.rights());
    if (found.stats.size > BigInt(limits.file)) throw tooLarge(limits.file);
    return await FileOnDisk.open(found, documents.known(found.path)?.knownVersion(found));
  }

  async write(params: Params<"write">): Promise<Result<"write">> {
    const bytes = bytesOf(params.content, params.encoding);
    const { read } = this.#parts.limits;
    if (bytes.length > read) throw tooLarge(read);
    return params.base === null ? this.#writeNew(params.path, bytes) : this.#writeOver(params, params.base, bytes);
  }

  /** Makes an empty file or a folder. */
  async create({ path, kind }: Params<"create">): Promise<Result<"create">> {
    if (kind === "file") await this.#writeNew(path, Buffer.alloc(0), "create");
    else {
      const made = await this.#structure.createFolder(path, this.#guest.rights);
      this.#guest.options.onWrite({ path, size: 0, kind: "create", before: null });
      this.#parts.changes.did("created", made, this.#guest.options.session);
    }
    return this.stat({ path });
  }

  async rename({ from, to }: Params<"rename">, signal: AbortSignal): Promise<Result<"rename">> {
    const { session, onWrite } = this.#guest.options;
    const inspect = (source: EntryLocation, target: EntryLocation) => this.#inspect(source, target);
    await this.#settle(from);
    const moved = await this.#structure.rename(from, to, this.#guest.rights, signal, inspect);
    onWrite({ path: from, size: 0, kind: "rename", to });
    this.#moved(moved.from, moved.to);
    this.#parts.changes.did("deleted", moved.from, session);
    this.#parts.changes.did("created", moved.to, session);
    return this.stat({ path: to });
  }

  /** A file that becomes a notebook by its name is checked as if it were saved as one (RULES R11). */
  async #inspect(source: EntryLocation, target: EntryLocation): Promise<SameFile | undefined> {
    if (!isNotebook(target.path) || isNotebook(source.path)) return undefined;
    const { tree, limits, work } = this.#parts;
    const { session } = this.#guest.options;
    await using found = await tree.find(source.path, this.#guest.rights());
    if (found.path !== source.path) throw new FileError("UNSAFE", "Guests cannot give a link the name of a notebook.");
    await using handle = await found.openToRead();
    const bytes = await readWhole(handle, limits.read);
    await requireInert({ session, paths: [target.path], bytes, before: [] }, work.checker);
    // Saves of guests replace the file, so that another one would be there.
    const { dev, ino, size, mtimeNs } = await handle.stat({ bigint: true });
    return (now) => now.dev === dev && now.ino === ino && now.size === size && now.mtimeNs === mtimeNs;
  }

  async delete({ path, recursive = false }: Params<"delete">, signal: AbortSignal): Promise<Result<"delete">> {
    await this.#settle(path);
    const original = await this.#contentOf(path);
    const deleted = await this.#structure.delete(path, recursive, this.#guest.rights, signal);
    this.#guest.options.onWrite({ path, size: 0, kind: "delete", after: null, original, content: null });
    this.#moved(deleted, undefined);
    this.#parts.changes.did("deleted", deleted, this.#guest.options.session);
    return {};
  }

  /** What people write in there is on the disk before it is moved or deleted. */
  async #settle(path: string): Promise<void> {
    const { live, root, tree } = this.#parts;
    if (live === undefined) return;
    await using found = await tree.look(path, this.#guest.rights());
    if (found !== undefined) await live.settle(join(root, found.path));
  }

  #moved(from: string, to: string | undefined): void {
    const { live, root } = this.#parts;
    live?.moved(join(root, from), to === undefined ? undefined : join(root, to));
  }

  /** Undefined for folders and unreadable files, which may still be deleted. */
  async #contentOf(path: string): Promise<Buffer | undefined> {
    const { tree, documents, history, limits } = this.#parts;
    try {
      await using found = await tree.find(path, this.#guest.rights());
      const { bytes, version } = await documents.at(found.path).read(found, limits.read);
      // A guest who deletes a notebook may undo that.
      if (isNotebook(found.path)) history.keep(found.path, version, bytes);
      return bytes;
    } catch (error) {
      if (!["NOT_A_FILE", "TOO_LARGE", "DENIED", "NOT_FOUND"].includes(fileErrorOf(error).code)) throw error;
      return undefined;
    }
  }

  async #writeNew(path: string, bytes: Buffer, kind: "write" | "create" = "write"): Promise<Result<"write">> {
    const { documents, changes, history, notebooks } = this.#parts;
    const { session, onWrite } = this.#guest.options;
    const copied = isNotebook(path) ? await notebooks.find(bytes, this.#guest.rights()) : undefined;
    const saved = await this.#structure.create(path, this.#guest.rights, (location) => {
      const held = [copied, history.find(location.path, versionOf(bytes))].filter((one) => one !== undefined);
      return changes.making(location.path, session, () =>
        documents.at(location.path).create(location, bytes, session, held),
      );
    });
    const { version: after } = saved;
    onWrite({ path, size: bytes.length, kind, before: null, after, original: null, content: bytes });
    return { version: saved.version, size: bytes.length, modified: saved.modified };
  }

  readonly #merge = (base: string, mine: string, theirs: string) =>
    this.#parts.work.merger.merge(this.#guest.options.share, base, mine, theirs);

  async #writeOver(params: Params<"write">, base: string, bytes: Buffer): Promise<Result<"write">> {
    const { tree, documents, history } = this.#parts;
    const { session, onWrite } = this.#guest.options;
    const { path, encoding } = params;
    const sent = baseContentOf(base, params.base_content, encoding);
    const find = () => tree.find(path, this.#guest.rights(), "write");
    const document = documents.at(await pathOf(find()));
    const begun = history.find(document.path, base);
    const edit = { base, baseContent: sent ?? begun, bytes, isText: encoding === "utf8" && isText(bytes) };
    const change = (current: Content) => reconcile(edit, current, this.#merge);
    const { share } = this.#guest.options;
    const saved = await document.save({ session, share, find, named: path, begun, change });
    const { before, original, version, bytes: content } = saved;
    onWrite({ path, size: content.length, kind: "write", before, after: version, original, content });
    this.#parts.changes.wrote(document.path);
    const result = { version, size: saved.bytes.length, modified: saved.modified };
    return saved.bytes === bytes ? result : { ...result, merged: String(saved.bytes) };
  }
}

/** The path after links of what was found, which is then let go. */
async function pathOf(finding: ReturnType<WorkspaceParts["tree"]["find"]>): Promise<string> {
  await using found = await finding;
  return found.path;
}

/** Text that is not UTF-8 would not come back as it was. */
function readPermission(permission: Permission, bytes: Buffer): Permission {
  return permission.writable && isForeignText(bytes) ? { writable: false, read_only: "encoding" } : permission;
}
