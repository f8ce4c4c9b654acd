import { type SignOutMessage, signOutChannel } from "@waiide/protocol";
import { commands, type Disposable } from "vscode";

/** The command “Sign Out”, where the page says that there is a login. VS Code asks about unsaved text, as for any way to leave. */
export function registerSignOut(page: string): Disposable {
  const channel = new BroadcastChannel(signOutChannel(page));
  const send = (message: SignOutMessage) => channel.postMessage(message);
  channel.addEventListener("message", ({ data }: MessageEvent<SignOutMessage>) => {
    if (data.kind === "possible") void commands.executeCommand("setContext", "waiide.canSignOut", true);
  });
  const command = commands.registerCommand("waiide.signOut", () => send({ kind: "sign-out" }));
  send({ kind: "ask" });
  return {
    dispose() {
      command.dispose();
      channel.close();
    },
  };
}
