import type { CreatedShare, ServerFacts, ShareInfo } from "@waiide/protocol";
import { commands, type Disposable, window, workspace } from "vscode";
import { type Gateway, reasonOf } from "../gateway/gateway.ts";
import { offerUntilAnswered } from "../text/lasting-offer.ts";
import { t } from "../text/translation.ts";

/**
 * VS Code's Restricted Mode protects the owner where webviews have no origin of their own: in a folder that is not trusted,
 * scripts that guests put into notebooks and Markdown do not run when the owner opens them.
 */
export function registerRestrictedMode(gateway: Pick<Gateway, "ask">): Disposable[] {
  const set = async (on: boolean) => {
    try {
      await workspace.saveAll(false);
      await gateway.ask("/api/server/restricted-mode", { method: "PUT", body: { on } });
      await commands.executeCommand("workbench.action.reloadWindow");
    } catch (error) {
      void window.showErrorMessage(t("Restricted Mode could not be changed: {0}", reasonOf(error)));
    }
  };
  gateway.ask<ServerFacts>("/api/server").then(tellIfTrusted, () => undefined);
  return [
    commands.registerCommand("waiide.openRestricted", () => set(true)),
    commands.registerCommand("waiide.leaveRestricted", () => set(false)),
  ];
}

/** A folder that this browser already trusts stays trusted, and users' own settings override the page's. */
function tellIfTrusted({ restricted_mode }: ServerFacts): void {
  if (restricted_mode !== true || !workspace.isTrusted) return;
  const manage = t("Manage Workspace Trust");
  const message = t("Restricted Mode is on, but this folder is trusted in this browser, so it protects nothing.");
  offerUntilAnswered(message, manage).then((answer) => {
    if (answer === manage) void commands.executeCommand("workbench.trust.manage");
  });
}

/** Call it after a share was created. */
export async function adviseRestrictedMode(share: CreatedShare, { webviews }: ShareInfo): Promise<void> {
  if (share.level !== "edit" || webviews?.separated !== false || !workspace.isTrusted) return;
  const open = t("Open in Restricted Mode");
  const message = t(
    "Guests can write files now. Notebook outputs and previews are not separated from your IDE here: a script in a file that a guest changed can run as you when you open it. In Restricted Mode it does not run.",
  );
  if ((await offerUntilAnswered(message, open)) === open) await commands.executeCommand("waiide.openRestricted");
}
