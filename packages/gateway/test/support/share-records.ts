import type {
  StoreChange,
  StoredCompanion,
  StoredLink,
  StoredSession,
  StoredShare,
} from "../../src/share/store/stored.ts";

/** Records of shares for tests, complete but for what a test is about. */
export function makeShare(id: string, more: Partial<StoredShare> = {}): StoredShare {
  return {
    id,
    level: "view",
    root: "/home/alice/work",
    scope: { kind: "workspace" },
    selection: null,
    app: null,
    note: "",
    createdAt: 1_000,
    createdBy: "alice",
    createdDuring: null,
    expiresAt: null,
    maxGuests: null,
    approve: false,
    copy: null,
    shownCommit: null,
    withUser: null,
    withGroup: null,
    endedAt: null,
    endReason: null,
    ...more,
  };
}

export function makeLink(id: string, share: string, more: Partial<StoredLink> = {}): StoredLink {
  return { id, share, secretHash: `hash of ${id}`, createdAt: 1_000, endedAt: null, ...more };
}

export function makeSession(id: string, link: StoredLink, more: Partial<StoredSession> = {}): StoredSession {
  return {
    id,
    share: link.share,
    link: link.id,
    cookieHash: `hash of ${id}`,
    name: "Guest",
    color: "#3366cc",
    hubUser: null,
    level: null,
    enteredAt: 2_000,
    endedAt: null,
    endReason: null,
    ...more,
  };
}

export function makeCompanion(link: StoredLink, more: Partial<StoredCompanion> = {}): StoredCompanion {
  return {
    id: link.id,
    share: link.share,
    tokenId: `a-${link.id}`,
    note: "WAIIDE Share - View Only",
    created: "2026-01-01T00:00:00.000000Z",
    expiresAt: null,
    purpose: "view until it is ended: ",
    sealed: "sealed",
    endedAt: null,
    ...more,
  };
}

export function shareChange(id: string, more: Partial<StoredShare> = {}): StoreChange {
  return { type: "share", share: makeShare(id, more) };
}

export function auditChange(share: string, details: Record<string, string | number> = {}, at = 1_000): StoreChange {
  return { type: "audit", entry: { at, event: "create", share, who: "alice", details } };
}
