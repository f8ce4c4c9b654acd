import type { ExtensionContext } from "vscode";
import { t } from "../text/translation.ts";

/**
 * Lets terminals find the command `waiide`: theirs is a login shell's PATH. Behind everything else, so that a `waiide` of the
 * user's own stays the one that runs. VS Code remembers it, for terminals that open before this extension has started.
 */
export function extendTerminalPath({ environmentVariableCollection: variables }: ExtensionContext): void {
  const folder = process.env.WAIIDE_COMMAND_FOLDER;
  variables.description = t("Adds the command “waiide”.");
  if (folder) variables.append("PATH", `:${folder}`);
  else variables.delete("PATH");
}
