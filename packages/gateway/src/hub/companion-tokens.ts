import { type Level, levelWords } from "@waiide/protocol";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { GatewayError } from "../base/errors.ts";
import type { HubSettings } from "../config/hub-settings.ts";
import { asHubUser } from "./access.ts";
import type { HubAnswer, HubClient } from "./client.ts";
import { holdsOne } from "./scopes.ts";

/** A hub token that stands for a link. The hub shows `token` itself only when it creates it. */
export interface CompanionToken {
  readonly id: string;
  readonly note: string;
  /** As the hub writes it. With note and id it tells a token from a later one of the same id. */
  readonly created: string;
  /** Milliseconds since 1970; null if it never expires. */
  readonly expiresAt: number | null;
  readonly token: string;
}

/** A token as the hub lists it. */
export type ListedToken = Pick<CompanionToken, "id" | "note" | "created">;

export interface TokenList {
  readonly tokens: readonly ListedToken[];
  /** By the hub's clock. Milliseconds since 1970. */
  readonly at: number;
}

export interface CompanionTokensOptions {
  readonly client: Pick<HubClient, "request" | "getUser" | "getVersion" | "version">;
  readonly hub: Pick<HubSettings, "user" | "serverName" | "apiToken">;
  /** Why programs of the IDE can read the hub's token (RULES R4); undefined if they cannot. */
  readonly exposed: string | undefined;
  /** `--allow-exposed-hub-token` */
  readonly allowExposed: boolean;
  readonly clock?: () => number;
}

/** Why there are no companion tokens. `exposed`: the hub permits them, but its token is not safe here. */
export interface NoCompanions {
  readonly kind: "not granted" | "exposed";
  /** In words. */
  readonly reason: string;
}

/** Hubs before 3 ignore a token's scopes and create one that may do everything. */
const oldestVersion = 3;
/** How long the permissions of our own token are cached. Milliseconds. */
const knownLife = 60_000;
/** Characters; the limit of the hub's database is 1,023. */
const maxNoteLength = 1_000;

const TokenSchema = Type.Object({
  id: Type.String({ minLength: 1 }),
  note: Type.Union([Type.String(), Type.Null()]),
  created: Type.String(),
  expires_at: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
const MintedSchema = Type.Object({ ...TokenSchema.properties, token: Type.String({ minLength: 1 }) });
const ListSchema = Type.Object({ api_tokens: Type.Array(TokenSchema) });

/**
 * Hub tokens that stand for share links (DESIGN §3.3): the hub lists and logs them, and revoking one there ends the link.
 * No guest ever gets one: its bearer acts under the owner's name.
 */
export class CompanionTokens {
  readonly #options: CompanionTokensOptions;
  readonly #clock: () => number;
  #known: { readonly why: NoCompanions | undefined; readonly until: number } | undefined;

  constructor(options: CompanionTokensOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /** Why there are no tokens; undefined if there are. @throws GatewayError HUB_LISTING if the hub does not answer */
  async unavailable(): Promise<NoCompanions | undefined> {
    const known = this.#known;
    if (known !== undefined && this.#clock() < known.until) return known.why;
    const why = await this.#look();
    this.#known = { why, until: this.#clock() + knownLife };
    return why;
  }

  /**
   * @param life seconds; null if it never expires
   * @param note written by the owner
   * @throws GatewayError HUB_LISTING; then there is no token
   */
  async mint(level: Level, life: number | null, note: string): Promise<CompanionToken> {
    const { client, hub } = this.#options;
    const title = `WAIIDE Share - ${levelWords[level].name}`;
    const scope = this.#scopeOf(level);
    const answer = await client.request("POST", this.#path, {
      token: hub.apiToken,
      body: {
        note: (note === "" ? title : `${title}: ${note}`).slice(0, maxNoteLength),
        scopes: [scope],
        ...(life === null ? {} : { expires_in: Math.max(1, Math.ceil(life)) }),
      },
    });
    if (answer.kind !== "ok") throw failed(answer.reason);
    if (!Value.Check(MintedSchema, answer.body)) throw failed("its answer holds no token");
    const { token, ...listed } = answer.body;
    const minted = { ...known(listed), expiresAt: timeOf(answer.body.expires_at), token };
    const fault = await this.#faultOf(token, scope);
    if (fault === undefined) return minted;
    const rest = (await this.delete(minted))
      ? ""
      : `, and it could not be deleted: delete “${minted.note}” at the hub's page “Token”`;
    throw failed(`${fault}${rest}`);
  }

  /**
   * Uses a token once, so that the hub logs the entry and knows when the token was last used.
   * @returns whether the hub knows it; undefined if the hub does not answer
   */
  async show(token: string): Promise<boolean | undefined> {
    const answer = await this.#options.client.getUser(token);
    if (answer.kind === "ok") return true;
    return isUnknownToken(answer) ? false : undefined;
  }

  /** All of the owner's tokens; undefined if the hub does not answer, which says nothing about any of them. */
  async list(): Promise<TokenList | undefined> {
    const { client, hub } = this.#options;
    const answer = await client.request("GET", this.#path, { token: hub.apiToken });
    if (answer.kind !== "ok" || !Value.Check(ListSchema, answer.body)) return undefined;
    const at = Date.parse(answer.date ?? "");
    return { tokens: answer.body.api_tokens.map(known), at: Number.isNaN(at) ? this.#clock() : at };
  }

  /** Never deletes another token that has its id by now. @returns whether it is gone, also if it was gone before */
  async delete(token: ListedToken): Promise<boolean> {
    const { client, hub } = this.#options;
    const path = `${this.#path}/${encodeURIComponent(token.id)}`;
    const found = await client.request("GET", path, { token: hub.apiToken });
    if (isMissing(found)) return true;
    if (found.kind !== "ok" || !Value.Check(TokenSchema, found.body)) return false;
    if (!isSame(known(found.body), token)) return true;
    const answer = await client.request("DELETE", path, { token: hub.apiToken });
    return answer.kind === "ok" || isMissing(answer);
  }

  get #path(): string {
    return `/users/${encodeURIComponent(this.#options.hub.user)}/tokens`;
  }

  #scopeOf(level: Level): string {
    const { user, serverName } = this.#options.hub;
    // Tokens of apps give no access to files.
    return `custom:waiide:${level === "app" ? "view" : level}!server=${user}/${serverName}`;
  }

  async #look(): Promise<NoCompanions | undefined> {
    const { client, hub, exposed, allowExposed } = this.#options;
    const answer = await client.getUser();
    if (answer.kind !== "ok") throw failed(answer.reason);
    const major = Number.parseInt(client.version ?? "0", 10);
    if (major < oldestVersion) {
      return notGranted(`JupyterHub ${client.version} cannot narrow tokens; that needs JupyterHub 3`);
    }
    const held = asHubUser(answer.body)?.scopes ?? [];
    const needed = [
      `tokens!user=${hub.user}`,
      ...(["view", "edit", "terminal"] as const).map((one) => this.#scopeOf(one)),
    ];
    const missing = needed.filter((scope) => !holdsOne([scope], held));
    if (missing.length > 0) return notGranted(`this server's token at the hub lacks ${missing.join(", ")}`);
    return exposed === undefined || allowExposed ? undefined : { kind: "exposed", reason: exposed };
  }

  /** What is wrong with a new token; undefined if it may do exactly what was requested. */
  async #faultOf(token: string, scope: string): Promise<string | undefined> {
    const { client, hub } = this.#options;
    const answer = await client.getUser(token);
    if (answer.kind !== "ok") return `it cannot say what the new token may do (${answer.reason})`;
    // Hubs add this scope by themselves: each token may read its own user.
    const usual = [`read:users:name!user=${hub.user}`, `read:users:groups!user=${hub.user}`];
    const held = asHubUser(answer.body)?.scopes;
    if (held === undefined || !held.includes(scope)) return "it made a token without the scope that was asked for";
    const wider = held.filter((one) => one !== scope && !usual.includes(one));
    return wider.length === 0 ? undefined : `it made a token that may do more than was asked for (${wider.join(", ")})`;
  }
}

/** Whether a listed token is one that was made here: hubs reuse ids. */
export function isSame(one: ListedToken, other: ListedToken): boolean {
  return one.id === other.id && one.note === other.note && one.created === other.created;
}

function notGranted(reason: string): NoCompanions {
  return { kind: "not granted", reason };
}

function isMissing(answer: HubAnswer): boolean {
  return answer.kind === "refused" && answer.status === 404;
}

function known({ id, note, created }: Static<typeof TokenSchema>): ListedToken {
  return { id, note: note ?? "", created };
}

function timeOf(text: string | null | undefined): number | null {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? null : time;
}

/** Hubs of every version answer 403 to a token that they do not know. */
function isUnknownToken(answer: HubAnswer): boolean {
  return answer.kind === "refused" && (answer.status === 403 || answer.status === 401);
}

function failed(reason: string): GatewayError {
  return new GatewayError("HUB_LISTING", { reason });
}
