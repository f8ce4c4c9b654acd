/** Why a session's socket was closed: the codes of the close frame, from the range for applications (RFC 6455 §7.4.2). */
export const sessionCloseRows = {
  stopped: { code: 1001, meaning: "The gateway stops or restarts: reconnecting may help." },
  protocol: { code: 4400, meaning: "Unreadable messages, or too many." },
  login: { code: 4401, meaning: "The cookie is no longer good." },
  expired: { code: 4410, meaning: "The share's time is over." },
  revoked: { code: 4411, meaning: "The owner ended the share." },
  removed: { code: 4412, meaning: "The owner removed this guest." },
  changed: { code: 4413, meaning: "Level or limits have changed: the page reconnects and takes the new ones." },
  idle: { code: 4414, meaning: "Hidden or without input for too long; the page offers to resume." },
  administrator: { code: 4415, meaning: "An administrator ended the share or forbade it." },
  hub: { code: 4416, meaning: "The share's token at the hub was deleted." },
  busy: { code: 4429, meaning: "Too many at once." },
} as const;
export type SessionCloseReason = keyof typeof sessionCloseRows;

/** The code of each reason. */
export const sessionClose = Object.fromEntries(
  Object.entries(sessionCloseRows).map(([reason, { code }]) => [reason, code]),
) as { readonly [R in SessionCloseReason]: (typeof sessionCloseRows)[R]["code"] };
