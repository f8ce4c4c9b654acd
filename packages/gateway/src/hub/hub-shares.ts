import { EventEmitter } from "node:events";
import type { Recipient } from "@waiide/protocol";
import { Type } from "typebox";
import Value from "typebox/value";
import { GatewayError } from "../base/errors.ts";
import type { HubSettings } from "../config/hub-settings.ts";
import type { HubAnswer, HubClient } from "./client.ts";

/**
 * The result of letting a user or group log in here. `granted`: they now can; `had`: they could before; `unknown`: the hub knows
 * no such user or group; `refused`: they cannot, and why.
 */
export type Grant =
  | { readonly kind: "granted" | "had" | "unknown" }
  | { readonly kind: "refused"; readonly reason: string };

export interface HubSharesOptions {
  readonly client: Pick<HubClient, "request" | "version">;
  readonly hub: Pick<HubSettings, "user" | "serverName">;
  /** A login token of the owner; undefined while they are not logged in. */
  readonly ownerToken: () => string | undefined;
}

interface Events {
  /** The owner has logged in: pending changes can be made in their name now. */
  login: [];
}

/** Hubs before 5 have no shares. */
const oldestVersion = 5;

const SharesSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      user: Type.Optional(Type.Union([Type.Object({ name: Type.String() }), Type.Null()])),
      group: Type.Optional(Type.Union([Type.Object({ name: Type.String() }), Type.Null()])),
      scopes: Type.Array(Type.String()),
    }),
  ),
});

/**
 * The hub's own shares of this server. They only let others log in here; our record of the share says what they may do
 * (DESIGN §3.3). Changes are made in the owner's name, with a token of their login.
 */
export class HubShares extends EventEmitter<Events> {
  readonly #options: HubSharesOptions;

  constructor(options: HubSharesOptions) {
    super();
    this.#options = options;
  }

  /** @throws GatewayError HUB_LISTING if the hub does not answer */
  async grant(recipient: Recipient): Promise<Grant> {
    const { client, ownerToken } = this.#options;
    if (client.version === undefined) await client.request("GET", "");
    if (client.version === undefined) throw new GatewayError("HUB_LISTING", { reason: "it does not answer" });
    const major = Number.parseInt(client.version, 10);
    if (major < oldestVersion) {
      return refused(`JupyterHub ${client.version} has no shares of servers; they came with JupyterHub 5`);
    }
    const token = ownerToken();
    if (token === undefined) return refused("you are not logged in at this server; open it in a browser first");
    const known = await client.request("GET", this.#path, { token });
    if (known.kind === "ok" && this.#isIn(known, recipient)) return { kind: "had" };
    const answer = await client.request("POST", this.#path, { token, body: { ...recipient, scopes: [this.#scope] } });
    if (answer.kind === "ok") return { kind: "granted" };
    if (answer.kind !== "refused") throw new GatewayError("HUB_LISTING", { reason: answer.reason });
    // Of several reasons for 400 this is the one that its caller can fix (apihandlers/shares.py).
    if (answer.status === 400 && /no such (user|group)/i.test(answer.reason)) return { kind: "unknown" };
    return refused(answer.reason);
  }

  /** @returns whether it is gone; false if it must be tried again */
  async end(recipient: Recipient): Promise<boolean> {
    const { client, ownerToken } = this.#options;
    const token = ownerToken();
    if (token === undefined) return false;
    const answer = await client.request("PATCH", this.#path, { token, body: { ...recipient, scopes: [this.#scope] } });
    return answer.kind === "ok" || (answer.kind === "refused" && answer.status === 404);
  }

  get #path(): string {
    const { user, serverName } = this.#options.hub;
    return `/shares/${encodeURIComponent(user)}/${encodeURIComponent(serverName)}`;
  }

  get #scope(): string {
    const { user, serverName } = this.#options.hub;
    return `access:servers!server=${user}/${serverName}`;
  }

  #isIn(answer: Extract<HubAnswer, { kind: "ok" }>, recipient: Recipient): boolean {
    if (!Value.Check(SharesSchema, answer.body)) return false;
    // A share of another scope, such as the right to start this server, permits no login.
    const items = answer.body.items.filter(({ scopes }) => scopes.includes(this.#scope));
    if ("user" in recipient) return items.some(({ user }) => user?.name === recipient.user);
    return items.some(({ group }) => group?.name === recipient.group);
  }
}

function refused(reason: string): Grant {
  return { kind: "refused", reason };
}
