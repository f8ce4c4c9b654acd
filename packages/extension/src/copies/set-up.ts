import type { TakenSetUp } from "@waiide/protocol";
import { window, workspace } from "vscode";
import { type Gateway, reasonOf } from "../gateway/gateway.ts";
import { t } from "../text/translation.ts";

/**
 * RULES R29: runs what the recipient of a copy has read and asked for, in a terminal that they see, once. Nothing else of a copy
 * is ever run.
 */
export async function runSetUp(gateway: Pick<Gateway, "ask">): Promise<void> {
  for (const { uri } of workspace.workspaceFolders ?? []) {
    try {
      const body = { folder: uri.fsPath };
      const { commands } = await gateway.ask<TakenSetUp>("/api/copies/take-set-up", { method: "POST", body });
      if (commands.length === 0) continue;
      const terminal = window.createTerminal({ name: t("Set Up"), cwd: uri });
      terminal.show();
      for (const command of commands) terminal.sendText(command);
    } catch (error) {
      void window.showErrorMessage(t("The copy could not be set up: {0}", reasonOf(error)));
    }
  }
}
