import { commands, type ExtensionContext, l10n } from "vscode";
import { translateWith } from "../../text/translation.ts";
import { isGuestPlace, socketAddress } from "./address.ts";
import { LiveWindow } from "./live-window.ts";

/**
 * Live editing in an IDE: guests of shares and this window write in one file together. It runs in the page (VS Code's web worker), where
 * an edit takes milliseconds; on the server each would wait for the network, and lose against the next key.
 */
export function activate(context: ExtensionContext): void {
  translateWith((message, ...values) => l10n.t(message, ...values));
  const address = socketAddress(context.extensionUri);
  if (address === undefined) return;
  let live: LiveWindow | undefined;
  const start = () => {
    if (live !== undefined) return;
    live = new LiveWindow(() => new WebSocket(address));
    context.subscriptions.push(live);
    live.start();
  };
  // The owner's other extension says so once there is a share: until then nothing is connected.
  context.subscriptions.push(commands.registerCommand("waiide.live.start", start));
  if (isGuestPlace(context.extensionUri)) start();
}
