import { EditorExtensionsRegistry } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorExtensions";
import {
  type IMenuItem,
  type ISubmenuItem,
  MenuId,
  MenuRegistry,
} from "@codingame/monaco-vscode-api/vscode/vs/platform/actions/common/actions";
import { CommandsRegistry } from "@codingame/monaco-vscode-api/vscode/vs/platform/commands/common/commands";
import { KeybindingsRegistry } from "@codingame/monaco-vscode-api/vscode/vs/platform/keybinding/common/keybindingsRegistry";

/**
 * Commands of parts that this workbench does not have. They would do nothing, but a guest who is offered a terminal, a
 * debugger or an extension would believe that it exists.
 */
const unavailable = [
  /terminal|pty/i,
  /\btasks?\b|\.task|taskRunner|runTask/i,
  /debug|breakpoint|\blaunch\b/i,
  /remote|tunnel|codespace|port(s|Forward)/i,
  /extension|vsix|marketplace|gallery|generateColorTheme|browseColorThemes/i,
  /\bchat\b|copilot|inlineChat|languageModel|\bmcp\b|\bagents?\b|promptFile/i,
  /workbench\.action\.(openFolder|openWorkspace|openRecent|newWindow|addRootFolder|quickOpenRecent|reloadWindow)/i,
  /workbench\.action\.(duplicateWorkspaceInNewWindow|saveWorkspaceAs|closeFolder|removeRootFolder|switchWindow)/i,
  /workbench\.action\.files\.(openFolder|openFile|openFileFolder|openFolderViaWorkspace|saveLocalFile)/i,
  /workbench\.(scm|testing|trust|profiles?|userDataSync|editSessions)|\bgit\.|userDataProfile/i,
  /\btest(ing)?\.|timeline|walkthrough|gettingStarted|welcome/i,
  /openIssueReporter|telemetry|startupPerf|processExplorer|update\.|checkForUpdates|logStorage|logWorkingCopies/i,
  /^workbench\.action\.(toggleDevTools|inspectContextKeys|openLogFile|openLogsFolder|setLogLevel|toggleScreencastMode)/i,
  /\bdeveloper\b|^editor\.action\.(inspectTMScopes|forceRetokenize|debugEditorGpuRenderer)/i,
  /askVScode|getStartedWithAccessibility|open(License|PrivacyStatement|VideoTutorials|TipsAndTricks|Documentation)Url/i,
  /NewWindow$|AuxiliaryWindow|^merge\.dev\./i,
];

/** Whether a command belongs to a part that a guest's workbench does not have. */
export function isUnavailable(command: string): boolean {
  return unavailable.some((pattern) => pattern.test(command));
}

/** Commands for developers of VS Code are recognized by their category. */
function isUnavailableItem(item: IMenuItem | ISubmenuItem): boolean {
  if (!("command" in item)) return item.submenu === MenuId.MenubarRecentMenu;
  const { id, category } = item.command;
  const name = typeof category === "string" ? category : category?.original;
  return isUnavailable(id) || name === "Developer";
}

/** Removes unavailable commands from the palette, all menus and all keys. Call it before VS Code reads them. */
export function removeUnavailableCommands(): void {
  const menuItems = MenuRegistry.getMenuItems.bind(MenuRegistry);
  MenuRegistry.getMenuItems = (id) => menuItems(id).filter((item) => !isUnavailableItem(item));
  const paletteCommands = MenuRegistry.getCommands.bind(MenuRegistry);
  MenuRegistry.getCommands = () => new Map([...paletteCommands()].filter(([id]) => !isUnavailable(id)));
  const keys = KeybindingsRegistry.getDefaultKeybindings.bind(KeybindingsRegistry);
  KeybindingsRegistry.getDefaultKeybindings = () => keys().filter(({ command }) => !command || !isUnavailable(command));
  const editorActions = EditorExtensionsRegistry.getEditorActions;
  Object.assign(EditorExtensionsRegistry, {
    getEditorActions: () => [...editorActions()].filter(({ id }) => !isUnavailable(id)),
  });
  const command = CommandsRegistry.getCommand.bind(CommandsRegistry);
  CommandsRegistry.getCommand = (id) => (isUnavailable(id) ? undefined : command(id));
}
