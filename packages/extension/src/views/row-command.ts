import { commands, type Disposable, window } from "vscode";
import { t } from "../text/translation.ts";

/** A command for a row of a list. Where the list is drawn anew under the mouse, VS Code runs it without a row. */
export function rowCommand<Row>(id: string, run: (row: Row) => unknown): Disposable {
  return commands.registerCommand(id, (row: Row | undefined) =>
    row === undefined ? window.showInformationMessage(t("The list has just changed. Choose the row again.")) : run(row),
  );
}
