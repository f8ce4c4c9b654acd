import type { DoctorReport } from "@waiide/protocol";
import { type Gateway, reasonOf } from "../gateway/gateway.ts";
import { t } from "../text/translation.ts";
import { reportChannel } from "./report-channel.ts";

/** Shows the output of “waiide doctor”, from the running gateway. */
export async function showDoctor(gateway: Pick<Gateway, "ask">): Promise<void> {
  const channel = reportChannel(t("WAIIDE Doctor"));
  channel.show();
  channel.replace(`${t("Looking…")}\n`);
  const answer = await gateway.ask<DoctorReport>("/api/server/doctor").catch((error: unknown) => ({
    text: t("WAIIDE could not do that: {0}", reasonOf(error)),
  }));
  channel.replace(answer.text);
}
