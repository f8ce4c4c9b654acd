import { getService } from "@codingame/monaco-vscode-api";
import { ICodeEditorService } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/services/codeEditorService.service";
import { FileOperation } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files";
import { IFileService } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files.service";
import { INotificationService } from "@codingame/monaco-vscode-api/vscode/vs/platform/notification/common/notification.service";
import { IUndoRedoService } from "@codingame/monaco-vscode-api/vscode/vs/platform/undoRedo/common/undoRedo.service";
import { IDecorationsService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/decorations/common/decorations.service";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import { IStatusbarService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/statusbar/browser/statusbar.service";
import { ITextFileService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles.service";
import { IWorkingCopyFileService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/workingCopy/common/workingCopyFileService.service";
import type { Documents } from "../documents/documents.ts";
import type { Addresses } from "../files/addresses.ts";
import type { Session } from "../session/session.ts";
import "./live.css";
import { KeptChanges } from "./kept-changes.ts";
import { LiveFiles } from "./live-files.ts";
import { LiveNotices } from "./live-notices.ts";
import { NotLiveStatus } from "./not-live-status.ts";
import { PeopleInFiles } from "./people-in-files.ts";

export interface StartLiveOptions {
  readonly session: Session;
  readonly documents: Documents;
  readonly addresses: Addresses;
  /** Says the same only once in a while. */
  say(message: string): void;
}

/** From now on people write in open files together. The workbench must run. */
export async function startLive({ session, documents, addresses, say }: StartLiveOptions): Promise<LiveFiles> {
  const live = new LiveFiles({
    session,
    documents,
    addresses,
    notices: new LiveNotices(await getService(INotificationService), say),
    kept: new KeptChanges(await getService(IFileService)),
    textFiles: await getService(ITextFileService),
    codeEditors: await getService(ICodeEditorService),
    undo: await getService(IUndoRedoService),
  });
  documents.takeLive(live);
  new NotLiveStatus(live, await getService(IEditorService), await getService(IStatusbarService), addresses);
  (await getService(IDecorationsService)).registerDecorationsProvider(new PeopleInFiles(session, addresses));
  (await getService(IWorkingCopyFileService)).addFileOperationParticipant({
    async participate(files, operation) {
      if (operation !== FileOperation.MOVE) return;
      // VS Code would take unsaved text along as one that was never saved.
      const sources = files.flatMap(({ source }) => (source && addresses.pathOf(source)) ?? []);
      await Promise.all(sources.map((source) => live.saveIn(source)));
    },
  });
  return live;
}
