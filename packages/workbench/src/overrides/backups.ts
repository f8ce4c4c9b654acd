import type { IWorkingCopyIdentifier } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/workingCopy/common/workingCopy";
import type { IWorkingCopyBackupService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/workingCopy/common/workingCopyBackup.service";

/**
 * Adds data to each backup of an unsaved text. VS Code itself adds the file's time and size, which do not identify the
 * version that the text was based on.
 * @param moreFor what is added to the backup's meta data; empty: nothing
 */
export function overrideBackups(
  service: IWorkingCopyBackupService,
  moreFor: (identifier: IWorkingCopyIdentifier) => Promise<object>,
): void {
  const backup = service.backup.bind(service);
  service.backup = async (identifier, content, versionId, meta, token) => {
    const more = await moreFor(identifier);
    return backup(identifier, content, versionId, Object.keys(more).length === 0 ? meta : { ...meta, ...more }, token);
  };
}
