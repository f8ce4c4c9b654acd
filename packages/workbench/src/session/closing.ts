import { type SessionCloseReason, sessionClose } from "@waiide/protocol";

/** How a session ended for good; `version`: page and gateway do not speak the same language. */
/** `over`: it is not known by whom. */
export type Ending = "login" | "expired" | "revoked" | "removed" | "administrator" | "hub" | "over" | "version";

/**
 * What the page does when its socket closed. `retry`: it waits longer each time; `return`: it comes back at once, to see
 * what the share is now; `pause`: it waits for a person.
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

/** Codes that are not ours mean the network: coming back may help. */
export function reactionTo(code: number): Reaction {
  const reasons = Object.keys(sessionClose) as SessionCloseReason[];
  const reason = reasons.find((name) => sessionClose[name] === code);
  return reason === undefined ? { kind: "retry" } : reactions[reason];
}

/** What a refused upgrade meant, which a browser does not say: the status of a plain request to the same address. */
export function endingOf(status: number): Ending | undefined {
  if (status === 401) return "login";
  if (status === 404 || status === 410) return "over";
  return undefined;
}
