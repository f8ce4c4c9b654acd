import type { IncomingMessage } from "node:http";
import type { GatewayError } from "../base/errors.ts";
import type { RequestContext } from "../http/request-context.ts";

/** A guest who has joined a share: the gate admits them by their cookie. Times in milliseconds since 1970. */
export interface GuestSession {
  readonly id: string;
  readonly share: string;
  readonly link: string;
  readonly cookieHash: string;
  readonly name: string;
  readonly color: string;
  /** Who logged in at the hub, in its own spelling; null: nobody knows. */
  readonly hubUser: string | null;
  readonly enteredAt: number;
  readonly endedAt: number | null;
  readonly endReason: "left" | "removed" | "share" | null;
}

/** What the gate asks about requests below `share/<id>/`. */
export type GuestVerdict =
  | { readonly kind: "guest"; readonly session: GuestSession }
  /** `cookies` are `Set-Cookie` values. */
  | { readonly kind: "refused"; readonly error: GatewayError; readonly cookies: readonly string[] };

/** Who is a guest of which share, as the part of sharing knows it. */
export interface GuestGate {
  /** Set while earlier shares are still read: requests wait until then. */
  readonly reading: Promise<void> | undefined;
  /** Whether it is a link's secret of that share (RULES R4). */
  owns(share: string, secret: string): boolean;
  /** By that share's cookie alone (RULES R15). */
  identify(request: IncomingMessage, context: RequestContext, share: string): GuestVerdict;
}
