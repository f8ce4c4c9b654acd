import { EventEmitter } from "node:events";
import pino from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Grant, HubShares } from "../../../../src/hub/hub-shares.ts";
import { Grants, grantsOf } from "../../../../src/share/hub-link/grants.ts";
import { createRecords } from "../../../../src/share/records/records.ts";
import type { StoreChange } from "../../../../src/share/store/stored.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { defaultPolicy } from "../../../support/shared-servers.ts";

const bob = { user: "bob" };
const policy = { ...defaultPolicy, maxShares: 3 };

class FakeHub extends EventEmitter implements Pick<HubShares, "grant" | "end"> {
  answer: Grant | undefined;
  isOwnerIn = true;
  readonly lets = new Set<string>();

  async grant(recipient: object): Promise<Grant> {
    if (this.answer !== undefined) return this.answer;
    const id = JSON.stringify(recipient);
    if (this.lets.has(id)) return { kind: "had" };
    this.lets.add(id);
    return { kind: "granted" };
  }
  async end(recipient: object): Promise<boolean> {
    if (this.isOwnerIn) this.lets.delete(JSON.stringify(recipient));
    return this.isOwnerIn;
  }
}

let hub: FakeHub;
let grants: Grants;
let stored: StoreChange[];
let needed: boolean;

function open(): void {
  grants = new Grants({
    hub,
    logger: pino({ level: "silent" }),
    isNeeded: () => needed,
    write: async (changes) => void stored.push(...changes),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  hub = new FakeHub();
  stored = [];
  needed = false;
  open();
});
afterEach(async () => {
  await grants.close();
  vi.useRealTimers();
});

const settled = () => vi.advanceTimersByTimeAsync(1);
const make = () =>
  grants.withAccess(bob, async (access) => {
    needed = true;
    return access;
  });

it("exists while a share needs it, and ends with the last", async () => {
  expect(await make()).toEqual({ granted: true });
  expect(await make()).toEqual({ granted: true });
  grants.follow();
  await settled();
  expect(hub.lets.size).toBe(1);
  needed = false;
  grants.follow();
  await settled();
  expect(hub.lets.size).toBe(0);
  expect(stored.at(-1)).toMatchObject({ type: "grant", grant: { id: "user:bob", endedAt: expect.any(Number) } });
});

it("goes where the share could not be made", async () => {
  await expect(grants.withAccess(bob, () => Promise.reject(new Error("the disk is full")))).rejects.toThrow();
  await settled();
  expect(hub.lets.size).toBe(0);
});

it("one that somebody made at the hub stays", async () => {
  hub.lets.add(JSON.stringify(bob));
  await make();
  needed = false;
  grants.follow();
  await settled();
  expect(hub.lets.size).toBe(1);
  expect(stored).toEqual([]);
});

it("what could not be taken back is, when the owner returns, also after a restart", async () => {
  await make();
  needed = false;
  hub.isOwnerIn = false;
  grants.follow();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(hub.lets.size).toBe(1);
  await grants.close();
  open();
  grants.load(stored.flatMap((one) => (one.type === "grant" ? [one.grant] : [])));
  hub.isOwnerIn = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(hub.lets.size).toBe(0);
});

it("an unknown user is an error of the field “with”; the hub's refusal is reported", async () => {
  hub.answer = { kind: "unknown" };
  await expect(make()).rejects.toMatchObject({ code: "SHARE_INVALID", details: { field: "with" } });
  hub.answer = { kind: "refused", reason: "JupyterHub 4.1.6 has no shares" };
  expect(await make()).toEqual({ granted: false, reason: "JupyterHub 4.1.6 has no shares" });
  expect(stored).toEqual([]);
});

it("R22: a share that ends while the owner is away: its grant goes when they return", async () => {
  const logger = pino({ level: "silent" });
  const store = new MemoryStore();
  const openShares = async () => {
    const records = createRecords({ policy, owner: "alice", logger, openStore: async () => store.asStore() });
    const granted = grantsOf(records, hub, logger);
    await records.storage.open();
    return { ...records, granted, close: () => Promise.all([records.close(), granted.close()]) };
  };
  const first = await openShares();
  const request = { permission: "view", expires_in: 60, with: bob } as const;
  const folder = {
    level: "view",
    root: "/home/a/w",
    scope: { kind: "workspace" },
    selection: undefined,
    app: null,
  } as const;
  await first.granted.withAccess(bob, () => first.shares.create(request, folder));
  expect(hub.lets.size).toBe(1);
  hub.isOwnerIn = false;
  await vi.advanceTimersByTimeAsync(600_000);
  expect([first.table.live(), hub.lets.size]).toEqual([[], 1]);
  await first.close();

  const second = await openShares();
  await vi.advanceTimersByTimeAsync(65_000);
  expect(hub.lets.size).toBe(1);
  hub.isOwnerIn = true;
  // Long before it would be tried again anyway.
  hub.emit("login");
  await settled();
  expect(hub.lets.size).toBe(0);
  await second.close();
});
