import type { IncomingMessage } from "node:http";
import type { CopyTicket } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { Origination } from "../../http/forwarded.ts";
import type { PageProofs } from "../../http/page-proof.ts";
import type { Page } from "../../http/pages/page.ts";
import { copyPage, sendCopyPage } from "../../pages/copy.ts";
import { type AuditLog, whoIs } from "../audit/audit-log.ts";
import type { GuestSessions } from "../guests/guest-sessions.ts";
import type { PublicOrigin } from "../records/public-origin.ts";
import type { ShareTable } from "../records/table.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import { copyOf } from "./copy-choice.ts";
import { copyName } from "./copy-content.ts";
import { type CopyHub, copyTarget } from "./copy-target.ts";
import type { CopyTickets } from "./copy-tickets.ts";

/** Of the hub that this server belongs to. */
export interface CopyHubSettings {
  /** Path of the hub, begins and ends with `/`. */
  readonly baseUrl: string;
  /** The hub's origin where each user has a subdomain of it; empty: all are on one. */
  readonly host: string;
  /** Of this server, as the hub says it. */
  readonly publicUrl: string | undefined;
}

export interface CopyEntryOptions {
  readonly table: Pick<ShareTable, "shareFor" | "policy">;
  readonly guestSessions: Pick<GuestSessions, "identify">;
  readonly tickets: CopyTickets;
  readonly pages: PageProofs;
  readonly audit: Pick<AuditLog, "note">;
  readonly origin: PublicOrigin;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Name of the owner. */
  readonly owner: string;
  /** Undefined without a hub. */
  readonly hub: CopyHubSettings | undefined;
  /** Of the hub's spawn page, that others may take over; undefined: none. */
  readonly profile: string | undefined;
}

type Scheme = Pick<Origination, "scheme">;

/** The pages on which a guest says where a copy goes, and the ticket that takes it there. */
export class CopyEntry {
  readonly #options: CopyEntryOptions;

  constructor(options: CopyEntryOptions) {
    this.#options = options;
  }

  /**
   * @param to the page of another server that takes the copy; undefined: the guest has yet to choose
   * @throws GatewayError SHARE_LOGIN, SHARE_NO_COPY, SHARE_INVALID
   */
  page(request: IncomingMessage, scheme: Scheme, id: string, to: string | undefined): Page {
    const { pages, owner } = this.#options;
    const { share, session } = this.#enter(request, scheme, id);
    const proof = pages.of(`guest:${session.id}`);
    const path = this.#pathOf(id);
    const common = { name: copyName(share), owner, sharePath: path, proof };
    if (to === undefined) {
      const withProfile = this.#withProfile(path, session.hubUser);
      return copyPage({ ...common, hubAddress: this.#hubAddress(path), withProfile });
    }
    return sendCopyPage({ ...common, target: copyTarget(to, this.#hub, session.hubUser) });
  }

  /** @throws GatewayError SHARE_LOGIN, SHARE_NO_COPY, SHARE_INVALID */
  ticket(request: IncomingMessage, scheme: Scheme, id: string, to: string): CopyTicket {
    const { tickets, audit } = this.#options;
    const { session } = this.#enter(request, scheme, id);
    const target = copyTarget(to, this.#hub, session.hubUser);
    audit.note("send-copy", id, whoIs(session), { to: target.user });
    return tickets.make(session, target.to);
  }

  #enter(
    request: IncomingMessage,
    scheme: Scheme,
    id: string,
  ): { readonly share: StoredShare; readonly session: StoredSession } {
    const { table, guestSessions } = this.#options;
    const verdict = guestSessions.identify(request, scheme, id);
    const share = verdict.kind === "session" ? table.shareFor(verdict.session) : undefined;
    if (verdict.kind !== "session" || share === undefined) throw new GatewayError("SHARE_LOGIN");
    if (copyOf(share, table.policy) === null) throw new GatewayError("SHARE_NO_COPY");
    return { share, session: verdict.session };
  }

  /** Where the hub sends people to their own server; undefined without a hub. */
  #hubAddress(path: string): string | undefined {
    const { hub } = this.#options;
    return hub && `${hub.host}${hub.baseUrl}hub/user-redirect/${this.#question(path)}`;
  }

  /**
   * Starts a named server of the guest's with the owner's profile, at this address of the hub. Only the hub's administrator says which
   * profiles may be taken over, and the hub judges whether this user may have it.
   */
  #withProfile(path: string, user: string | null): { readonly profile: string; readonly address: string } | undefined {
    const { hub, profile } = this.#options;
    if (hub === undefined || profile === undefined || user === null) return undefined;
    const server = `${encodeURIComponent(user)}/${serverFor(profile)}`;
    const next = `${hub.baseUrl}user/${server}/${this.#question(path)}`;
    // JupyterHub before 6.1 knows the option without its prefix.
    const query = new URLSearchParams({ "opt-profile": profile, profile, next });
    return { profile, address: `${hub.host}${hub.baseUrl}hub/spawn/${server}?${query}` };
  }

  /** What a server is asked for that is to get a copy. */
  #question(path: string): string {
    const { hub, origin } = this.#options;
    // Where each user has a host of their own, the path alone does not say where the share is.
    const from = hub?.host === "" ? path : `${origin.value ?? ""}${path}`;
    return `copy?from=${encodeURIComponent(from)}`;
  }

  get #hub(): CopyHub | undefined {
    const { hub, origin } = this.#options;
    if (hub === undefined) return undefined;
    const { baseUrl, host, publicUrl } = hub;
    const addresses = [origin.value, publicUrl, host].filter((one) => one !== undefined && URL.canParse(one));
    const origins = addresses.map((one) => new URL(one ?? "").origin);
    return { baseUrl, origins, parent: host === "" ? undefined : host };
  }

  #pathOf(id: string): string {
    return `${this.#options.baseUrl}share/${encodeURIComponent(id)}/`;
  }
}

/** JupyterHub takes names of servers that begin with a letter and have at most 30 characters. */
const maxServerName = 30;

/** The guest's server for a profile, which they can come back to: `copy-large`. */
function serverFor(profile: string): string {
  const plain = profile.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `copy-${plain}`.slice(0, maxServerName).replace(/-$/, "");
}
