import type { Disposable } from "vscode";
import type { Gateway } from "../gateway/gateway.ts";
import { Presence } from "./presence.ts";
import { ActivityReporter } from "./reporter.ts";
import { Work } from "./running-work.ts";
import { EndingNotice } from "./shutdown-notice.ts";

/** Reports what goes on here, and warns before an idle server ends (RULES R20). */
export function startActivity(gateway: Gateway): Disposable {
  const work = new Work();
  const presence = new Presence(() => reporter.personCame());
  const reporter: ActivityReporter = new ActivityReporter(gateway, {
    takePerson: () => presence.take(),
    terminals: () => work.terminals(),
    work: () => work.counts(),
  });
  const notice = new EndingNotice(gateway);
  reporter.start();
  notice.start();
  return {
    dispose() {
      reporter.close();
      presence.close();
      work.close();
      return notice.close();
    },
  };
}
