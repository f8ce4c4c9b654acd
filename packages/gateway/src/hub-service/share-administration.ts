import { counted } from "@waiide/protocol";
import type { Logger } from "../base/log.ts";
import type { HubClient } from "../hub/client.ts";
import { mayManage } from "./access.ts";
import type { Notice } from "./notices.ts";
import type { ServerClient } from "./server-client.ts";
import { listServers, type RunningServer } from "./servers.ts";
import { type Surveyed, survey } from "./survey.ts";

/** Somebody who may use the page. */
export interface Administrator {
  readonly name: string;
  readonly scopes: readonly string[];
}

/** Which shares are to end. */
export type Ending =
  | { readonly kind: "share"; readonly user: string; readonly name: string; readonly share: string }
  | { readonly kind: "user"; readonly user: string };

export interface ShareAdministrationOptions {
  readonly hub: Pick<HubClient, "request">;
  /** The service's own. */
  readonly token: string;
  readonly client: Pick<ServerClient, "overview" | "revoke">;
  readonly logger: Logger;
  readonly atOnce: number;
  /** Milliseconds. */
  readonly maxSurveyTime: number;
}

/** Does what administrators ask for, at the servers that each of them may manage and at no other. */
export class ShareAdministration {
  readonly #options: ShareAdministrationOptions;

  constructor(options: ShareAdministrationOptions) {
    this.#options = options;
  }

  /** @param user of one user's servers only. @throws GatewayError HUB_LIST_FAILED */
  async look(administrator: Administrator, user?: string): Promise<Surveyed[]> {
    const { client, atOnce, maxSurveyTime: longest } = this.#options;
    return survey(await this.#servers(administrator, user), administrator.name, { client, atOnce, longest });
  }

  /** @returns what to tell the administrator. @throws GatewayError HUB_LIST_FAILED */
  async end(administrator: Administrator, ending: Ending): Promise<Notice> {
    const servers = (await this.#servers(administrator, ending.user)).filter(
      ({ name }) => ending.kind === "user" || name === ending.name,
    );
    const share = ending.kind === "share" ? ending.share : undefined;
    const outcomes = await Promise.all(servers.map((server) => this.#endAt(server, administrator, share)));
    const revoked = sum(outcomes.map((outcome) => outcome.revoked));
    const guests = sum(outcomes.map((outcome) => outcome.guests));
    const troubles = outcomes.flatMap(({ trouble }) => trouble ?? []);
    if (servers.length === 0) troubles.push(`${ending.user} has no such server now, or you may not manage it.`);
    const ended = `${counted(revoked, "share")} of ${ending.user} revoked, ${counted(guests, "guest")} disconnected.`;
    return {
      isGood: troubles.length === 0,
      lines: [...(revoked > 0 || troubles.length === 0 ? [ended] : []), ...troubles],
    };
  }

  async #servers({ scopes }: Administrator, user: string | undefined): Promise<RunningServer[]> {
    const { hub, token } = this.#options;
    const all = await listServers(hub, token);
    return all.filter((server) => (user === undefined || server.user === user) && mayManage(scopes, server));
  }

  async #endAt(server: RunningServer, { name: administrator }: Administrator, share: string | undefined) {
    const { client, logger } = this.#options;
    const answer = await client.revoke(server, administrator, share);
    const about = { administrator, user: server.user, server: server.name, share };
    if (answer.kind === "ok") {
      logger.info({ ...about, ...answer.body }, "an administrator ended shares");
      return { ...answer.body, trouble: undefined };
    }
    // A user can have servers that never had shares: they say nothing of interest when all of his are ended.
    const isNone = share === undefined && answer.kind === "foreign";
    if (!isNone) logger.warn({ ...about, reason: answer.reason }, "a server did not end shares");
    const trouble = isNone ? undefined : `${serverWords(server)} of ${server.user}: ${answer.reason}`;
    return { revoked: 0, guests: 0, trouble };
  }
}

/** `The server “lab”`, or the default one. */
export function serverWords({ name }: Pick<RunningServer, "name">): string {
  return name === "" ? "The default server" : `The server “${name}”`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
