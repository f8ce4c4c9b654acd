import { expect, it } from "vitest";
import type { HubAnswer, HubRequest } from "../../../src/hub/client.ts";
import { HubShares } from "../../../src/hub/hub-shares.ts";

const ok = (body: unknown): HubAnswer => ({ kind: "ok", status: 200, body, date: undefined });
const refused = (status: number, reason: string): HubAnswer => ({ kind: "refused", status, reason });
const item = (scope: string) => ({ user: { name: "bob" }, group: null, scopes: [`${scope}!server=alice/waiide`] });

/** @param answers by method; the requests are kept */
function make(answers: Record<string, HubAnswer>, version = "6.1.1", token: string | undefined = "login") {
  const asked: (HubRequest & { method: string; path: string })[] = [];
  const request = async (method: string, path: string, more: HubRequest = {}) => {
    asked.push({ method, path, ...more });
    return answers[method] ?? ok({ items: [] });
  };
  const hub = { user: "alice", serverName: "waiide" };
  return { asked, shares: new HubShares({ client: { request, version }, hub, ownerToken: () => token }) };
}

it("R2: lets somebody log in at this server and nothing more, with the owner's login", async () => {
  const { shares, asked } = make({});
  expect(await shares.grant({ user: "bob" })).toEqual({ kind: "granted" });
  expect(asked.at(-1)).toEqual({
    method: "POST",
    path: "/shares/alice/waiide",
    token: "login",
    body: { user: "bob", scopes: ["access:servers!server=alice/waiide"] },
  });
});

it.each([
  ["who was let in before", { GET: ok({ items: [item("access:servers")] }) }, { kind: "had" }],
  ["who may start it only", { GET: ok({ items: [item("start:servers")] }) }, { kind: "granted" }],
  ["an unknown user", { POST: refused(400, "No such user: bob") }, { kind: "unknown" }],
  ["a hub that does not permit it", { POST: refused(403, "because") }, { kind: "refused", reason: "because" }],
])("%s", async (_what, answers: Record<string, HubAnswer>, expected) => {
  expect(await make(answers).shares.grant({ user: "bob" })).toEqual(expected);
});

it("hubs before 5, and owners who are not logged in, get a plain reason", async () => {
  const old = make({}, "4.1.6");
  expect(await old.shares.grant({ user: "bob" })).toMatchObject({
    reason: expect.stringContaining("JupyterHub 4.1.6"),
  });
  const nobody = new HubShares({
    client: { request: async () => ok({}), version: "6.1.1" },
    hub: { user: "alice", serverName: "" },
    ownerToken: () => undefined,
  });
  expect(await nobody.grant({ user: "bob" })).toMatchObject({ reason: expect.stringContaining("not logged in") });
  expect(await nobody.end({ user: "bob" })).toBe(false);
  expect(old.asked).toEqual([]);
});

it("what is taken back is also removed where it was; a failing hub is asked again", async () => {
  expect(await make({ PATCH: ok({}) }).shares.end({ group: "team" })).toBe(true);
  expect(await make({ PATCH: refused(404, "No such server") }).shares.end({ group: "team" })).toBe(true);
  expect(await make({ PATCH: refused(403, "because") }).shares.end({ group: "team" })).toBe(false);
  expect(await make({ PATCH: { kind: "unreachable", reason: "down" } }).shares.end({ group: "team" })).toBe(false);
});
