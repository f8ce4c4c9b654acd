import { commands, type ExtensionContext } from "vscode";
import { Gateway } from "./gateway.ts";

/** The owner's IDE has the control socket's path in its environment; that of a Terminal Access guest has none, and nothing is offered there. */
export async function activate(_context: ExtensionContext): Promise<void> {
  const socketPath = process.env.WAIIDE_CONTROL_SOCKET;
  if (!socketPath) return;
  const _gateway = new Gateway(socketPath);
  await commands.executeCommand("setContext", "waiide.connected", true);
}
