import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import {
  EditorResourceAccessor,
  SideBySideEditor,
} from "@codingame/monaco-vscode-api/vscode/vs/workbench/common/editor";
import {
  AutoSaveDisabledReason,
  AutoSaveMode,
  type FilesConfigurationService,
} from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/filesConfiguration/common/filesConfigurationService";

export interface SavedByGateway {
  isLive(resource: URI): boolean;
  /** Whether the file was not saved for longer than usual. */
  isOverdue(resource: URI): boolean;
}

type Asked = Parameters<FilesConfigurationService["getAutoSaveMode"]>[0];
type Mode = ReturnType<FilesConfigurationService["getAutoSaveMode"]>;

/**
 * The gateway saves live files, for everybody in them. VS Code's own auto save would write the whole text from each page, and
 * its dot on tabs would come and go with every key; the dot is there when a file stays unsaved.
 */
export function savedByGateway(
  Base: typeof FilesConfigurationService,
  { isLive, isOverdue }: SavedByGateway,
): typeof FilesConfigurationService {
  return class extends Base {
    override getAutoSaveMode(...given: Parameters<FilesConfigurationService["getAutoSaveMode"]>): Mode {
      const resource = resourceOf(given[0]);
      if (resource === undefined || !isLive(resource)) return super.getAutoSaveMode(...given);
      return { mode: AutoSaveMode.OFF, reason: AutoSaveDisabledReason.SETTINGS };
    }

    override hasShortAutoSaveDelay(asked: Asked): boolean {
      const resource = resourceOf(asked);
      if (resource === undefined || !isLive(resource)) return super.hasShortAutoSaveDelay(asked);
      return !isOverdue(resource);
    }
  };
}

function resourceOf(asked: Asked): URI | undefined {
  if (asked === undefined || URI.isUri(asked)) return asked;
  return EditorResourceAccessor.getOriginalUri(asked, { supportSideBySide: SideBySideEditor.PRIMARY });
}
