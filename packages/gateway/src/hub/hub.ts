import type { Logger } from "../base/log.ts";
import type { HubSettings } from "../config/hub-settings.ts";
import { type AccessPolicy, decideAccess } from "./access.ts";
import { HubClient } from "./client.ts";
import { CompanionTokens } from "./companion-tokens.ts";
import { exposureOf, exposureSigns } from "./exposure.ts";
import { HubAuthentication } from "./hub-authentication.ts";
import { HubShares } from "./hub-shares.ts";
import { Identities } from "./identities.ts";
import { Logins } from "./oauth.ts";
import { Sessions } from "./sessions.ts";

/** What an administrator decides about the hub. */
export interface HubPolicy extends AccessPolicy {
  readonly passHubToken: boolean;
  readonly allowExposedHubToken: boolean;
}

/** Everything of hub mode except the handling of requests. */
export class Hub {
  readonly settings: HubSettings;
  readonly client: HubClient;
  readonly identities: Identities;
  readonly logins: Logins;
  readonly authentication: HubAuthentication;
  readonly companionTokens: CompanionTokens;
  readonly shares: HubShares;
  #closed = false;

  /** @throws GatewayError TLS_UNREADABLE */
  constructor(settings: HubSettings, policy: HubPolicy, logger: Logger) {
    const { hubShareLevel, allowAnyHubUser, passHubToken, allowExposedHubToken: allowExposed } = policy;
    this.settings = settings;
    this.client = new HubClient(settings);
    this.identities = new Identities({
      client: this.client,
      decide: (user) => decideAccess(user, { hub: settings, hubShareLevel, allowAnyHubUser }),
      onArrival: ({ kind, name }) => logger.info({ user: name, as: kind }, "a user logged in"),
    });
    this.logins = new Logins(settings);
    const exposed = exposureOf(exposureSigns(passHubToken));
    this.companionTokens = new CompanionTokens({ client: this.client, hub: settings, exposed, allowExposed });
    const { identities, logins } = this;
    const onOwnerLogin = () => this.shares.emit("login");
    const sessions = new Sessions();
    this.authentication = new HubAuthentication({ hub: settings, identities, sessions, logins, onOwnerLogin });
    const ownerToken = () => this.authentication.ownerToken();
    this.shares = new HubShares({ client: this.client, hub: settings, ownerToken });
  }

  /** Fetches the hub's version in the background: the hub's first request to us already needs it. */
  start(logger: Logger): void {
    void this.client.getVersion().then((answer) => {
      if (answer.kind !== "ok" && !this.#closed) logger.warn({ reason: answer.reason }, "the hub does not answer yet");
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.client.close();
  }
}

/** Where browsers find the hub's own pages. */
export function hubAddress({ host, baseUrl }: Pick<HubSettings, "host" | "baseUrl">): string {
  return `${host}${baseUrl}hub/`;
}

/** RULES R5: where the hub says that browsers see us. */
export function hubOrigins({ publicUrl, host }: Pick<HubSettings, "publicUrl" | "host">): string[] {
  return [publicUrl ?? "", host].filter((address) => URL.canParse(address)).map((address) => new URL(address).origin);
}
