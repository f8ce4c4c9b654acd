import { window } from "vscode";
import { type Gateway, reasonOf } from "./gateway.ts";
import { t } from "./translation.ts";

/** What the running gateway says of itself. */
const questions = ["/api/health", "/api/services", "/api/share/info"] as const;

/** Shows what the gateway that runs says of its parts, and how to check the rest. */
export async function showDoctor(gateway: Pick<Gateway, "ask">): Promise<void> {
  const channel = window.createOutputChannel(t("WAIIDE Doctor"));
  channel.show();
  channel.appendLine(t("“waiide doctor” in a terminal checks all of the machine. The gateway that runs says:"));
  for (const path of questions) {
    const answer = await gateway.ask(path).catch(reasonOf);
    channel.appendLine(`\n${path}\n${JSON.stringify(answer, undefined, 2)}`);
  }
}
