import { describe, expect, it } from "vitest";
import { type AccessOptions, asHubUser, decideAccess, type HubUser } from "../../../src/hub/access.ts";
import { holdsOne } from "../../../src/hub/scopes.ts";

const modern: AccessOptions = {
  hub: {
    user: "alice",
    serverName: "waiide",
    accessScopes: ["access:servers!server=alice/waiide", "access:servers!user=alice"],
    adminAccess: false,
  },
  hubShareLevel: "none",
  allowAnyHubUser: false,
};
/** JupyterHub 1.x. */
const old: AccessOptions = { ...modern, hub: { ...modern.hub, accessScopes: undefined } };
const oldWithAdmins: AccessOptions = { ...old, hub: { ...old.hub, adminAccess: true } };
const terminal: AccessOptions = { ...modern, hubShareLevel: "terminal" };
const anyone: AccessOptions = { ...modern, allowAnyHubUser: true };

const here = "access:servers!server=alice/waiide";
const user = (name: string, scopes?: string[], more: Partial<HubUser> = {}): HubUser => ({
  kind: "user",
  name,
  admin: false,
  groups: [],
  scopes,
  ...more,
});

describe("R2 identifies people", () => {
  it.each([
    ["the owner", user("alice", [here]), modern, "owner"],
    ["the owner's token for all his servers", user("alice", ["access:servers!user=alice"]), modern, "owner"],
    ["the owner with a scope of the hub's for everything", user("alice", ["access:servers"]), modern, "owner"],
    ["the owner's token of another server", user("alice", ["access:servers!server=alice/other"]), modern, "no access"],
    ["the owner's token of the default server", user("alice", ["access:servers!server=alice/"]), modern, "no access"],
    ["the owner's token without the scope", user("alice", ["read:users!user=alice"]), modern, "no access"],
    ["the owner's token without scopes", user("alice", []), modern, "no access"],
    ["the owner's narrowed token, even where everybody may", user("alice", []), anyone, "no access"],
    ["an admin", user("root", ["access:servers"], { admin: true }), modern, "admin"],
    ["an admin's login here", user("root", [here], { admin: true }), modern, "admin"],
    ["an admin without the scope", user("root", ["list:users"], { admin: true }), modern, "no access"],
    ["a service with the scope", user("ci", ["access:servers"], { kind: "service" }), modern, "service"],
    ["a service without it", user("ci", ["list:users"], { kind: "service", admin: true }), modern, "no access"],
    ["a service named like the owner", user("alice", [here], { kind: "service" }), modern, "service"],
    ["another user", user("bob", ["access:servers!user=bob"]), modern, "no access"],
    ["another user with a custom scope of his own", user("bob", ["custom:waiide:full!user=bob"]), modern, "no access"],
    [
      "another user whose own server has our server's name",
      user("bob", ["access:servers!server=bob/waiide"]),
      modern,
      "no access",
    ],
    ["a group's scope, which is the hub's to resolve", user("bob", ["access:servers!group=team"]), modern, "no access"],
    ["a user with a hub share", user("bob", [here]), modern, "share level"],
    ["a user with a hub share, where that lets in", user("bob", [here]), terminal, "guest"],
    ["another user, where only shares let in", user("bob", ["access:servers!user=bob"]), terminal, "no access"],
    ["another user, where everybody may", user("bob", []), anyone, "guest"],
    ["a user with a hub share, where everybody may", user("bob", [here]), anyone, "guest"],
    ["a service without scope, where every user may", user("ci", [], { kind: "service" }), anyone, "no access"],
    ["a hub that tells no scopes of a user", user("alice", undefined), modern, "no access"],
    ["old hub: the owner", user("alice"), old, "owner"],
    ["old hub: another user, whose login the hub lets through", user("bob"), old, "no access"],
    ["old hub: an admin", user("root", undefined, { admin: true }), old, "no access"],
    ["old hub: an admin where admins may", user("root", undefined, { admin: true }), oldWithAdmins, "admin"],
    ["old hub: another user where admins may", user("bob"), oldWithAdmins, "no access"],
    ["old hub: a service named like the owner", user("alice", undefined, { kind: "service" }), old, "no access"],
    ["old hub: another user, where everybody may", user("bob"), { ...old, allowAnyHubUser: true }, "guest"],
    ["a hub that has scopes but told us none: the owner", user("alice", [here]), old, "owner"],
    ["a hub that has scopes but told us none: without", user("alice", []), old, "no access"],
  ] satisfies [string, HubUser, AccessOptions, string][])("%s", (_who, given, settings, expected) => {
    const access = decideAccess(given, settings);
    expect(access.kind === "admitted" ? access.identity.kind : access.reason).toBe(expected);
    expect(access.kind === "admitted" ? access.identity.name : access.name).toBe(given.name);
  });

  it("nobody but the owner is ever the owner", () => {
    for (const settings of [modern, old, oldWithAdmins, terminal, anyone]) {
      for (const name of ["bob", "Alice", "alice ", "alice/waiide"]) {
        for (const kind of ["user", "service"] as const) {
          for (const scopes of [undefined, [], [here], ["access:servers"]]) {
            const access = decideAccess({ kind, name, admin: true, groups: ["alice"], scopes }, settings);
            expect(access).not.toMatchObject({ identity: { kind: "owner" } });
          }
        }
      }
    }
  });
});

describe("scopes", () => {
  it.each([
    [["a!server=u/s"], ["a!server=u/s"], true],
    [["a!server=u/s"], ["a"], true],
    [["a!server=u/s"], ["a!user=u"], true],
    [["a!server=u/"], ["a!user=u"], true],
    [["a!server=u/s"], ["a!user=v"], false],
    [["a!server=u/s"], ["b"], false],
    [["a!user=u"], ["a!server=u/s"], false],
    [["a"], ["a!user=u"], false],
    [["a!user=u"], ["a!user="], false],
    [["a!server=u!x/s"], ["a!user=u!x"], true],
    [[], ["a"], false],
    [["a!x=1", "a!server=u/s"], ["a!server=u/s"], true],
  ])("of %j, %j has one: %s", (required, held, expected) => {
    expect(holdsOne(required, held)).toBe(expected);
  });
});

describe("the hub's answer", () => {
  it("is read, whatever else it holds", () => {
    const model = {
      kind: "user",
      name: "alice",
      admin: false,
      groups: ["a"],
      scopes: [here],
      session_id: null,
      last_activity: "x",
    };
    expect(asHubUser(model)).toEqual(user("alice", [here], { groups: ["a"] }));
    expect(asHubUser({ name: "alice" })).toEqual(user("alice"));
  });

  it.each([null, "alice", [], {}, { name: "" }, { name: 1 }, { name: "alice", scopes: "access:servers" }])(
    "%j is none",
    (body) => {
      expect(asHubUser(body)).toBeUndefined();
    },
  );
});
