import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { ETAG_DISABLED, FileOperationError } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files";
import { FileService } from "@codingame/monaco-vscode-files-service-override/vscode/vs/platform/files/common/fileService";

export interface Write {
  /** The person chose “Overwrite”: whatever the file is now. */
  readonly overwrite: boolean;
  /** An editor saves its text; only editors name the time of the file that they have. */
  readonly fromEditor: boolean;
}

export interface FileWrites {
  /** @returns undefined for files that are not the share's: VS Code writes them as ever */
  pathOf(resource: URI): string | undefined;
  begin(path: string, how: Write): void;
  /** Why the gateway refused to write this file, in its own words. */
  refusalOf(path: string): string | undefined;
  /** After each write, failed or not. */
  end(path: string): void;
}

/**
 * VS Code compares times and sizes before it writes: a change of the same size passes, and one that could be merged is
 * stopped. So it never compares here; the gateway's versions decide. A refusal keeps the gateway's words, without VS Code's
 * codes around them. VS Code's parts keep what they once took from the file service: call this before it starts.
 */
export function overrideFileWrites({ pathOf, begin, refusalOf, end }: FileWrites): void {
  const { writeFile } = FileService.prototype;
  FileService.prototype.writeFile = async function (this: FileService, resource, content, options) {
    const path = pathOf(resource);
    if (path === undefined) return writeFile.call(this, resource, content, options);
    begin(path, { overwrite: options?.etag === ETAG_DISABLED, fromEditor: options?.mtime !== undefined });
    try {
      return await writeFile.call(this, resource, content, { ...options, etag: ETAG_DISABLED });
    } catch (error) {
      const reason = refusalOf(path);
      if (reason === undefined || !(error instanceof FileOperationError)) throw error;
      throw new FileOperationError(reason, error.fileOperationResult, options);
    } finally {
      end(path);
    }
  };
}
