import type { Disposable } from "vscode";
import type { Gateway } from "../gateway/gateway.ts";
import { Presence } from "./presence.ts";
import { ActivityReporter } from "./reporter.ts";
import { RunningWork } from "./running-work.ts";
import { ShutdownNotice } from "./shutdown-notice.ts";

/** Reports activity to the gateway, and warns before an idle server stops (RULES R20). */
export function startActivity(gateway: Gateway): Disposable {
  const work = new RunningWork();
  const presence = new Presence(() => reporter.personCame());
  const reporter: ActivityReporter = new ActivityReporter(gateway, {
    takePerson: () => presence.take(),
    terminals: () => work.terminals(),
    work: () => work.counts(),
    // VS Code sets it in each window's own process of extensions.
    commandSocket: () => process.env.VSCODE_IPC_HOOK_CLI || undefined,
  });
  const notice = new ShutdownNotice(gateway);
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
