import type { StoppedEvent } from "@waiide/protocol";
import { commands, window } from "vscode";
import { t } from "../text/translation.ts";
import { kindInWords, sharesInWords } from "../text/words.ts";

/** Administrators often revoke all shares of an owner: that is one notice. Milliseconds. */
const gathering = 500;

/** Notifies the owner that somebody else has revoked their shares. */
export class StoppedNotice {
  #waiting: StoppedEvent[] = [];

  add(stopped: StoppedEvent): void {
    this.#waiting.push(stopped);
    if (this.#waiting.length === 1) setTimeout(() => void this.#tell(), gathering).unref();
  }

  async #tell(): Promise<void> {
    const stopped = this.#waiting;
    this.#waiting = [];
    const show = t("Manage Shares");
    if ((await window.showWarningMessage(stoppedInWords(stopped), show)) === show) {
      await commands.executeCommand("waiide.manageShares");
    }
  }
}

/** Contains no text of other people: VS Code shows links in messages (RULES R17). */
export function stoppedInWords(stopped: readonly StoppedEvent[]): string {
  const [first] = stopped;
  const isAdministrator = stopped.some(({ by }) => by === "administrator");
  if (first === undefined || stopped.length > 1) {
    const shares = sharesInWords(stopped.length);
    return isAdministrator
      ? t("An administrator has stopped {0} of yours. See History.", shares)
      : t("Somebody revoked the links of {0} of yours at JupyterHub.", shares);
  }
  const what = kindInWords(first.scope);
  return isAdministrator
    ? t("An administrator has stopped sharing {0} ({1}).", what, first.permission)
    : t("Somebody revoked the link to {0} ({1}) at JupyterHub.", what, first.permission);
}
