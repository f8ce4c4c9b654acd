import type { IncomingMessage } from "node:http";
import { type CloneToken, type Enter, type Landing, type Look, proposalBranch, type Shared } from "@waiide/protocol";
import type { LoginStart } from "../../access/authentication.ts";
import { GatewayError } from "../../base/errors.ts";
import type { Origination } from "../../http/forwarded.ts";
import type { HubAuthentication, HubPerson } from "../../hub/hub-authentication.ts";
import type { CloneTokens } from "../commits/clone-tokens.ts";
import type { SessionRecords } from "../records/sessions.ts";
import type { ShareTable } from "../records/table.ts";
import { landingView, sharedView } from "../records/view.ts";
import type { Entered, GuestSessions } from "./guest-sessions.ts";

export interface GuestEntryOptions {
  readonly table: ShareTable;
  readonly records: Pick<SessionRecords, "leave">;
  readonly guestSessions: GuestSessions;
  readonly tokens: CloneTokens;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Name of the owner, for guests. */
  readonly owner: string;
  /** Undefined without a hub. */
  readonly authentication: Pick<HubAuthentication, "personOf" | "beginLogin"> | undefined;
}

type Scheme = Pick<Origination, "scheme">;

/** What the routes of a share's page do: look at a link, enter, log in at the hub, leave. */
export class GuestEntry {
  readonly #options: GuestEntryOptions;

  constructor(options: GuestEntryOptions) {
    this.#options = options;
  }

  async look(request: IncomingMessage, origination: Origination, id: string, { secret }: Look): Promise<Landing> {
    const { table, guestSessions, owner } = this.#options;
    const person = await this.#person(request, secret);
    const share = await guestSessions.look(id, secret, { ...origination, person });
    const hubUser = guestSessions.namesGuests(share) ? (person?.name ?? null) : null;
    return landingView(share, table, owner, hubUser);
  }

  /** @param gone the guest's page has closed */
  async enter(
    request: IncomingMessage,
    origination: Origination,
    id: string,
    entry: Enter,
    gone: AbortSignal,
  ): Promise<Entered> {
    const person = await this.#person(request, entry.secret);
    return this.#options.guestSessions.enter(request, { ...origination, person }, id, entry, gone);
  }

  /** To the hub's login and back to the share's page; without a hub, only back. */
  beginLogin(request: IncomingMessage, origination: Origination, id: string): LoginStart {
    const { baseUrl, authentication } = this.#options;
    const next = `${baseUrl}share/${encodeURIComponent(id)}/`;
    return authentication?.beginLogin(request, origination, next) ?? { location: next, cookies: [] };
  }

  /** @throws GatewayError SHARE_LOGIN without a session */
  about(request: IncomingMessage, scheme: Scheme, id: string): Shared {
    const { table, guestSessions, owner } = this.#options;
    const verdict = guestSessions.identify(request, scheme, id);
    const share = verdict.kind === "session" ? table.shareFor(verdict.session) : undefined;
    if (share === undefined) throw new GatewayError("SHARE_LOGIN");
    return sharedView(share, table, owner);
  }

  /**
   * A password for git, in the name of this guest.
   * @throws GatewayError SHARE_LOGIN without a session; SHARE_FILE_REFUSED where there is nothing to fetch
   */
  cloneToken(request: IncomingMessage, scheme: Scheme, id: string): CloneToken {
    const { table, guestSessions, tokens, baseUrl } = this.#options;
    const verdict = guestSessions.identify(request, scheme, id);
    const share = verdict.kind === "session" ? table.shareFor(verdict.session) : undefined;
    if (verdict.kind !== "session" || share === undefined) throw new GatewayError("SHARE_LOGIN");
    const { shownCommit } = share;
    if (shownCommit === null || shownCommit.get === "none") {
      throw new GatewayError("SHARE_FILE_REFUSED", { reason: "the owner offers no copy of it" });
    }
    const { hubUser } = verdict.session;
    const propose = shownCommit.propose === true && hubUser !== null ? proposalBranch(hubUser) : null;
    return { ...tokens.make(verdict.session, `${baseUrl}share/${id}/repo.git`), propose };
  }

  /** @returns the `Set-Cookie` value that makes the browser forget its session */
  leave(request: IncomingMessage, scheme: Scheme, id: string): string {
    const { records, guestSessions } = this.#options;
    const verdict = guestSessions.identify(request, scheme, id);
    if (verdict.kind === "session") records.leave(verdict.session);
    return guestSessions.dropCookie(scheme, id);
  }

  /** Asks the hub who a guest is, but only where that matters: links keep working while the hub is down. */
  async #person(request: IncomingMessage, secret: string | undefined): Promise<HubPerson | undefined> {
    const { guestSessions, authentication } = this.#options;
    const matters = guestSessions.needsHubUser || secret === undefined;
    return matters ? authentication?.personOf(request) : undefined;
  }
}
