import { describe, expect, it } from "vitest";
import type { HubUser } from "../../../src/hub/access.ts";
import { adminScope, decideVisit, mayManage } from "../../../src/hub-service/access.ts";

const access = ["access:services", "access:services!service=waiide"];
const here = "access:services!service=waiide";

function visit(scopes: readonly string[] | undefined, changes: Partial<HubUser> = {}): string {
  return decideVisit({ kind: "user", name: "root", admin: false, groups: [], scopes, ...changes }, access).kind;
}

describe("R2: users of the administrator's page", () => {
  it.each([
    ["the scope and access to the service", [adminScope, here], "admitted"],
    ["the scope and access to all services", [adminScope, "access:services"], "admitted"],
    ["the scope for a part of the hub", [`${adminScope}!group=class`, here], "admitted"],
    ["access to services alone", ["access:services"], "denied"],
    ["the scope alone", [adminScope], "denied"],
    ["a scope that begins alike", [`${adminScope}istrator`, here], "denied"],
    ["what administrators of a hub have", ["admin:users", "admin:servers", "access:servers", here], "denied"],
    ["a hub without scopes", undefined, "denied"],
  ])("%s: %s", (_what, scopes, expected) => {
    expect(visit(scopes)).toBe(expected);
    expect(visit(scopes, { admin: true })).toBe(expected);
    // A service has no browser to log in with.
    expect(visit(scopes, { kind: "service" })).toBe("denied");
  });
});

describe("R2: which servers somebody may manage", () => {
  const server = { user: "alice", name: "waiide", groups: ["class"] };

  it.each([
    [adminScope, true],
    [`${adminScope}!user=alice`, true],
    [`${adminScope}!server=alice/waiide`, true],
    [`${adminScope}!group=class`, true],
    [`${adminScope}!user=bob`, false],
    [`${adminScope}!user=ali`, false],
    [`${adminScope}!server=alice/`, false],
    [`${adminScope}!server=alice/waiide2`, false],
    [`${adminScope}!group=other`, false],
    [`${adminScope}!service=waiide`, false],
    ["admin:servers", false],
  ])("%s: %s", (scope, expected) => {
    expect(mayManage([scope], server)).toBe(expected);
  });

  it("the default server has the empty name, which is not everybody's", () => {
    const byDefault = { user: "alice", name: "", groups: [] };
    expect(mayManage([`${adminScope}!server=alice/`], byDefault)).toBe(true);
    expect(mayManage([`${adminScope}!server=alice/waiide`], byDefault)).toBe(false);
    expect(mayManage([], byDefault)).toBe(false);
  });
});
