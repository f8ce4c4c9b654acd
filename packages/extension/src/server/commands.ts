import type { ServerFacts, ServerLog } from "@waiide/protocol";
import { commands, type Disposable, env, type MessageItem, Uri, window, workspace } from "vscode";
import { type Gateway, reasonOf } from "../gateway/gateway.ts";
import { t } from "../text/translation.ts";
import { readableLogLine } from "./log-line.ts";
import { reportChannel } from "./report-channel.ts";
import { describeServer } from "./server-text.ts";

/** Commands about the server: facts, log, the hub's pages, stopping it. */
export function registerServerCommands(gateway: Pick<Gateway, "ask">): Disposable {
  const command = (id: string, run: () => Promise<void>) => commands.registerCommand(id, () => run().catch(tell));
  const subscriptions = [
    command("waiide.serverInformation", () => showInformation(gateway)),
    command("waiide.openLog", () => openLog(gateway)),
    command("waiide.hubHome", () => goToHubHome(gateway)),
    command("waiide.stopServer", () => stop(gateway)),
  ];
  // Needs a hub.
  gateway.ask<ServerFacts>("/api/server").then(
    ({ hub }) => commands.executeCommand("setContext", "waiide.hasHub", hub !== null),
    () => undefined,
  );
  return {
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

async function showInformation(gateway: Pick<Gateway, "ask">): Promise<void> {
  const detail = describeServer(await gateway.ask<ServerFacts>("/api/server"));
  const copy: MessageItem = { title: t("Copy") };
  const close: MessageItem = { title: t("Close"), isCloseAffordance: true };
  const chosen = await window.showInformationMessage(t("This server"), { modal: true, detail }, copy, close);
  if (chosen === copy) await env.clipboard.writeText(detail);
}

async function openLog(gateway: Pick<Gateway, "ask">): Promise<void> {
  const { gateway: own, ide } = await gateway.ask<ServerLog>("/api/server/log");
  // VS Code shows the end of the output: the shorter, more important log comes last.
  const lines = [t("IDE server, last lines:"), ...ide, "", t("WAIIDE, last lines:"), ...own.map(readableLogLine), ""];
  const channel = reportChannel(t("WAIIDE Log"), "log");
  channel.replace(lines.join("\n"));
  channel.show();
}

async function goToHubHome(gateway: Pick<Gateway, "ask">): Promise<void> {
  const { hub } = await gateway.ask<ServerFacts>("/api/server");
  if (hub === null) void window.showInformationMessage(t("This server runs without a hub."));
  else if (hub.home === null)
    void window.showInformationMessage(t("The hub's address is not known yet. Reload this page."));
  else await env.openExternal(Uri.parse(hub.home));
}

async function stop(gateway: Pick<Gateway, "ask">): Promise<void> {
  const sure = t("Stop Server");
  const detail = t("Everything that runs in it ends: terminals, tasks, debug sessions. Saved files stay.");
  if ((await window.showWarningMessage(t("Stop this server?"), { modal: true, detail }, sure)) !== sure) return;
  await workspace.saveAll(false);
  // Tell people before the server stops: this window cannot do so afterwards.
  void window.showInformationMessage(t("The server stops now. You can close this page."));
  // The page handles commands in order: when this one is done, the message is visible.
  await commands.executeCommand("setContext", "waiide.stopping", true);
  await gateway.ask("/api/server/stop", { method: "POST" });
}

function tell(error: unknown): void {
  void window.showErrorMessage(t("WAIIDE could not do that: {0}", reasonOf(error)));
}
