import { relative } from "node:path";
import type { Method, Params, Result } from "@waiide/protocol";
import { cancelled, FileError, fileErrorOf, notFound } from "./file-error.ts";
import { Guest, type GuestOptions } from "./guest.ts";
import { GuestFile } from "./guest-file.ts";
import type { WorkspaceParts } from "./parts.ts";
import { segmentsOf } from "./rules/rights.ts";
import { GuestSearch } from "./search/guest-search.ts";
import { SelectionAccess } from "./selection/selection-access.ts";
import { FileAccess } from "./tree/file-access.ts";
import type { OpenedFile } from "./tree/opened-file.ts";
import { GuestWatch } from "./watch/guest-watch.ts";
import { WorkspaceFile } from "./workspace-file.ts";

/** The requests of a session that are about files. */
export const fileMethods = [
  "list",
  "stat",
  "read",
  "write",
  "create",
  "rename",
  "delete",
  "watch",
  "unwatch",
  "search",
  "find",
] as const satisfies readonly Method[];
export type FileMethod = (typeof fileMethods)[number];

type Handlers = { readonly [M in FileMethod]: (params: Params<M>, signal: AbortSignal) => Promise<Result<M>> };

/** One guest's page: answers its requests about files, and only what the guest's rights cover. */
export class GuestWorkspace {
  readonly #parts: WorkspaceParts;
  readonly #guest: Guest;
  readonly #files: FileAccess;
  readonly #selection: SelectionAccess | undefined;
  readonly #watching: GuestWatch;
  readonly #handlers: Handlers;
  readonly #closed = new AbortController();
  readonly #onClose: () => void;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(parts: WorkspaceParts, options: GuestOptions, onClose: () => void) {
    const guest = new Guest(options, parts);
    const { selection } = options;
    this.#parts = parts;
    this.#guest = guest;
    this.#onClose = onClose;
    this.#files = new FileAccess(parts, guest);
    this.#selection = selection && new SelectionAccess(parts, guest, selection);
    this.#watching = new GuestWatch(parts, guest, this.#selection);
    this.#handlers = this.#makeHandlers(new GuestSearch(parts, guest, this.#selection));
  }

  /**
   * Does what a guest asks for. `params` has been checked against the method's schema.
   * @throws FileError
   */
  async handle<M extends FileMethod>(method: M, params: Params<M>, signal: AbortSignal): Promise<Result<M>> {
    const anyEnd = AbortSignal.any([signal, this.#closed.signal]);
    const work = () => this.#handlers[method](params, anyEnd);
    return this.#tracked(this.#guarded(() => this.#inTurn(method, work, anyEnd), method, anyEnd));
  }

  /**
   * Opens a file for a download.
   * @throws FileError
   */
  open(path: string): Promise<OpenedFile> {
    const { signal } = this.#closed;
    return this.#tracked(
      this.#guarded(() => this.#inTurn("open", () => this.#door().open(path), signal), "open", signal),
    );
  }

  /**
   * A file to write in together with others.
   * @throws FileError NOT_FOUND, NOT_A_FILE
   */
  liveFile(path: string): Promise<GuestFile> {
    const { signal } = this.#closed;
    const find = async () => {
      await using found = await this.#parts.tree.find(path, this.#guest.rights());
      if (found.kind !== "file") throw new FileError("NOT_A_FILE", "This is a folder.");
      return new GuestFile(new WorkspaceFile(this.#parts, found.path), path, this.#guest);
    };
    return this.#tracked(this.#guarded(() => this.#inTurn("open", find, signal), "open", signal));
  }

  /**
   * A file that is gone, for what is left of it elsewhere.
   * @param place its absolute path after links, when it was there
   * @throws FileError NOT_FOUND where the guest would not see a file of this name
   */
  goneFile(path: string, place: string): GuestFile {
    const file = new GuestFile(
      new WorkspaceFile(this.#parts, segmentsOf(relative(this.#parts.root, place)).join("/")),
      path,
      this.#guest,
    );
    if (file.refusal("read") !== undefined) throw notFound();
    return file;
  }

  /** Ends what is under way. */
  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.#watching.close();
    this.#onClose();
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Limits how many requests run at once, and gives each session its turn (RULES R14). */
  #inTurn<Value>(what: FileMethod | "open", work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    const { requests, contents } = this.#parts.work;
    const { session } = this.#guest.options;
    const waiting = { signal };
    // Searches have a queue of their own, and take long.
    if (what === "search" || what === "find") return work();
    const run = () => requests.run(session, work, undefined, waiting);
    return what === "read" || what === "write" ? contents.run(session, run, undefined, waiting) : run();
  }

  #tracked<Value>(work: Promise<Value>): Promise<Value> {
    const done = () => void this.#underWay.delete(work);
    this.#underWay.add(work);
    work.then(done, done);
    return work;
  }

  #makeHandlers(searching: GuestSearch): Handlers {
    const files = this.#files;
    return {
      list: (params) => files.list(params),
      stat: (params) => this.#door().stat(params),
      read: (params) => this.#door().read(params),
      write: (params) => this.#door().write(params),
      create: (params) => files.create(params),
      rename: (params, signal) => files.rename(params, signal),
      delete: (params, signal) => files.delete(params, signal),
      watch: (params) => this.#watching.watch(params),
      unwatch: (params) => this.#watching.unwatch(params),
      search: (params, signal) => searching.search(params, signal),
      find: (params, signal) => searching.find(params, signal),
    };
  }

  /** A selection has a path of its own, so that no other one can show more of the file. */
  #door(): FileAccess | SelectionAccess {
    if (!this.#guest.rights().isSelection) return this.#files;
    if (this.#selection === undefined) throw notFound();
    return this.#selection;
  }

  async #guarded<Value>(work: () => Promise<Value>, what: string, signal: AbortSignal): Promise<Value> {
    if (signal.aborted) throw cancelled();
    try {
      return await work();
    } catch (error) {
      if (signal.aborted && !(error instanceof FileError)) throw cancelled();
      const failure = fileErrorOf(error);
      if (failure.code === "FAILED") this.#parts.logger.warn({ err: error, what }, "a guest's request failed");
      throw failure;
    }
  }
}
