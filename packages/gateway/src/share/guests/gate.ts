import type { IncomingMessage } from "node:http";
import type { GuestGate, GuestVerdict } from "../../access/guests.ts";
import { GatewayError } from "../../base/errors.ts";
import type { RequestContext } from "../../http/request-context.ts";
import type { CloneTokens } from "../commits/clone-tokens.ts";
import type { CopyTickets } from "../copies/copy-tickets.ts";
import type { GuestSessions } from "./guest-sessions.ts";

/** RULES R15: below a share only that share's cookie identifies a person; the owner's login does not. */
export class ShareGate implements GuestGate {
  readonly #guestSessions: GuestSessions;
  readonly #passwords: Pick<CloneTokens, "sessionOf">;
  readonly #tickets: Pick<CopyTickets, "isIn" | "sessionOf">;
  readonly #reading: () => Promise<void> | undefined;

  constructor(
    guestSessions: GuestSessions,
    passwords: Pick<CloneTokens, "sessionOf">,
    tickets: Pick<CopyTickets, "isIn" | "sessionOf">,
    reading: () => Promise<void> | undefined,
  ) {
    this.#guestSessions = guestSessions;
    this.#passwords = passwords;
    this.#tickets = tickets;
    this.#reading = reading;
  }

  /** Set while earlier shares are not read yet: a guest who arrives as the server starts waits, and is not refused. */
  get reading(): Promise<void> | undefined {
    return this.#reading();
  }

  /** Whether this is a link's secret, which programs behind a share never see (RULES R4). */
  owns(share: string, secret: string): boolean {
    return this.#guestSessions.isSecretOf(share, secret);
  }

  identifyGit(request: IncomingMessage, share: string): GuestVerdict {
    const session = this.#passwords.sessionOf(request, share);
    if (session !== undefined && this.#guestSessions.isLive(session)) return { kind: "guest", session };
    return { kind: "refused", error: new GatewayError("SHARE_GIT_PASSWORD"), cookies: [] };
  }

  identifyCopy(request: IncomingMessage, context: RequestContext, share: string): GuestVerdict {
    if (!this.#tickets.isIn(request)) return this.identify(request, context, share);
    const session = this.#tickets.sessionOf(request, share);
    if (session !== undefined && this.#guestSessions.isLive(session)) return { kind: "guest", session };
    return { kind: "refused", error: new GatewayError("SHARE_COPY_TICKET"), cookies: [] };
  }

  identify(request: IncomingMessage, context: RequestContext, share: string): GuestVerdict {
    const verdict = this.#guestSessions.identify(request, context, share);
    if (verdict.kind === "session") return { kind: "guest", session: verdict.session };
    if (verdict.kind === "unread") return { kind: "refused", error: this.#guestSessions.unavailable, cookies: [] };
    const cookies = verdict.kind === "none" ? [] : [this.#guestSessions.dropCookie(context, share)];
    const error = new GatewayError(verdict.kind === "double" ? "SHARE_COOKIE_DOUBLE" : "SHARE_LOGIN");
    return { kind: "refused", error, cookies };
  }
}
