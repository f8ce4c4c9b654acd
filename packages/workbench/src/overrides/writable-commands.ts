import {
  type IMenuItem,
  type ISubmenuItem,
  MenuRegistry,
} from "@codingame/monaco-vscode-api/vscode/vs/platform/actions/common/actions";
import { ContextKeyExpr } from "@codingame/monaco-vscode-api/vscode/vs/platform/contextkey/common/contextkey";
import { KeybindingsRegistry } from "@codingame/monaco-vscode-api/vscode/vs/platform/keybinding/common/keybindingsRegistry";
import { ExplorerResourceWritableContext } from "@codingame/monaco-vscode-api/vscode/vs/workbench/contrib/files/common/files";

/** VS Code offers these for files that nobody may write, and fails after a question. */
const writing = new Set(["deleteFile", "moveFileToTrash"]);

/** Nobody is asked whether to delete what cannot be deleted. Before anything has looked at menus and keys. */
export function offerWritableCommandsOnly(): void {
  const menuItems = MenuRegistry.getMenuItems.bind(MenuRegistry);
  MenuRegistry.getMenuItems = (id) => menuItems(id).map(onlyWritable);
  const keys = KeybindingsRegistry.getDefaultKeybindings.bind(KeybindingsRegistry);
  KeybindingsRegistry.getDefaultKeybindings = () =>
    keys().map((key) =>
      key.command !== null && writing.has(key.command)
        ? { ...key, when: ContextKeyExpr.and(key.when, ExplorerResourceWritableContext) }
        : key,
    );
}

function onlyWritable(item: IMenuItem | ISubmenuItem): IMenuItem | ISubmenuItem {
  if (!("command" in item) || !writing.has(item.command.id)) return item;
  return { ...item, command: { ...item.command, precondition: ExplorerResourceWritableContext } };
}
