import type { DoctorReport } from "@waiide/protocol";
import { window } from "vscode";
import { type Gateway, reasonOf } from "./gateway.ts";
import { t } from "./translation.ts";

/** Shows what “waiide doctor” prints, asked of the gateway that runs. */
export async function showDoctor(gateway: Pick<Gateway, "ask">): Promise<void> {
  const channel = window.createOutputChannel(t("WAIIDE Doctor"));
  channel.show();
  channel.appendLine(t("Looking…"));
  const answer = await gateway.ask<DoctorReport>("/api/server/doctor").catch((error: unknown) => ({
    text: t("WAIIDE could not do that: {0}", reasonOf(error)),
  }));
  channel.replace(answer.text);
}
