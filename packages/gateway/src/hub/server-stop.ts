import type { Logger } from "../base/log.ts";
import type { HubSettings } from "../config/hub-settings.ts";
import type { HubClient } from "./client.ts";

export interface ServerStopOptions {
  /** Undefined without a hub. */
  readonly hub: StoppingHub | undefined;
  readonly logger: Logger;
  /** Ends the gateway in order. */
  readonly end: () => void;
}

/** What a stop needs of the hub. */
export interface StoppingHub {
  readonly settings: Pick<HubSettings, "user" | "serverName" | "apiToken">;
  readonly client: Pick<HubClient, "request">;
  /** The token of the owner's login; undefined while they are not logged in. */
  readonly ownerToken: () => string | undefined;
}

/**
 * Stops the server for its owner. The hub does it where the owner's token or ours permits that, since the hub then knows
 * at once. Otherwise the server ends itself, which the hub notices at its next poll.
 */
export class ServerStop {
  readonly #options: ServerStopOptions;
  #stopping: Promise<void> | undefined;

  constructor(options: ServerStopOptions) {
    this.#options = options;
  }

  /** A second call meanwhile does nothing: a second signal would kill what is about to end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { hub, logger, end } = this.#options;
    const refusal = hub === undefined ? "there is no hub" : await askHub(hub);
    if (refusal === undefined) {
      logger.info("the owner asked to stop: the hub stops this server");
      // The hub may not do it after all, so the owner may ask again.
      this.#stopping = undefined;
      return;
    }
    logger.info({ reason: refusal }, "the owner asked to stop: the server ends itself");
    end();
  }
}

/** @returns why the hub does not stop the server; undefined if it does */
async function askHub({ settings, client, ownerToken }: StoppingHub): Promise<string | undefined> {
  const { user, serverName, apiToken } = settings;
  const owner = `/users/${encodeURIComponent(user)}`;
  const path = serverName === "" ? `${owner}/server` : `${owner}/servers/${encodeURIComponent(serverName)}`;
  let refusal = "";
  for (const token of new Set([ownerToken() ?? apiToken, apiToken])) {
    const answer = await client.request("DELETE", path, { token });
    if (answer.kind === "ok") return undefined;
    refusal = answer.reason;
    if (answer.kind === "unreachable") break;
  }
  return refusal;
}
