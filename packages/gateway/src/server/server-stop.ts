import type { Hub } from "../hub/hub.ts";
import type { Logger } from "./log.ts";

export interface StopOptions {
  readonly hub: Pick<Hub, "settings" | "client" | "authentication"> | undefined;
  readonly logger: Logger;
  /** Ends the gateway in order. */
  readonly end: () => void;
}

/**
 * Stops the server as its owner wants: by the hub, where a token of his login or ours may ask for that, as the hub then
 * knows at once; else it ends itself, which the hub sees when it next looks.
 */
export async function stopServer({ hub, logger, end }: StopOptions): Promise<void> {
  if (hub === undefined) return end();
  const { user, serverName, apiToken } = hub.settings;
  const owner = `/users/${encodeURIComponent(user)}`;
  const path = serverName === "" ? `${owner}/server` : `${owner}/servers/${encodeURIComponent(serverName)}`;
  for (const token of new Set([hub.authentication.ownerToken(), apiToken])) {
    if (token === undefined) continue;
    const answer = await hub.client.request("DELETE", path, { token });
    if (answer.kind === "ok") {
      logger.info("the owner asked to stop: the hub stops this server");
      return;
    }
  }
  logger.info("the owner asked to stop: the hub lets nobody here stop the server, so it ends itself");
  end();
}
