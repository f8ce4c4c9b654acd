import { type SessionCloseReason, sessionClose } from "@waiide/protocol";

/** How a session ended for good; `version`: page and gateway speak different versions of the protocol. */
/** `over`: nobody knows who ended it. */
export type Ending = "login" | "expired" | "revoked" | "removed" | "administrator" | "hub" | "over" | "version";

/**
 * What the page does when its socket has closed. `retry`: reconnects with growing delays; `return`: reconnects at once, for
 * the share's new state; `pause`: waits for a person.
 */
export type Reaction = { readonly kind: "retry" | "return" | "pause" } | { readonly kind: "end"; readonly why: Ending };

const reactions: Readonly<Record<SessionCloseReason, Reaction>> = {
  stopped: { kind: "retry" },
  protocol: { kind: "end", why: "version" },
  login: { kind: "end", why: "login" },
  expired: { kind: "end", why: "expired" },
  revoked: { kind: "end", why: "revoked" },
  removed: { kind: "end", why: "removed" },
  administrator: { kind: "end", why: "administrator" },
  hub: { kind: "end", why: "hub" },
  changed: { kind: "return" },
  idle: { kind: "pause" },
  busy: { kind: "retry" },
};

/** Other codes come from the network: reconnecting may help. */
export function reactionTo(code: number): Reaction {
  const reasons = Object.keys(sessionClose) as SessionCloseReason[];
  const reason = reasons.find((name) => sessionClose[name] === code);
  return reason === undefined ? { kind: "retry" } : reactions[reason];
}

/** What a refused upgrade meant, by the status of a plain request to the same address: browsers do not say. */
export function endingOf(status: number): Ending | undefined {
  if (status === 401) return "login";
  if (status === 404 || status === 410) return "over";
  return undefined;
}
