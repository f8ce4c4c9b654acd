import pino from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GatewayError } from "../../../../src/base/errors.ts";
import type { CompanionToken, CompanionTokens, ListedToken } from "../../../../src/hub/companion-tokens.ts";
import type { Companions } from "../../../../src/share/hub-link/companions.ts";
import { createRecords, type ShareRecords } from "../../../../src/share/records/records.ts";
import type { CheckedShare } from "../../../../src/share/records/request.ts";
import { MemoryStore } from "../../../support/memory-store.ts";

const policy = {
  level: "terminal",
  linkLevel: "terminal",
  links: true,
  hubUsersOnly: false,
  approval: "optional",
  talk: true,
  maxLife: 0,
  terminalMaxLife: 0,
  maxShares: 10,
  terminals: true,
  apps: "ports",
  copies: true,
} as const;
const workspace: CheckedShare = {
  level: "edit",
  root: "/w",
  scope: { kind: "workspace" },
  selection: undefined,
  app: null,
};
const request = { permission: "edit", expires_in: 3_600 } as const;

/** The hub's list of tokens, and what became of each. */
class FakeTokens {
  granted = true;
  isDown = false;
  now = () => Date.now();
  readonly all = new Map<string, CompanionToken>();
  readonly shown: string[] = [];
  #made = 0;

  async unavailable() {
    return this.granted ? undefined : ({ kind: "not granted", reason: "because" } as const);
  }
  async mint(level: string, life: number | null, note: string): Promise<CompanionToken> {
    if (this.isDown) throw new GatewayError("HUB_LISTING", { reason: "down" });
    this.#made += 1;
    const expiresAt = life === null ? null : Date.now() + life * 1_000;
    const made = { id: `a${this.#made}`, note: `${level} ${note}`, created: String(this.#made), expiresAt };
    this.all.set(made.id, { ...made, token: `token-${this.#made}` });
    return { ...made, token: `token-${this.#made}` };
  }
  async show(token: string): Promise<boolean | undefined> {
    if (this.isDown) return undefined;
    this.shown.push(token);
    return [...this.all.values()].some((one) => one.token === token);
  }
  async list() {
    return this.isDown ? undefined : { tokens: [...this.all.values()] as ListedToken[], at: this.now() };
  }
  async delete({ id }: ListedToken): Promise<boolean> {
    if (!this.isDown) this.all.delete(id);
    return !this.isDown;
  }
  get levels() {
    return [...this.all.values()].map(({ note }) => note.split(" ")[0]);
  }
}

let tokens: FakeTokens;
let store: MemoryStore;
let records: ShareRecords;
let companions: Companions;

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  tokens = new FakeTokens();
  store = new MemoryStore();
  await open();
});
afterEach(async () => {
  await records.close();
  vi.useRealTimers();
});

async function open(): Promise<void> {
  records = createRecords({
    policy,
    owner: "alice",
    logger: pino({ level: "silent" }),
    openStore: async () => store.asStore(),
    tokens: tokens as unknown as CompanionTokens,
  });
  companions = records.companions as Companions;
  await records.storage.open();
}

const half = () => vi.advanceTimersByTimeAsync(30_000);
const linkOf = (id: string) => records.table.linksOf(id)[0]?.id ?? "";

describe("R21: a link's token at the hub", () => {
  it("exists before the link, and ends with the share, also after restarts", async () => {
    const { share } = await records.shares.create(request, workspace);
    expect(tokens.levels).toEqual(["edit"]);
    tokens.isDown = true;
    await records.endings.revoke([share.id]);
    await half();
    expect(tokens.all.size).toBe(1);
    await records.close();
    await open();
    tokens.isDown = false;
    await half();
    expect(tokens.all.size).toBe(0);
    expect((await store.load()).companions).toEqual([]);
  });

  it("no share is created that the hub cannot list, and no token stays without a share", async () => {
    tokens.isDown = true;
    await expect(records.shares.create(request, workspace)).rejects.toMatchObject({ code: "HUB_LISTING" });
    expect(store.changes).toEqual([]);
    tokens.isDown = false;
    store.failing = true;
    await expect(records.shares.create(request, workspace)).rejects.toMatchObject({ code: "SHARING_UNAVAILABLE" });
    await half();
    expect(tokens.all.size).toBe(0);
    store.failing = false;
    await records.shares.create(request, workspace);
    expect(tokens.all.size).toBe(1);
  });

  it("where the hub does not grant it, links work without", async () => {
    tokens.granted = false;
    const { share, secret } = await records.shares.create(request, workspace);
    expect(await companions.enter(share, linkOf(share.id), secret)).toBe(true);
    await half();
    expect(records.table.stateOf(share.id)).toBe("live");
  });

  it("R4: is stored sealed, under what only the link holds", async () => {
    const { secret } = await records.shares.create(request, workspace);
    expect(JSON.stringify(store.changes)).not.toContain("token-1");
    expect(JSON.stringify(store.changes)).not.toContain(secret);
  });
});

describe("the hub's word", () => {
  it("a token deleted there ends its share within 30 s, and no other", async () => {
    const { share: ended } = await records.shares.create(request, workspace);
    const { share: kept } = await records.shares.create(request, workspace);
    tokens.all.delete("a1");
    await half();
    expect(records.table.stateOf(ended.id)).toBe("revoked");
    expect(records.table.stateOf(kept.id)).toBe("live");
    expect(store.entries.find(({ event }) => event === "revoke")).toMatchObject({ who: "hub", share: ended.id });
  });

  it("an id that was given again is not the token", async () => {
    const { share } = await records.shares.create(request, workspace);
    tokens.all.set("a1", { id: "a1", note: "another's", created: "later", expiresAt: null, token: "x" });
    await half();
    expect(records.table.stateOf(share.id)).toBe("revoked");
    expect(tokens.all.size).toBe(1);
  });

  it("a hub that is down ends nothing, however long", async () => {
    const { share } = await records.shares.create({ ...request, expires_in: null }, workspace);
    tokens.isDown = true;
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(records.table.stateOf(share.id)).toBe("live");
  });

  it("a token that the hub's clock has ended is not one that was deleted", async () => {
    const { share } = await records.shares.create(request, workspace);
    tokens.now = () => Date.now() + 3_600_000;
    tokens.all.clear();
    await half();
    expect(records.table.stateOf(share.id)).toBe("live");
  });
});

describe("entries", () => {
  it("are shown to the hub with the link's token", async () => {
    const { share, secret } = await records.shares.create(request, workspace);
    expect(await companions.enter(share, linkOf(share.id), secret)).toBe(true);
    expect(tokens.shown).toEqual(["token-1"]);
  });

  it("end with its deletion, at once instead of in 30 s", async () => {
    const { share, secret } = await records.shares.create(request, workspace);
    tokens.all.clear();
    await companions.enter(share, linkOf(share.id), secret);
    expect(records.table.stateOf(share.id)).toBe("revoked");
  });

  it("continue while the hub is down", async () => {
    const { share, secret } = await records.shares.create(request, workspace);
    tokens.isDown = true;
    expect(await companions.enter(share, linkOf(share.id), secret)).toBe(true);
    expect(records.table.stateOf(share.id)).toBe("live");
  });
});

describe("a change of the share", () => {
  it("creates a new token, which the next guest's link seals", async () => {
    const { share, secret } = await records.shares.create(request, workspace);
    await records.shares.change(share.id, { permission: "view", expires_in: 7_200 });
    await half();
    expect(tokens.levels).toEqual(["view"]);
    const changed = records.table.require(share.id);
    expect(await companions.enter(changed, linkOf(share.id), secret)).toBe(true);
    expect(await companions.enter(changed, linkOf(share.id), secret)).toBe(true);
    expect(tokens.shown).toEqual(["token-3", "token-3"]);
    expect(tokens.levels).toEqual(["view"]);
    await vi.advanceTimersByTimeAsync(3_700_000);
    expect(records.table.stateOf(share.id)).toBe("live");
  });

  it("a new link has its own token, and the old token ends with the old link", async () => {
    const { share } = await records.shares.create(request, workspace);
    await records.shares.newLink(share.id, false);
    expect([...tokens.all.keys()]).toEqual(["a1", "a2"]);
    await records.shares.newLink(share.id, true);
    await half();
    expect([...tokens.all.keys()]).toEqual(["a3"]);
    expect(records.table.stateOf(share.id)).toBe("live");
  });
});
