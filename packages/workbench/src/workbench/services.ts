import getAccessibilityService from "@codingame/monaco-vscode-accessibility-service-override";
import type { IEditorOverrideServices } from "@codingame/monaco-vscode-api/vscode/vs/editor/standalone/browser/standaloneServices";
import { SyncDescriptor } from "@codingame/monaco-vscode-api/vscode/vs/platform/instantiation/common/descriptors";
import type { FilesConfigurationService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/filesConfiguration/common/filesConfigurationService";
import { IFilesConfigurationService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/filesConfiguration/common/filesConfigurationService.service";
import { ISearchService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/search/common/search.service";
import { IHostColorSchemeService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/themes/common/hostColorSchemeService.service";
import getBulkEditService from "@codingame/monaco-vscode-bulk-edit-service-override";
import getConfigurationService from "@codingame/monaco-vscode-configuration-service-override";
import getDialogsService from "@codingame/monaco-vscode-dialogs-service-override";
import getEnvironmentService from "@codingame/monaco-vscode-environment-service-override";
import getExplorerService from "@codingame/monaco-vscode-explorer-service-override";
import getExtensionsService from "@codingame/monaco-vscode-extensions-service-override";
import getKeybindingsService from "@codingame/monaco-vscode-keybindings-service-override";
import getLanguagesService from "@codingame/monaco-vscode-languages-service-override";
import getLifecycleService from "@codingame/monaco-vscode-lifecycle-service-override";
import getLogService from "@codingame/monaco-vscode-log-service-override";
import getModelService from "@codingame/monaco-vscode-model-service-override";
import getNotificationsService from "@codingame/monaco-vscode-notifications-service-override";
import getOutlineService from "@codingame/monaco-vscode-outline-service-override";
import getPreferencesService from "@codingame/monaco-vscode-preferences-service-override";
import getSearchService from "@codingame/monaco-vscode-search-service-override";
import { SearchService } from "@codingame/monaco-vscode-search-service-override/vscode/vs/workbench/services/search/common/searchService";
import getStorageService from "@codingame/monaco-vscode-storage-service-override";
import getTextmateService from "@codingame/monaco-vscode-textmate-service-override";
import getThemeService from "@codingame/monaco-vscode-theme-service-override";
import getUserDataProfileService from "@codingame/monaco-vscode-user-data-profile-service-override";
import getWorkbenchService from "@codingame/monaco-vscode-workbench-service-override";
import getWorkingCopyService from "@codingame/monaco-vscode-working-copy-service-override";
import { ColorScheme } from "../overrides/color-scheme.ts";
import { lateComments } from "../overrides/late-comments.ts";
import { storageDatabases } from "../overrides/user-data.ts";

/**
 * The workbench's services. A service that is not named here does not exist: there is no terminal, task, debugger, source
 * control, remote, extension gallery or extension host; extensions are grammars, themes and icons, which are data.
 */
export function workbenchServices(filesConfiguration: typeof FilesConfigurationService): IEditorOverrideServices {
  return {
    ...getLogService(),
    ...getExtensionsService({ enableWorkerExtensionHost: false }),
    ...getModelService(),
    ...getNotificationsService(),
    ...getDialogsService(),
    ...getConfigurationService(),
    ...getKeybindingsService(),
    ...getTextmateService(),
    ...getThemeService(),
    ...getLanguagesService(),
    ...getPreferencesService(),
    ...getOutlineService(),
    ...getSearchService(),
    // monaco-vscode-api's own service lists the whole workspace at start, to search in the page.
    [ISearchService.toString()]: new SyncDescriptor(SearchService, [], true),
    ...getAccessibilityService(),
    ...getStorageService({
      databaseFactories: storageDatabases,
      forcedValues: { "workbench.activity.showAccounts": false },
    }),
    ...getLifecycleService(),
    ...getEnvironmentService(),
    ...getWorkingCopyService(),
    ...getExplorerService(),
    ...getBulkEditService(),
    ...getUserDataProfileService(),
    ...getWorkbenchService(),
    ...lateComments,
    [IFilesConfigurationService.toString()]: new SyncDescriptor(filesConfiguration, [], true),
    [IHostColorSchemeService.toString()]: new SyncDescriptor(ColorScheme, [], true),
  };
}
