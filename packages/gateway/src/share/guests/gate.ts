import type { IncomingMessage } from "node:http";
import type { GuestGate, GuestVerdict } from "../../access/guests.ts";
import { GatewayError } from "../../base/errors.ts";
import type { RequestContext } from "../../http/request-context.ts";
import type { GuestSessions } from "./guest-sessions.ts";

/** RULES R15: below a share nothing but that share's cookie says who somebody is, the owner's login included. */
export class ShareGate implements GuestGate {
  readonly #guestSessions: GuestSessions;
  readonly #reading: () => Promise<void> | undefined;

  /** @param reading see `reading` */
  constructor(guestSessions: GuestSessions, reading: () => Promise<void> | undefined) {
    this.#guestSessions = guestSessions;
    this.#reading = reading;
  }

  /** Set while nothing is known yet of earlier shares: whoever comes as the server starts waits, and is not called wrong. */
  get reading(): Promise<void> | undefined {
    return this.#reading();
  }

  /** Whether it is a link's secret, which programs behind a share never see (RULES R4). */
  owns(share: string, secret: string): boolean {
    return this.#guestSessions.isSecretOf(share, secret);
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
