import { Emitter } from "@codingame/monaco-vscode-api/vscode/vs/base/common/event";
import type { IMarkdownString } from "@codingame/monaco-vscode-api/vscode/vs/base/common/htmlContent";
import { type IDisposable, toDisposable } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import {
  FileChangeType,
  FilePermission,
  FileSystemProviderCapabilities,
  FileSystemProviderError,
  FileSystemProviderErrorCode,
  FileType,
  type IFileChange,
  type IFileDeleteOptions,
  type IFileSystemProviderWithFileReadWriteCapability,
  type IStat,
} from "@codingame/monaco-vscode-files-service-override";
import type { Entry, FileChange } from "@waiide/protocol";
import type { Documents } from "../documents/documents.ts";
import type { Session } from "../session/session.ts";
import { Signal } from "../session/signal.ts";
import { isSingleFile } from "../workbench/settings.ts";
import type { Addresses } from "./addresses.ts";
import { download } from "./download.ts";
import { notFound, openingTerms, workbenchTerms } from "./failures.ts";
import { Listings } from "./listings.ts";
import type { ReadOnlyReasons } from "./read-only-reasons.ts";
import type { Times } from "./times.ts";
import { folderOf, WatchedFolders } from "./watched-folders.ts";

const kinds = { created: FileChangeType.ADDED, changed: FileChangeType.UPDATED, deleted: FileChangeType.DELETED };

/** Where the workbench looks for settings and tasks, a hundred times at start: guests do not use the owner's. */
function isIgnored(path: string): boolean {
  return /^(.*\/)?\.vscode\/(settings|tasks|launch|mcp|extensions)\.json$/.test(path);
}

export interface GuestFilesParts {
  readonly session: Session;
  readonly addresses: Addresses;
  readonly documents: Documents;
  readonly times: Times;
  readonly reasons: ReadOnlyReasons;
  /** Path of the share, begins and ends with `/`. */
  readonly base: string;
}

/** The share's files as a file system provider of the workbench. */
export class GuestFiles implements IFileSystemProviderWithFileReadWriteCapability {
  readonly #session: Session;
  readonly #addresses: Addresses;
  readonly #documents: Documents;
  readonly #times: Times;
  readonly #reasons: ReadOnlyReasons;
  readonly #base: string;
  readonly #watched: WatchedFolders;
  readonly #listings: Listings;
  readonly #changed = new Emitter<readonly IFileChange[]>();
  readonly #capabilitiesChanged = new Emitter<void>();
  /** Fires with the reason why a folder cannot be read. */
  readonly onUnreadable = new Signal<string>();
  readonly onDidChangeFile = this.#changed.event;
  readonly onDidChangeCapabilities = this.#capabilitiesChanged.event;

  constructor({ session, addresses, documents, times, reasons, base }: GuestFilesParts) {
    this.#session = session;
    this.#addresses = addresses;
    this.#documents = documents;
    this.#times = times;
    this.#reasons = reasons;
    this.#base = base;
    this.#listings = new Listings(session);
    this.#watched = new WatchedFolders(
      session,
      (folder) => documents.open.some((path) => folderOf(path) === folder),
      (folder) => this.#listings.forget(folder),
    );
    session.onLink.listen(() => this.#listings.forgetAll());
    session.onChanges.listen((changes) => {
      this.#listings.told(changes.map(({ path }) => path));
      this.#tell(changes);
    });
    session.onShare.listen(() => {
      this.#listings.forgetAll();
      this.#capabilitiesChanged.fire();
    });
    documents.onStale.listen((path) => this.#tell([{ path, kind: "changed" }]));
    // The file's content has changed what is known about it: the workbench must ask again.
    documents.onRead.listen(({ path, isForeign }) => {
      if (reasons.noteForeign(path, isForeign)) this.#tell([{ path, kind: "changed" }]);
    });
  }

  get capabilities(): FileSystemProviderCapabilities {
    const both = FileSystemProviderCapabilities.FileReadWrite | FileSystemProviderCapabilities.PathCaseSensitive;
    return this.readOnlyMessage ? both | FileSystemProviderCapabilities.Readonly : both;
  }

  get readOnlyMessage(): IMarkdownString | undefined {
    return this.#reasons.ofShare;
  }

  watch(resource: URI): IDisposable {
    const path = this.#addresses.pathOf(resource);
    return toDisposable(path === undefined || isIgnored(path) ? () => {} : this.#session.watch(path));
  }

  async stat(resource: URI): Promise<IStat> {
    const path = this.#pathOf(resource);
    return this.#shown(path, await workbenchTerms(this.#session.request("stat", { path })));
  }

  async readdir(resource: URI): Promise<[string, FileType][]> {
    const path = this.#pathOf(resource);
    const isTold = await this.#watched.use(path);
    const entries = await this.#tellingRefusal(this.#listings.list(path, isTold));
    return [...entries].map(([name, kind]) => [name, fileType(kind)]);
  }

  /** The workbench shows an unreadable folder as empty, without a reason. */
  async #tellingRefusal<T>(listing: Promise<T>): Promise<T> {
    try {
      return await workbenchTerms(listing);
    } catch (error) {
      if (error instanceof FileSystemProviderError && error.code === FileSystemProviderErrorCode.NoPermissions) {
        this.onUnreadable.fire(error.message);
      }
      throw error;
    }
  }

  async readFile(resource: URI): Promise<Uint8Array> {
    const path = this.#pathOf(resource);
    const watched = this.#watched.use(this.#watchedWith(path));
    const { size } = await openingTerms(this.#session.request("stat", { path }));
    await watched;
    if (size > this.#session.welcome.limits.read) return openingTerms(download(this.#base, path));
    return openingTerms(this.#documents.read(path));
  }

  async writeFile(resource: URI, content: Uint8Array): Promise<void> {
    const path = this.#pathOf(resource);
    await workbenchTerms(this.#documents.save(path, content));
    this.#listings.doubt(path);
  }

  async mkdir(resource: URI): Promise<void> {
    const path = this.#pathOf(resource);
    await workbenchTerms(this.#session.request("create", { path, kind: "folder" }));
    this.#listings.doubt(path);
  }

  async delete(resource: URI, { recursive }: IFileDeleteOptions): Promise<void> {
    const path = this.#pathOf(resource);
    await workbenchTerms(this.#session.request("delete", { path, recursive }));
    this.#listings.doubt(path);
  }

  async rename(source: URI, target: URI): Promise<void> {
    const [from, to] = [this.#pathOf(source), this.#pathOf(target)];
    await workbenchTerms(this.#session.request("rename", { from, to }));
    this.#documents.renamed(from, to);
    for (const path of [from, to]) this.#listings.doubt(path);
  }

  /** Guests of a shared file see nothing of its folder. */
  #watchedWith(path: string): string {
    return isSingleFile(this.#session.welcome.share.scope) ? path : folderOf(path);
  }

  /** After a loss anything may have changed. */
  refresh(paths: readonly string[]): void {
    this.#times.allChanged();
    this.#changed.fire(paths.map((path) => ({ type: FileChangeType.UPDATED, resource: this.#addresses.uriOf(path) })));
  }

  #pathOf(resource: URI): string {
    const path = this.#addresses.pathOf(resource);
    if (path === undefined || isIgnored(path)) throw notFound();
    return path;
  }

  #shown(path: string, { kind, size, modified, writable, read_only, protected_because }: Entry): IStat {
    const time = this.#times.shown(path, modified);
    const isLarge = size > this.#session.welcome.limits.read;
    const isFixed = !writable || isLarge || this.#reasons.isForeign(path);
    this.#reasons.note(path, read_only ?? (isLarge ? "large" : undefined), protected_because);
    return {
      type: fileType(kind),
      size,
      mtime: time,
      ctime: time,
      ...(isFixed && { permissions: FilePermission.Readonly }),
    };
  }

  #tell(changes: readonly FileChange[]): void {
    for (const { path, kind } of changes) {
      this.#times.changed(path);
      if (kind !== "deleted") continue;
      this.#watched.forget(path);
      this.#reasons.note(path, undefined);
    }
    this.#changed.fire(changes.map(({ path, kind }) => ({ type: kinds[kind], resource: this.#addresses.uriOf(path) })));
  }
}

function fileType(kind: Entry["kind"]): FileType {
  return kind === "folder" ? FileType.Directory : FileType.File;
}
