import {
  Disposable,
  EventEmitter,
  type FileChangeEvent,
  FilePermission,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  Uri,
} from "vscode";
import type { ShareApi } from "../shares/api.ts";
import { contentOf } from "../shares/api.ts";

export const beforeScheme = "waiide-before";

/**
 * The content of files before guests changed them, as read-only files: VS Code decodes their bytes in the same way as those of
 * the file beside them.
 */
export class BeforeFiles implements FileSystemProvider {
  readonly #api: Pick<ShareApi, "original">;
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(api: Pick<ShareApi, "original">) {
    this.#api = api;
  }

  /** They never change. */
  watch(): Disposable {
    return new Disposable(() => undefined);
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { length } = await this.readFile(uri);
    return { type: FileType.File, ctime: 0, mtime: 0, size: length, permissions: FilePermission.Readonly };
  }

  async readFile({ query }: Uri): Promise<Uint8Array> {
    const [share = "", path, version] = query.split("/").map(decodeURIComponent);
    return path === undefined ? new Uint8Array() : contentOf(await this.#api.original(share, path, version));
  }

  readDirectory(): never {
    throw FileSystemError.NoPermissions();
  }

  createDirectory(): never {
    throw FileSystemError.NoPermissions();
  }

  writeFile(): never {
    throw FileSystemError.NoPermissions();
  }

  delete(): never {
    throw FileSystemError.NoPermissions();
  }

  rename(): never {
    throw FileSystemError.NoPermissions();
  }
}

/** @param path undefined: there was no file. @param name decides the language. @param version of guests' text */
export function beforeUri(share: string, path: string | undefined, name: string, version?: string): Uri {
  const query = [share, path, version]
    .filter((part) => part !== undefined)
    .map(encodeURIComponent)
    .join("/");
  return Uri.from({ scheme: beforeScheme, path: `/${name}`, query });
}
