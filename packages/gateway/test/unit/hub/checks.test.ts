import { describe, expect, it } from "vitest";
import type { HubSettings } from "../../../src/config/hub-settings.ts";
import { checkHub } from "../../../src/hub/checks.ts";
import type { HubAnswer } from "../../../src/hub/client.ts";
import type { CompanionTokens } from "../../../src/hub/companion-tokens.ts";
import { aliceOnSubdomain as hub } from "../../support/hub-settings.ts";

const now = Date.parse("2026-01-01T12:00:00Z");
const version = (text: string, secondsBehind = 0): HubAnswer => ({
  kind: "ok",
  status: 200,
  body: { version: text },
  date: new Date(now - secondsBehind * 1_000).toUTCString(),
});
const user = (name: string, scopes: string[] | undefined = ["users:activity!user=alice"]): HubAnswer => ({
  kind: "ok",
  status: 200,
  body: { kind: "user", name, ...(scopes === undefined ? {} : { scopes }) },
  date: undefined,
});
const down: HubAnswer = { kind: "unreachable", reason: "connect ECONNREFUSED" };

interface Given {
  changes?: Partial<HubSettings>;
  policy?: { hubShareLevel?: "none" | "terminal"; allowAnyHubUser?: boolean };
  companions?: Pick<CompanionTokens, "unavailable">;
  version?: HubAnswer;
  user?: HubAnswer;
}

async function findings({ changes, policy, companions, ...answers }: Given) {
  return checkHub(
    { ...hub, ...changes },
    { hubShareLevel: "none", allowAnyHubUser: false, ...policy },
    {
      getVersion: async () => answers.version ?? version("6.1.1"),
      getUser: async () => answers.user ?? user("alice"),
    },
    companions ?? { unavailable: async () => undefined },
    now,
  );
}

describe("what doctor says about the hub", () => {
  it("is eleven times fine where all is well", async () => {
    const all = await findings({});
    expect(all.filter(({ result }) => result !== "ok")).toEqual([]);
    expect(all.map(({ check }) => check)).toEqual([
      "hub variables",
      "hub",
      "hub clock",
      "hub token",
      "hub access",
      "hub callback",
      "hub cookies",
      "hub subdomains",
      "hub address",
      "hub shares",
      "hub share list",
    ]);
  });

  it.each([
    ["not granted", "ok"],
    ["exposed", "warning"],
  ] as const)("R4: says why shares are not listed at the hub: %s", async (kind, result) => {
    const companions = { unavailable: async () => ({ kind, reason: "because" }) };
    const finding = (await findings({ companions })).find(({ check }) => check === "hub share list");
    expect(finding).toMatchObject({ result, message: expect.stringContaining("because") });
  });

  it.each([
    ["a hub that is down", { version: down, user: down }, "hub", "problem", "ECONNREFUSED"],
    [
      "something else at its address",
      { version: { ...version("x"), body: {} } as HubAnswer },
      "hub",
      "problem",
      "not JupyterHub",
    ],
    ["a version never tried", { version: version("7.0.0") }, "hub", "warning", "7.0.0"],
    ["clocks apart", { version: version("6.1.1", 300) }, "hub clock", "warning", "300 s ahead of"],
    ["a clock behind", { version: version("6.1.1", -300) }, "hub clock", "warning", "300 s behind"],
    [
      "a dead token",
      { user: { kind: "refused", status: 403, reason: "Forbidden" } },
      "hub token",
      "problem",
      "does not know",
    ],
    ["another user's token", { user: user("bob") }, "hub token", "problem", "bob"],
    [
      "a token that cannot report activity",
      { user: user("alice", ["access:servers"]) },
      "hub token",
      "warning",
      "activity",
    ],
    [
      "no scopes on a hub that has them",
      { changes: { accessScopes: undefined } },
      "hub access",
      "warning",
      "did not say",
    ],
    ["an empty list of scopes", { changes: { accessScopes: [] } }, "hub access", "problem", "nobody"],
    [
      "a callback elsewhere",
      { changes: { oauthCallbackUrl: "/user/alice/oauth_callback" } },
      "hub callback",
      "problem",
      "returns to",
    ],
    [
      "cookies that browsers drop",
      { changes: { cookieOptions: { secure: false, sameSite: "None", ignored: [] } } },
      "hub cookies",
      "problem",
      "SameSite=None",
    ],
    [
      "secure cookies without https",
      { changes: { cookieHostPrefix: true, publicUrl: "http://hub.example/" } },
      "hub cookies",
      "problem",
      "__Host-",
    ],
    [
      "one origin for all",
      { changes: { host: "", oauthCallbackUrl: "/user/alice/waiide/oauth_callback" } },
      "hub subdomains",
      "warning",
      "share one origin",
    ],
    ["shares that let in", { policy: { hubShareLevel: "terminal" } }, "hub shares", "warning", "run anything"],
    ["everybody let in", { policy: { allowAnyHubUser: true } }, "hub shares", "warning", "every user"],
  ] as [string, Given, string, string, string][])("%s", async (_what, given, check, result, words) => {
    const finding = (await findings(given)).find((one) => one.check === check && one.result === result);
    expect(finding?.message).toContain(words);
    expect(finding?.action).toMatch(/\S/);
  });

  it("an old hub has no scopes, and that is fine", async () => {
    const all = await findings({
      changes: { accessScopes: undefined },
      version: version("1.5.1"),
      user: user("alice", undefined),
    });
    expect(all.filter(({ result }) => result !== "ok")).toEqual([]);
  });

  it("R4: the token itself is in none of it", async () => {
    for (const given of [{}, { user: user("bob") }, { version: down, user: down }]) {
      expect(JSON.stringify(await findings(given))).not.toContain(hub.apiToken);
    }
  });
});
