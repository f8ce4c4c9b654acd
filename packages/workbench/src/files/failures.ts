import {
  FileOperationError,
  FileOperationResult,
} from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files";
import {
  FileSystemProviderErrorCode as Code,
  FileSystemProviderError,
} from "@codingame/monaco-vscode-files-service-override";
import type { SessionErrorCode } from "@waiide/protocol";
import { SessionError } from "../session/session-error.ts";

const codes: Readonly<Partial<Record<SessionErrorCode, Code>>> = {
  NOT_FOUND: Code.FileNotFound,
  DENIED: Code.NoPermissions,
  OUTDATED: Code.NoPermissions,
  EXISTS: Code.FileExists,
  NOT_A_FILE: Code.FileIsADirectory,
  TOO_LARGE: Code.FileTooLarge,
  NO_SPACE: Code.FileExceedsStorageQuota,
};

/** Awaits, and turns a failure into the workbench's terms. */
export async function workbenchTerms<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    // The workbench then offers to compare and to overwrite (RULES R13).
    if (error.code === "CONFLICT") throw new FileOperationError(error.message, FileOperationResult.FILE_MODIFIED_SINCE);
    throw FileSystemProviderError.create(error.message, codes[error.code] ?? Code.Unavailable);
  }
}

/**
 * As `workbenchTerms`, for opening a file: the editor then shows the reason itself in place of “unexpected error”. For a
 * missing file the workbench has words of its own, which name it.
 */
export async function openingTerms<T>(work: Promise<T>): Promise<T> {
  try {
    return await workbenchTerms(work);
  } catch (error) {
    // This makes it an EditorOpenError, whose message the workbench shows as it is.
    const isReason = error instanceof FileSystemProviderError && error.code !== Code.FileNotFound;
    throw isReason ? Object.assign(error, { actions: [], forceMessage: true }) : error;
  }
}

export function notFound(): FileSystemProviderError {
  return FileSystemProviderError.create("There is no such file.", Code.FileNotFound);
}
