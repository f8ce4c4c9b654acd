import { beforeEach, describe, expect, it } from "vitest";
import type { HubAnswer, HubRequest } from "../../../src/hub/client.ts";
import { CompanionTokens } from "../../../src/hub/companion-tokens.ts";

const scope = "custom:waiide:view!server=alice/waiide";
const granted = [
  "tokens!user=alice",
  ...["view", "edit", "terminal"].map((one) => `custom:waiide:${one}!server=alice/waiide`),
];
const usual = ["read:users:name!user=alice", "read:users:groups!user=alice"];
const hub = { user: "alice", serverName: "waiide", apiToken: "own" };

const ok = (body: unknown): HubAnswer => ({ kind: "ok", status: 200, body, date: undefined });
const refused = (status: number): HubAnswer => ({ kind: "refused", status, reason: `it answered ${status}` });
const down: HubAnswer = { kind: "unreachable", reason: "connect ECONNREFUSED" };

/** A hub of which the tests say what is wrong with it. */
class FakeHub {
  version = "6.1.1";
  held: readonly string[] = [...granted, ...usual];
  minted: readonly string[] = [scope, ...usual];
  isDown = false;
  tokens = new Map<string, { id: string; note: string; created: string; expires_at: string | null }>();
  readonly bodies: Record<string, unknown>[] = [];

  async getUser(token?: string): Promise<HubAnswer> {
    if (this.isDown) return down;
    if (token === undefined || token === "own") return ok({ name: "alice", kind: "user", scopes: this.held });
    return this.tokens.has(token) ? ok({ name: "alice", kind: "user", scopes: this.minted }) : refused(403);
  }
  async getVersion(): Promise<HubAnswer> {
    return ok({ version: this.version });
  }
  async request(method: string, path: string, { body, token }: HubRequest = {}): Promise<HubAnswer> {
    if (this.isDown) return down;
    if (token !== "own") return refused(403);
    const id = path.split("/")[4];
    if (method === "POST") return ok({ ...this.#make(body as Record<string, unknown>), token: "t1" });
    if (id === undefined) return ok({ api_tokens: [...this.tokens.values()] });
    const found = this.tokens.get(id);
    if (found === undefined) return refused(404);
    if (method === "DELETE") this.tokens.delete(id);
    return ok(method === "DELETE" ? undefined : found);
  }
  #make(body: Record<string, unknown>) {
    this.bodies.push(body);
    const made = { id: "t1", note: String(body.note), created: "2026-01-01T00:00:00Z", expires_at: null };
    this.tokens.set(made.id, made);
    return made;
  }
}

let fake: FakeHub;
beforeEach(() => {
  fake = new FakeHub();
});

function companions(more: { exposed?: string; allowExposed?: boolean } = {}): CompanionTokens {
  return new CompanionTokens({ client: fake, hub, exposed: more.exposed, allowExposed: more.allowExposed ?? false });
}

describe("R4: a companion token", () => {
  it("is requested with one scope, never “inherit”", async () => {
    await companions().mint("view", 60.2, "for Bob");
    await companions().mint("view", null, "");
    expect(fake.bodies).toEqual([
      { note: "WAIIDE Share - View Only: for Bob", scopes: [scope], expires_in: 61 },
      { note: "WAIIDE Share - View Only", scopes: [scope] },
    ]);
  });

  it.each([
    ["view", "View Only"],
    ["edit", "Full Access"],
    ["terminal", "Terminal Access"],
  ] as const)("of the level %s has its name and only its scope", async (level, name) => {
    const own = `custom:waiide:${level}!server=alice/waiide`;
    fake.minted = [own, ...usual];
    const { note } = await companions().mint(level, 60, "");
    expect([note, fake.bodies[0]?.scopes]).toEqual([`WAIIDE Share - ${name}`, [own]]);
  });

  it.each([
    ["everything its owner may", ["inherit", scope, ...usual]],
    ["more of the same", [scope, "custom:waiide:edit!server=alice/waiide", ...usual]],
    ["other servers", ["custom:waiide:view!user=alice", ...usual]],
    ["nothing", [...usual]],
    ["access to the server", [scope, "access:servers!server=alice/waiide"]],
  ])("that may do %s is deleted at once, and nothing is made of it", async (_what, minted) => {
    fake.minted = minted;
    await expect(companions().mint("view", 60, "")).rejects.toMatchObject({ code: "HUB_LISTING" });
    expect([...fake.tokens]).toEqual([]);
  });

  it("is not made where the hub is down", async () => {
    fake.isDown = true;
    await expect(companions().mint("view", 60, "")).rejects.toMatchObject({ code: "HUB_LISTING" });
    await expect(companions().unavailable()).rejects.toMatchObject({ code: "HUB_LISTING" });
    expect(await companions().list()).toBeUndefined();
  });

  it("is deleted, but not another one that has its id by now", async () => {
    const tokens = companions();
    const { token: _token, expiresAt: _expiresAt, ...mine } = await tokens.mint("view", null, "");
    fake.tokens.set("t1", { id: "t1", note: "another's", created: "2026-02-02T00:00:00Z", expires_at: null });
    expect(await tokens.delete(mine)).toBe(true);
    expect(fake.tokens.has("t1")).toBe(true);
    fake.tokens.set("t1", { ...mine, expires_at: null });
    expect(await tokens.delete(mine)).toBe(true);
    expect(fake.tokens.has("t1")).toBe(false);
    expect(await tokens.delete(mine)).toBe(true);
    fake.isDown = true;
    expect(await tokens.delete(mine)).toBe(false);
  });
});

describe("R4: there are none", () => {
  it.each([
    ["before JupyterHub 3, whose tokens cannot be narrowed", { version: "2.3.1" }, "JupyterHub 2.3.1"],
    ["without “tokens!user”", { held: granted.slice(1) }, "tokens!user=alice"],
    ["for another user's tokens", { held: ["tokens!user=bob", ...granted.slice(1)] }, "tokens!user=alice"],
    ["without the scope of each level", { held: granted.slice(0, 3) }, "custom:waiide:terminal!server=alice/waiide"],
  ])("%s", async (_when, changes, reason) => {
    Object.assign(fake, changes);
    expect(await companions().unavailable()).toMatchObject({
      kind: "not granted",
      reason: expect.stringContaining(reason),
    });
  });

  it("if IDE programs can read the hub's token, unless an administrator permits it", async () => {
    expect(await companions({ exposed: "because" }).unavailable()).toEqual({ kind: "exposed", reason: "because" });
    expect(await companions({ exposed: "because", allowExposed: true }).unavailable()).toBeUndefined();
  });
});
