import pino from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PolicySettings } from "../../../../src/share/records/policy.ts";
import { createRecords, type ShareRecords } from "../../../../src/share/records/records.ts";
import type { CheckedShare } from "../../../../src/share/records/request.ts";
import { shareView } from "../../../../src/share/records/view.ts";
import type { StoredSession } from "../../../../src/share/store/stored.ts";
import { MemoryStore } from "../../../support/memory-store.ts";

const policy: PolicySettings = {
  level: "terminal",
  linkLevel: "terminal",
  links: true,
  hubUsersOnly: false,
  approval: "optional",
  talk: true,
  maxLife: 0,
  terminalMaxLife: 604_800,
  maxShares: 3,
  terminals: true,
  apps: "ports",
  copies: true,
};
const workspace: CheckedShare = {
  level: "edit",
  root: "/home/a/w",
  scope: { kind: "workspace" },
  selection: undefined,
  app: null,
};
const begin = Date.UTC(2026, 0, 1);
const day = 86_400_000;

let store: MemoryStore;
let records: ShareRecords;

beforeEach(async () => {
  vi.useFakeTimers({ now: begin });
  store = new MemoryStore();
  records = await open();
});
afterEach(async () => {
  await records.close();
  vi.useRealTimers();
});

async function open(settings: PolicySettings = policy): Promise<ShareRecords> {
  const opened = createRecords({
    policy: settings,
    owner: "alice",
    logger: pino({ level: "silent" }),
    openStore: async () => store.asStore(),
  });
  await opened.storage.open();
  return opened;
}

async function enter(share: string, name = "Bob", hubUser: string | null = null): Promise<StoredSession> {
  const session: StoredSession = {
    id: `session-${name}`,
    share,
    link: "link",
    cookieHash: "hash",
    name,
    color: "#000",
    hubUser,
    level: null,
    enteredAt: Date.now(),
    endedAt: null,
    endReason: null,
  };
  await records.sessions.add(session);
  return session;
}

function present(session: StoredSession) {
  const end = vi.fn();
  records.guests.opened(session.id, { end });
  return end;
}

const events = () => store.entries.map(({ event }) => event);

describe("a share's life", () => {
  it("begins with a record, a hashed secret and an audit entry", async () => {
    const { share, secret } = await records.shares.create({ permission: "Full Access", note: "Review" }, workspace);
    expect(share).toMatchObject({ level: "edit", note: "Review", createdBy: "alice", expiresAt: begin + day });
    expect(Buffer.from(secret, "base64url").length).toBeGreaterThanOrEqual(16);
    expect(JSON.stringify(store.changes)).not.toContain(secret);
    expect(records.table.linkWith(share.id, secret)).toBeDefined();
    expect(records.table.linkWith(share.id, `${secret}x`)).toBeUndefined();
    expect(events()).toEqual(["create"]);
  });

  it("R19: no more than the ceilings permit", async () => {
    await records.close();
    records = await open({ ...policy, level: "edit", maxLife: 3_600, maxShares: 1 });
    const terminal: CheckedShare = { ...workspace, level: "terminal" };
    await expect(records.shares.create({ permission: "terminal" }, terminal)).rejects.toMatchObject({
      code: "SHARE_CEILING",
    });
    await expect(records.shares.create({ permission: "edit", expires_in: null }, workspace)).rejects.toMatchObject({
      code: "SHARE_INVALID",
      details: { field: "expires_in" },
    });
    expect(store.changes).toEqual([]);
    const { share } = await records.shares.create({ permission: "edit" }, workspace);
    expect(share.expiresAt).toBe(begin + 3_600_000);
    await expect(records.shares.create({ permission: "edit" }, workspace)).rejects.toMatchObject({
      code: "SHARE_CEILING",
    });
  });

  it("expiry: ends at its time, not before, mid-socket, and is written down", async () => {
    const { share } = await records.shares.create({ permission: "edit", expires_in: 3600 }, workspace);
    const end = present(await enter(share.id));
    await vi.advanceTimersByTimeAsync(3_599_000);
    expect(records.table.stateOf(share.id)).toBe("live");
    expect(end).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(end).toHaveBeenCalledWith("expired");
    expect(records.table.live()).toEqual([]);
    expect(events()).toEqual(["create", "enter", "expire"]);
  });

  it("R22: 60 days and “never” need no timer that overflows, and survive a restart", async () => {
    const long = await records.shares.create({ permission: "edit", expires_in: 60 * 86_400 }, workspace);
    const never = await records.shares.create({ permission: "edit", expires_in: null }, workspace);
    await vi.advanceTimersByTimeAsync(59 * day);
    await records.close();
    records = await open();
    expect(
      records.table
        .live()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([long.share.id, never.share.id].sort());
    await vi.advanceTimersByTimeAsync(2 * day);
    expect(records.table.live().map(({ id }) => id)).toEqual([never.share.id]);
    await vi.advanceTimersByTimeAsync(4_000 * day);
    expect(records.table.stateOf(never.share.id)).toBe("live");
  });

  it("the clock decides, not the timer: after sleep past the end nobody gets in", async () => {
    const { share } = await records.shares.create({ permission: "edit", expires_in: 60 }, workspace);
    vi.setSystemTime(begin + 61_000);
    expect(records.table.stateOf(share.id)).toBe("expired");
    expect(() => records.table.require(share.id)).toThrow();
  });

  it("expired while the gateway was down: it is over, and reported", async () => {
    await records.shares.create({ permission: "edit", expires_in: 60 }, workspace);
    await records.close();
    vi.setSystemTime(begin + day);
    records = await open();
    expect(records.table.live()).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(events()).toEqual(["create", "expire"]);
  });
});

describe("what takes rights away acts at once", () => {
  it("revoke: before anything is written", async () => {
    const { share } = await records.shares.create({ permission: "edit" }, workspace);
    const session = await enter(share.id);
    const end = present(session);
    const { promise, resolve } = Promise.withResolvers<void>();
    store.gate = promise;
    const revoking = records.endings.revoke([share.id]);
    expect(end).toHaveBeenCalledWith("revoked");
    expect(records.table.actor(session.id)).toMatchObject({ state: "removed" });
    resolve();
    expect((await revoking).guests).toBe(1);
    expect((await store.load()).shares).toEqual([]);
  });

  it("guests and owner are told who ended it: owner, administrator, new limit, or hub", async () => {
    const stopped: string[] = [];
    records.events.on("stopped", ({ id }, by) => void stopped.push(`${id} ${by}`));
    const made = async (name: string) => {
      const { share } = await records.shares.create({ permission: "edit", expires_in: 7_200 }, workspace);
      return { id: share.id, end: present(await enter(share.id, name)) };
    };
    const [mine, ordered] = [await made("A"), await made("B")];
    await records.endings.revoke([mine.id]);
    await records.endings.revoke([ordered.id], "administrator root, through the service waiide");
    const [limited] = [await made("C")];
    await vi.advanceTimersByTimeAsync(3_700_000);
    records.endings.changePolicy({ ...policy, maxLife: 3_600 });
    const ends = [mine, ordered, limited].map(({ end }) => end.mock.calls);
    expect(ends).toEqual([[["revoked"]], [["administrator"]], [["administrator"]]]);
    expect(stopped).toEqual([`${ordered.id} administrator`, `${limited.id} administrator`]);
    records.endings.changePolicy(policy);
    const last = await made("D");
    await records.endings.revokeAll("administrator root, through the service waiide");
    expect(last.end).toHaveBeenCalledWith("administrator");
    expect(events()).not.toContain("expire");
  });

  it("a hub user in two browsers is one guest: counted once, and removed from both", async () => {
    const { share } = await records.shares.create({ permission: "edit" }, workspace);
    const sessions = [await enter(share.id, "one", "bob"), await enter(share.id, "two", "bob")];
    const ends = sessions.map(present);
    const listed = () =>
      shareView(share, records, () => ({ state: "ready", reason: "" })).guests.map(({ session }) => session);
    expect(listed()).toEqual([sessions[0]?.id]);
    await records.sessions.remove(share.id, sessions[0]?.id ?? "");
    for (const end of ends) expect(end).toHaveBeenCalledWith("removed");
    expect(listed()).toEqual([]);
    for (const name of ["three", "four"]) present(await enter(share.id, name, "bob"));
    expect((await records.endings.revoke([share.id])).guests).toBe(1);
  });

  it("revoking with a full disk applies, and is written when possible", async () => {
    const { share } = await records.shares.create({ permission: "edit" }, workspace);
    store.failing = true;
    await expect(records.endings.revoke([share.id])).rejects.toMatchObject({ code: "SHARING_UNAVAILABLE" });
    expect(records.table.stateOf(share.id)).toBe("revoked");
    store.failing = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await store.load()).shares).toEqual([]);
  });

  it("revoke all", async () => {
    for (const name of ["A", "B"]) {
      const { share } = await records.shares.create({ permission: "edit" }, workspace);
      present(await enter(share.id, name));
    }
    expect(await records.endings.revokeAll()).toEqual({ revoked: 2, guests: 2 });
    expect(records.table.live()).toEqual([]);
  });

  it("lowering: sockets close, the new level holds; raising is refused", async () => {
    const { share } = await records.shares.create({ permission: "edit" }, workspace);
    const session = await enter(share.id);
    const end = present(session);
    await records.shares.change(share.id, { permission: "View Only" });
    expect(end).toHaveBeenCalledWith("changed");
    expect(records.table.actor(session.id)).toMatchObject({ level: "view", state: "live" });
    await expect(records.shares.change(share.id, { permission: "edit" })).rejects.toMatchObject({
      code: "SHARE_INVALID",
    });
  });

  it("a longer life applies only once it is stored", async () => {
    const { share } = await records.shares.create({ permission: "edit", expires_in: 60 }, workspace);
    store.failing = true;
    await expect(records.shares.change(share.id, { expires_in: null })).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(records.table.live()).toEqual([]);
  });

  it("a shorter life ends a share in time though it could not be stored", async () => {
    const { share } = await records.shares.create({ permission: "edit", expires_in: 3_600 }, workspace);
    const end = present(await enter(share.id));
    store.failing = true;
    await expect(records.shares.change(share.id, { expires_in: 60 })).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(end).toHaveBeenCalledWith("expired");
  });

  it("removing one guest leaves the others in", async () => {
    const { share } = await records.shares.create({ permission: "edit" }, workspace);
    const [bob, carol] = [await enter(share.id, "Bob"), await enter(share.id, "Carol")];
    const [endBob, endCarol] = [present(bob), present(carol)];
    await records.sessions.remove(share.id, bob.id);
    expect(endBob).toHaveBeenCalledWith("removed");
    expect(endCarol).not.toHaveBeenCalled();
    await expect(records.sessions.remove(share.id, bob.id)).rejects.toMatchObject({ code: "SHARE_UNKNOWN" });
  });

  it("a guest of another share is not removed by this one's address", async () => {
    const one = await records.shares.create({ permission: "edit" }, workspace);
    const other = await records.shares.create({ permission: "edit" }, workspace);
    const session = await enter(one.share.id);
    await expect(records.sessions.remove(other.share.id, session.id)).rejects.toMatchObject({ code: "SHARE_UNKNOWN" });
    expect(records.table.session(session.id)).toBeDefined();
  });

  it("a new link can end the old one and disconnect its guests", async () => {
    const { share, secret } = await records.shares.create({ permission: "edit" }, workspace);
    const end = present(await enter(share.id));
    const kept = await records.shares.newLink(share.id, false);
    expect(records.table.linkWith(share.id, secret)).toBeDefined();
    const fresh = await records.shares.newLink(share.id, true);
    expect(end).toHaveBeenCalledWith("removed");
    for (const old of [secret, kept.secret]) expect(records.table.linkWith(share.id, old)).toBeUndefined();
    expect(records.table.linkWith(share.id, fresh.secret)).toBeDefined();
  });

  it("R19: ceilings that are lowered apply to what there is", async () => {
    const terminal = await records.shares.create({ permission: "terminal" }, { ...workspace, level: "terminal" });
    const edit = await records.shares.create({ permission: "edit", expires_in: null }, workspace);
    const end = present(await enter(terminal.share.id));
    const stopped = vi.fn();
    records.events.on("stopped", stopped);
    records.endings.changePolicy({ ...policy, level: "edit", maxLife: 3_600 });
    expect(end).toHaveBeenCalledWith("administrator");
    expect(stopped.mock.calls.map(([{ id }, by]) => [id, by])).toEqual([[terminal.share.id, "administrator"]]);
    expect(records.table.live().map(({ id }) => id)).toEqual([edit.share.id]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(records.table.live()).toEqual([]);
  });
});

describe("R21: a store that cannot be used", () => {
  it("creates nothing, and says why", async () => {
    store.become({ kind: "unavailable", trouble: "read-only", reason: "the folder is read-only" });
    await expect(records.shares.create({ permission: "edit" }, workspace)).rejects.toMatchObject({
      code: "SHARING_UNAVAILABLE",
      details: { reason: "the folder is read-only" },
    });
    expect(records.storage.unavailable).toBe("the folder is read-only");
  });

  it("a creation answered with an error leaves no share, even if it completes late", async () => {
    store.failing = true;
    await expect(records.shares.create({ permission: "edit" }, workspace)).rejects.toThrow();
    expect(records.table.live()).toEqual([]);
    store.failing = false;
    const { share } = await records.shares.create({ permission: "edit" }, workspace);
    const late = { ...share, id: "late" };
    store.changes.push({ type: "share", share: late });
    store.emit("late", [{ type: "share", share: late }]);
    await vi.advanceTimersByTimeAsync(0);
    expect((await store.load()).shares.map(({ id }) => id)).toEqual([share.id]);
  });

  it("taken over by another gateway: nobody stays in", async () => {
    const { share } = await records.shares.create({ permission: "edit" }, workspace);
    const end = present(await enter(share.id));
    store.become({ kind: "unavailable", trouble: "lost", reason: "another gateway took it" });
    expect(end).toHaveBeenCalledWith("stopped");
    expect(records.table.live()).toEqual([]);
    store.become({ kind: "ready", opening: 2 });
    await vi.advanceTimersByTimeAsync(0);
    expect(records.table.live().map(({ id }) => id)).toEqual([share.id]);
  });
});

it("R16: shares made while a Terminal Access guest is online are flagged", async () => {
  const terminal = await records.shares.create({ permission: "terminal" }, { ...workspace, level: "terminal" });
  const before = await records.shares.create({ permission: "edit" }, workspace);
  expect(before.share.createdDuring).toBeNull();
  present(await enter(terminal.share.id));
  const during = await records.shares.create({ permission: "edit" }, workspace);
  expect(during.share.createdDuring).toBe(terminal.share.id);
});

it("R16: what a Terminal Access guest left running counts as made while that share lived", async () => {
  const terminal = await records.shares.create({ permission: "terminal" }, { ...workspace, level: "terminal" });
  records.sessions.leave(await enter(terminal.share.id));
  const made = await records.shares.create({ permission: "terminal" }, { ...workspace, level: "terminal" });
  expect(made.share.createdDuring).toBe(terminal.share.id);
  await enter(made.share.id, "Eve");
  await records.endings.revoke([terminal.share.id]);
  expect((await records.shares.create({ permission: "view" }, workspace)).share.createdDuring).toBe(made.share.id);
});

it("R16: shares that guests may have made are named, and those that their guests made", async () => {
  const terminal = await records.shares.create({ permission: "terminal" }, { ...workspace, level: "terminal" });
  await enter(terminal.share.id);
  await vi.advanceTimersByTimeAsync(1);
  const made = await records.shares.create({ permission: "terminal" }, { ...workspace, level: "terminal" });
  present(await enter(made.share.id, "Eve"));
  await vi.advanceTimersByTimeAsync(1);
  const further = await records.shares.create({ permission: "edit" }, workspace);
  expect(further.share.createdDuring).toBe(made.share.id);
  expect(records.table.madeDuring(terminal.share.id).map(({ id }) => id)).toEqual([made.share.id, further.share.id]);
  expect(records.table.madeDuring(further.share.id)).toEqual([]);
});

it("refusals of one share are written together, with their number", async () => {
  const { share } = await records.shares.create({ permission: "edit" }, workspace);
  for (let count = 0; count < 5; count += 1) records.audit.refused(share.id, "a wrong or ended link");
  expect(events()).toEqual(["create"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(store.entries.at(-1)).toMatchObject({ event: "refuse", details: { count: 5 } });
});
