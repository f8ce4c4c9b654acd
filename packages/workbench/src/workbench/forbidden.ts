import { MenuRegistry } from "@codingame/monaco-vscode-api/vscode/vs/platform/actions/common/actions";
import { CommandsRegistry } from "@codingame/monaco-vscode-api/vscode/vs/platform/commands/common/commands";
import { KeybindingsRegistry } from "@codingame/monaco-vscode-api/vscode/vs/platform/keybinding/common/keybindingsRegistry";

/**
 * Commands of parts that this workbench does not have. They could do nothing; but a guest who is offered a terminal, a
 * debugger or an extension to install would believe that there is one.
 */
const forbidden = [
  /terminal/i,
  /\btasks?\b|\.task|taskRunner|runTask/i,
  /debug|breakpoint|\blaunch\b|Run and Debug/i,
  /remote|tunnel|codespace|port(s|Forward)/i,
  /extension(s|Gallery|Host|Management|Recommendation)?\b|installVsix|vsix/i,
  /\bchat\b|copilot|inlineChat|languageModel|\bmcp\b|agent/i,
  /workbench\.action\.(openFolder|openWorkspace|openRecent|newWindow|addRootFolder|quickOpenRecent|reloadWindow)/i,
  /workbench\.action\.files\.(openFolder|openFile|openFileFolder|openFolderViaWorkspace)/i,
  /workbench\.(scm|testing|trust|profiles?|userDataSync|editSessions)|git\./i,
  /\btest(ing)?\.|timeline|walkthrough|gettingStarted|welcome/i,
  /openIssueReporter|telemetry|startupPerf|processExplorer|update\.|checkForUpdates|exportProfile|importProfile/i,
];

/** Whether a command is of a part that a guest's workbench does not have. */
export function isForbidden(command: string): boolean {
  return forbidden.some((pattern) => pattern.test(command));
}

/** Takes forbidden commands out of the palette, all menus and all keys, before anything has looked at them. */
export function removeForbiddenCommands(): void {
  const menuItems = MenuRegistry.getMenuItems.bind(MenuRegistry);
  MenuRegistry.getMenuItems = (id) =>
    menuItems(id).filter((item) => !("command" in item && isForbidden(item.command.id)));
  const paletteCommands = MenuRegistry.getCommands.bind(MenuRegistry);
  MenuRegistry.getCommands = () => new Map([...paletteCommands()].filter(([id]) => !isForbidden(id)));
  const keys = KeybindingsRegistry.getDefaultKeybindings.bind(KeybindingsRegistry);
  KeybindingsRegistry.getDefaultKeybindings = () => keys().filter(({ command }) => !command || !isForbidden(command));
  const command = CommandsRegistry.getCommand.bind(CommandsRegistry);
  CommandsRegistry.getCommand = (id) => (isForbidden(id) ? undefined : command(id));
}
