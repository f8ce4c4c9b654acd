import type { IncomingMessage } from "node:http";
import type { Level } from "@waiide/protocol";
import type { GatewayError } from "../base/errors.ts";
import type { RequestContext } from "../http/request-context.ts";

/** A guest who has joined a share. The gate admits them by their cookie. Times in milliseconds since 1970. */
export interface GuestSession {
  readonly id: string;
  readonly share: string;
  readonly link: string;
  readonly cookieHash: string;
  readonly name: string;
  readonly color: string;
  /** The hub user, as the hub spells the name; null if unknown. */
  readonly hubUser: string | null;
  /** What the owner lowered this guest to, for the rest of their visit; null: the share's level. */
  readonly level: Level | null;
  readonly enteredAt: number;
  readonly endedAt: number | null;
  readonly endReason: "left" | "removed" | "share" | null;
}

/** The answer to a request below `share/<id>/`. */
export type GuestVerdict =
  | { readonly kind: "guest"; readonly session: GuestSession }
  /** `cookies` are `Set-Cookie` values. */
  | { readonly kind: "refused"; readonly error: GatewayError; readonly cookies: readonly string[] };

/** What the gate needs to know about the guests of shares. */
export interface GuestGate {
  /** Set while shares are being read from the store: requests wait for it. */
  readonly reading: Promise<void> | undefined;
  /** Whether the secret belongs to a link of that share (RULES R4). */
  owns(share: string, secret: string): boolean;
  /** Only that share's cookie counts (RULES R15). */
  identify(request: IncomingMessage, context: RequestContext, share: string): GuestVerdict;
  /** Of what guests take along: their cookie, or a ticket that one of them got for another server (RULES R28). */
  identifyCopy(request: IncomingMessage, context: RequestContext, share: string): GuestVerdict;
  /** Of a share's repository: only a password that one of its guests got for git counts (RULES R28). */
  identifyGit(request: IncomingMessage, share: string): GuestVerdict;
}
