import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ShareStore } from "../../../../src/share/store/store.ts";
import type {
  StoreChange,
  StoredCompanion,
  StoredGrant,
  StoredLink,
  StoredSession,
  StoredShare,
} from "../../../../src/share/store/stored.ts";
import {
  auditChange,
  makeCompanion,
  makeLink,
  makeSession,
  makeShare,
  shareChange,
} from "../../../support/share-records.ts";
import { OpenStores, openStore, StoreProcess } from "./store-process.ts";

let folder: string;
const stores = new OpenStores();
const { open } = stores;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-store-"));
});

afterEach(async () => {
  await stores.close();
  rmSync(folder, { recursive: true });
});

describe("R21 the share store", () => {
  it("gives back what it was given, after it was closed and opened again", async () => {
    const store = await open(folder);
    expect(store.status).toEqual({ kind: "ready", opening: 1 });
    const share = makeShare("s", {
      level: "edit",
      scope: { kind: "selection", path: "ä/b.py", line: 3, col: 0, end_line: 9, end_col: null },
      selection: '{"text":"a\\nb"}',
      note: "für “Bob” '; DROP TABLE shares; --",
      createdDuring: "t",
      expiresAt: 9_007_199_254_740_991,
      maxGuests: 3,
    });
    const link = makeLink("l", "s");
    const session = makeSession("g", link);
    const companion = makeCompanion(link);
    await store.commit([
      { type: "share", share },
      { type: "link", link },
      { type: "session", session },
      { type: "companion", companion },
      auditChange("s", { path: "a" }),
    ]);
    await store.close();

    const again = await open(folder);
    expect(await again.load()).toEqual({
      shares: [share],
      links: [link],
      sessions: [session],
      companions: [companion],
      grants: [],
      threads: [],
      comments: [],
    });
    expect(await again.audit({ limit: 10 })).toEqual([
      { id: 1, at: 1_000, event: "create", share: "s", who: "alice", details: { path: "a" } },
    ]);
  });

  it("loads only what is live, and a replaced share keeps its links and sessions", async () => {
    const store = await open(folder);
    const links = [makeLink("l1", "kept"), makeLink("l2", "kept"), makeLink("l3", "ended")];
    const [kept, other] = links as [StoredLink, StoredLink];
    await store.commit([
      shareChange("kept"),
      shareChange("ended"),
      ...links.map((link) => ({ type: "link", link }) as const),
      { type: "session", session: makeSession("in", kept) },
      { type: "session", session: makeSession("out", kept) },
      ...links.map((link) => ({ type: "companion", companion: makeCompanion(link) }) as const),
    ]);
    await store.commit([
      shareChange("kept", { note: "changed" }),
      shareChange("ended", { endedAt: 5_000, endReason: "expired" }),
      { type: "link", link: { ...other, endedAt: 5_000 } },
      { type: "session", session: makeSession("out", kept, { endedAt: 5_000, endReason: "removed" }) },
      { type: "companion", companion: makeCompanion(kept, { endedAt: 5_000 }) },
    ]);
    expect(await store.load()).toEqual({
      shares: [makeShare("kept", { note: "changed" })],
      links: [kept],
      sessions: [makeSession("in", kept)],
      // The hub may still have those of what has ended.
      grants: [],
      threads: [],
      comments: [],
      companions: links.slice(1).map((link) => makeCompanion(link)),
    });
  });

  it("keeps comments while their share and thread are there, and writes none later", async () => {
    const store = await open(folder);
    const thread = (share: string) => ({ share, id: 1, path: "a", place: "/a", anchor: "{}", resolvedAt: null });
    const comment = (share: string, id: number) => {
      const author = { session: null, author: "owner", name: "alice", hubUser: null, color: "" };
      return { share, id, thread: 1, at: 1, text: `${share} ${id}`, ...author };
    };
    const written = (share: string): StoreChange[] => [
      { type: "thread", thread: thread(share) },
      { type: "comment", comment: comment(share, 2) },
      { type: "comment", comment: comment(share, 3) },
    ];
    await store.commit([shareChange("kept"), shareChange("ended"), ...written("kept"), ...written("ended")]);
    await store.commit([
      { type: "comment-gone", share: "kept", id: 2 },
      shareChange("ended", { endedAt: 5_000, endReason: "revoked" }),
    ]);
    await store.commit([...written("ended"), { type: "thread-changed", thread: thread("ended") }]);
    expect(await store.load()).toMatchObject({ threads: [thread("kept")], comments: [comment("kept", 3)] });
    await store.commit([{ type: "thread-gone", share: "kept", id: 1 }]);
    await store.commit([{ type: "comment", comment: comment("kept", 4) }]);
    expect(await store.load()).toMatchObject({ threads: [], comments: [] });
  });

  it("does not let a failing commit take others with it, and stores nothing of it", async () => {
    const store = await open(folder);
    const stray: StoreChange = { type: "link", link: makeLink("stray", "no such share") };
    const outcomes = await Promise.allSettled([
      store.commit([shareChange("before")]),
      store.commit([shareChange("half"), stray]),
      store.commit([shareChange("wrong", { level: "owner" as "view" })]),
      store.commit([shareChange("after")]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect((await store.load()).shares.map(({ id }) => id)).toEqual(["after", "before"]);
    expect(store.status.kind).toBe("ready");
  });

  it("pages through the audit, newest first, of all shares or of one", async () => {
    const store = await open(folder);
    await store.commit(["a", "b", "a", "b", "a"].map((share) => auditChange(share)));
    const ids = async (query: Parameters<ShareStore["audit"]>[0]) => (await store.audit(query)).map(({ id }) => id);
    expect(await ids({ limit: 2 })).toEqual([5, 4]);
    expect(await ids({ limit: 2, before: 4 })).toEqual([3, 2]);
    expect(await ids({ limit: 2, share: "b" })).toEqual([4, 2]);
    expect(await ids({ limit: 2, share: "b", before: 2 })).toEqual([]);
  });

  it("keeps audit entries and ended shares for 90 days", async () => {
    const day = 86_400_000;
    const ended = (id: string, endedAt: number) => shareChange(id, { endedAt, endReason: "revoked" });
    const link = makeLink("of old", "old");
    const store = await open(folder, { clock: () => 0 });
    await store.commit([
      ...[
        ended("old", day),
        { type: "link", link } as const,
        { type: "session", session: makeSession("g", link) } as const,
      ],
      ...[
        ended("recent", 11 * day),
        shareChange("live"),
        auditChange("old", {}, day),
        auditChange("recent", {}, 11 * day),
      ],
    ]);
    await store.close();
    const later = await open(folder, { clock: () => 100 * day });
    expect((await later.audit({ limit: 9 })).map(({ share }) => share)).toEqual(["recent"]);
    expect((await later.load()).shares.map(({ id }) => id)).toEqual(["live"]);
    // What was pruned can no longer be referred to; what was not, can.
    await later.commit([{ type: "link", link: makeLink("l", "recent") }]);
    await expect(later.commit([{ type: "link", link: makeLink("l", "old") }])).rejects.toThrow("FOREIGN KEY");
  });

  it("R4: is for its user only, files and folder", async () => {
    const data = join(folder, "new/folder");
    const store = await open(data);
    await store.commit([shareChange("s")]);
    const modes = ["", "shares.sqlite", "shares.sqlite-journal", "shares.lease"].map(
      (name) => statSync(join(data, name)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
  });

  it("stores what was asked for before it was closed, and refuses what comes later", async () => {
    const store = await open(folder);
    const asked = Array.from({ length: 50 }, (_, index) => store.commit([shareChange(`s${index}`)]));
    const closed = store.close();
    await expect(store.commit([shareChange("late")])).rejects.toMatchObject({
      code: "SHARING_UNAVAILABLE",
      status: 503,
    });
    await Promise.all([...asked, closed]);
    expect(store.status).toMatchObject({ kind: "unavailable", trouble: "closed" });
    expect(readdirSync(folder).sort()).toEqual(["shares.sqlite", "shares.sqlite-journal"]);
    expect(statSync(join(folder, "shares.sqlite-journal")).size).toBe(0);
    expect((await (await open(folder)).load()).shares).toHaveLength(50);
  });

  it.each(["once-closed", "once"])("keeps no process alive (%s)", async (task) => {
    const process = new StoreProcess(task, folder);
    await process.ended;
    expect(process.child.exitCode).toBe(0);
    expect((await (await open(folder)).load()).shares).toHaveLength(1);
  });

  it("R21: is what a model in memory is, over any sequence of commits and openings", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const place = mkdtempSync(join(folder, "run-"));
        const model = new Model();
        let store = await openStore(place);
        try {
          for (const changes of steps) {
            if (changes === "reopen") {
              await store.close();
              store = await openStore(place);
            } else {
              const isStored = await store.commit(changes).then(
                () => true,
                () => false,
              );
              expect(isStored).toBe(model.commit(changes));
            }
          }
          expect(await store.load()).toEqual(model.load());
          expect((await store.audit({ limit: 1_000 })).map(({ details }) => details)).toEqual(model.audit.toReversed());
        } finally {
          await store.close();
        }
      }),
      { numRuns: 40 },
    );
  }, 600_000);
});

const id = fc.constantFrom("a", "b", "c", "d");
const ending = fc.option(fc.integer({ min: 1, max: 2 ** 52 }), { nil: null, freq: 3 });
const share: fc.Arbitrary<StoredShare> = fc
  .record({ id, note: fc.string({ unit: "grapheme" }), createdAt: fc.nat(), endedAt: ending, path: fc.string() })
  .map(({ path, endedAt, ...more }) =>
    makeShare(more.id, {
      ...more,
      scope: { kind: "file", path },
      endedAt,
      endReason: endedAt === null ? null : "expired",
    }),
  );
const link: fc.Arbitrary<StoredLink> = fc
  .record({ id, share: id, createdAt: fc.nat(), endedAt: ending })
  .map(({ id, share, ...more }) => makeLink(id, share, more));
const session: fc.Arbitrary<StoredSession> = fc
  .record({ id, link: fc.record({ id, share: id }), name: fc.string(), enteredAt: fc.nat(), endedAt: ending })
  .map(({ id, link, endedAt, ...more }) =>
    makeSession(id, makeLink(link.id, link.share), { ...more, endedAt, endReason: endedAt === null ? null : "left" }),
  );
const change: fc.Arbitrary<StoreChange> = fc.oneof(
  share.map((share) => ({ type: "share", share }) as const),
  link.map((link) => ({ type: "link", link }) as const),
  session.map((session) => ({ type: "session", session }) as const),
  fc.record({ number: fc.integer() }).map((details) => auditChange("a", details)),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(change, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.constant("reopen" as const) },
);

/** What the store must be, in memory. */
class Model {
  audit: Readonly<Record<string, unknown>>[] = [];
  #shares = new Map<string, StoredShare>();
  #links = new Map<string, StoredLink>();
  #sessions = new Map<string, StoredSession>();
  #companions = new Map<string, StoredCompanion>();
  #grants = new Map<string, StoredGrant>();

  /** @returns whether it can be stored: everything refers to something that is there by the end of its own change */
  commit(changes: readonly StoreChange[]): boolean {
    const next = new Model();
    next.audit = [...this.audit];
    next.#shares = new Map(this.#shares);
    next.#links = new Map(this.#links);
    next.#sessions = new Map(this.#sessions);
    next.#companions = new Map(this.#companions);
    next.#grants = new Map(this.#grants);
    if (!changes.every((one) => next.#apply(one))) return false;
    this.audit = next.audit;
    this.#shares = next.#shares;
    this.#links = next.#links;
    this.#sessions = next.#sessions;
    this.#companions = next.#companions;
    this.#grants = next.#grants;
    return true;
  }

  load() {
    const live = <Row extends { endedAt: number | null }>(rows: Iterable<Row>) =>
      [...rows].filter(({ endedAt }) => endedAt === null);
    const ofLive = ({ share }: { share: string }) => this.#shares.get(share)?.endedAt === null;
    const inOrder = <Row extends { id: string }>(rows: Row[], time: (row: Row) => number) =>
      rows.sort((a, b) => time(a) - time(b) || (a.id < b.id ? -1 : 1));
    return {
      threads: [],
      comments: [],
      shares: inOrder(live(this.#shares.values()), ({ createdAt }) => createdAt),
      links: inOrder(live(this.#links.values()).filter(ofLive), ({ createdAt }) => createdAt),
      grants: inOrder(live(this.#grants.values()), () => 0),
      companions: inOrder(live(this.#companions.values()), () => 0),
      sessions: inOrder(live(this.#sessions.values()).filter(ofLive), ({ enteredAt }) => enteredAt),
    };
  }

  #apply(one: StoreChange): boolean {
    switch (one.type) {
      case "share":
        this.#shares.set(one.share.id, one.share);
        return true;
      case "link":
        this.#links.set(one.link.id, one.link);
        return this.#shares.has(one.link.share);
      case "session":
        this.#sessions.set(one.session.id, one.session);
        return this.#shares.has(one.session.share) && this.#links.has(one.session.link);
      case "companion":
        this.#companions.set(one.companion.id, one.companion);
        return this.#shares.has(one.companion.share) && this.#links.has(one.companion.id);
      case "grant":
        this.#grants.set(one.grant.id, one.grant);
        return true;
      case "message":
        return this.#shares.has(one.message.share);
      case "audit":
        this.audit.push(one.entry.details);
        return true;
      // What is written of comments too late changes nothing.
      default:
        return true;
    }
  }
}

describe("R11: any number of guests' changes can be read", () => {
  const write = (share: string, path: string, what: string, extra: Record<string, string> = {}): StoreChange => ({
    type: "audit",
    entry: { at: Date.now(), event: "write", share, who: "Eve (e)", details: { path, what, size: 1, ...extra } },
  });

  it("a changed file stays first after 70,000 other saves and 3,000 new files", async () => {
    const store = await open(folder);
    await store.commit([
      { type: "audit", entry: { at: 1, event: "create", share: "s", who: "alice", details: { root: "/home/alice" } } },
      write("s", "important.py", "write"),
      write("other", "important.py", "delete"),
    ]);
    for (let round = 0; round < 70; round += 1) {
      await store.commit(Array.from({ length: 1_000 }, () => write("s", "noise.txt", "write")));
    }
    await store.commit(Array.from({ length: 3_000 }, (_, number) => write("s", `new-${number}`, "create")));
    await store.commit([write("s", "new-7", "write")]);
    const { root, total, changes } = await store.changes({ share: "s", offset: 0, limit: 10 });
    expect([root, total]).toEqual(["/home/alice", 3_002]);
    expect(changes.slice(0, 3).map(({ details }) => details.path)).toEqual(["noise.txt", "important.py", "new-7"]);
    expect(changes[2]).toMatchObject({ isNew: true, details: { what: "write" } });
    const last = await store.changes({ share: "s", offset: 3_000, limit: 10 });
    expect(last.changes.map(({ details }) => details.path)).toEqual(["new-1", "new-0"]);
    const kept = await store.audit({ share: "s", limit: 100_000 });
    expect(kept.length).toBeLessThan(53_000);
    expect(kept.at(-1)?.event).toBe("create");
    expect(kept.some(({ details }) => details.path === "important.py")).toBe(true);
    expect((await store.changes({ share: "other", offset: 0, limit: 10 })).total).toBe(1);
    expect(await store.changes({ share: "none", offset: 0, limit: 10 })).toEqual({
      root: undefined,
      total: 0,
      changes: [],
    });
  }, 120_000);
});
