import { type SignOutMessage, signOutChannel } from "@waiide/protocol";
import { commands, type Disposable, window } from "vscode";
import { t } from "../../text/translation.ts";

/** The command “Sign Out”. VS Code asks about unsaved text, as for any way to leave. */
export function registerSignOut(page: string): Disposable {
  const channel = new BroadcastChannel(signOutChannel(page));
  channel.addEventListener("message", ({ data }: MessageEvent<SignOutMessage>) => {
    if (data.kind === "no-login")
      void window.showInformationMessage(t("This server asks for no login, so there is none to end."));
  });
  const command = commands.registerCommand("waiide.signOut", () =>
    channel.postMessage({ kind: "sign-out" } satisfies SignOutMessage),
  );
  return {
    dispose() {
      command.dispose();
      channel.close();
    },
  };
}
