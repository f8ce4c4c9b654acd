import {
  type IMenuItem,
  type ISubmenuItem,
  MenuRegistry,
} from "@codingame/monaco-vscode-api/vscode/vs/platform/actions/common/actions";
import { ContextKeyExpr } from "@codingame/monaco-vscode-api/vscode/vs/platform/contextkey/common/contextkey";
import { KeybindingsRegistry } from "@codingame/monaco-vscode-api/vscode/vs/platform/keybinding/common/keybindingsRegistry";
import { ExplorerResourceWritableContext } from "@codingame/monaco-vscode-api/vscode/vs/workbench/contrib/files/common/files";

/** VS Code offers these for read-only files, and fails after it has asked. */
const writing = new Set(["deleteFile", "moveFileToTrash"]);

/** Offers Delete for writable files only. Call it before VS Code reads its menus and keys. */
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
