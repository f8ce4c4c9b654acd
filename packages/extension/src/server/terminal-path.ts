import type { ExtensionContext } from "vscode";
import { t } from "../text/translation.ts";

/**
 * Adds the command `waiide` to the PATH of terminals, which comes from a login shell. At the end, so that a `waiide` that the
 * user has installed stays first. VS Code keeps the change for terminals that open before this extension starts.
 */
export function extendTerminalPath({ environmentVariableCollection: variables }: ExtensionContext): void {
  const folder = process.env.WAIIDE_COMMAND_FOLDER;
  variables.description = t("Adds the commands “waiide” and “code”.");
  if (folder) variables.append("PATH", `:${folder}`);
  else variables.delete("PATH");
}
