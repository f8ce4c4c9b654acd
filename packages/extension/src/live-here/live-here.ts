import { type Disposable, l10n } from "vscode";
import { WebSocket } from "ws";
import type { LiveSocket } from "../browser/live/connection.ts";
import { LiveWindow } from "../browser/live/live-window.ts";
import { translateWith } from "../text/translation.ts";

/**
 * Live editing from the extension's host on the server, for IDEs that run no extensions in their page: over the control socket, and
 * slower, as each edit waits for the network and loses against a key that comes first.
 */
export function liveHere(controlSocket: string): Disposable {
  translateWith((message, ...values) => l10n.t(message, ...values));
  const live = new LiveWindow(() => new WebSocket(`ws+unix:${controlSocket}:/api/live`) as LiveSocket);
  live.start();
  return live;
}
