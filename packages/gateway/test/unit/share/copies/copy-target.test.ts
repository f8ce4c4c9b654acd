import { expect, it } from "vitest";
import { copyTarget } from "../../../../src/share/copies/copy-target.ts";

const hub = { baseUrl: "/", origins: ["https://hub.example"], parent: undefined };
const subdomains = {
  baseUrl: "/",
  origins: ["https://ana.hub.example:8443", "https://hub.example:8443"],
  parent: "https://hub.example:8443",
};

it.each([
  ["/user/bob/copy/return", hub, "bob"],
  ["/user/bob/copy/return?state=a%2Fb", hub, "bob"],
  ["/user/bob/work/copy/return?state=x", hub, "bob"],
  ["/user/b%C3%B6b%40x/copy/return", hub, "böb@x"],
  ["https://hub.example/user/bob/copy/return", hub, "bob"],
  ["https://bob.hub.example:8443/user/bob/copy/return?state=x", subdomains, "bob"],
  ["/jupyter/user/bob/copy/return", { ...hub, baseUrl: "/jupyter/" }, "bob"],
] as const)("R30: a copy may go to %s", (to, at, user) => {
  expect(copyTarget(to, at, null)).toEqual({ to, user });
  expect(copyTarget(to, at, user).user).toBe(user);
});

it.each([
  ["another host", "https://evil.example/user/bob/copy/return"],
  ["another scheme", "http://hub.example/user/bob/copy/return"],
  ["another port", "https://hub.example:444/user/bob/copy/return"],
  ["a subdomain, where users have none", "https://bob.hub.example/user/bob/copy/return"],
  ["an address of IPv6", "https://[::1]/user/bob/copy/return"],
  ["user info", "https://hub.example@evil.example/user/bob/copy/return"],
  ["a name and password", "https://a:b@hub.example/user/bob/copy/return"],
  ["two slashes", "//hub.example/user/bob/copy/return"],
  ["a backslash", "/\\evil.example/user/bob/copy/return"],
  ["a step up", "/user/bob/../eve/copy/return"],
  ["an encoded step up", "/user/bob/%2e%2e/copy/return"],
  ["an encoded slash", "/user/bob%2feve/copy/return"],
  ["a fragment", "/user/bob/copy/return#x"],
  ["a script", "javascript:alert(1)//user/bob/copy/return"],
  ["a line break", "/user/bob/\n/copy/return"],
  ["a damaged name", "/user/%ff/copy/return"],
  ["another page", "/user/bob/copy/returns"],
  ["a deeper page", "/user/bob/a/b/copy/return"],
  ["the hub", "/hub/user/bob/copy/return"],
  ["no name", "/user//copy/return"],
  ["capitals in the host", "https://HUB.example/user/bob/copy/return"],
])("R30: no copy goes to %s", (_what, to) => {
  expect(() => copyTarget(to, hub, null)).toThrow(expect.objectContaining({ code: "SHARE_INVALID" }));
});

it.each([
  "https://bob.evil.example:8443/user/bob/copy/return",
  "https://a.b.hub.example:8443/user/bob/copy/return",
  "https://.hub.example:8443/user/bob/copy/return",
  "https://bob.hub.example/user/bob/copy/return",
])("R30: at a hub with subdomains, no copy goes to %s", (to) => {
  expect(() => copyTarget(to, subdomains, null)).toThrow(expect.objectContaining({ code: "SHARE_INVALID" }));
});

it("R30: a guest whom the hub knows sends copies to their own server alone", () => {
  expect(() => copyTarget("/user/bob/copy/return", hub, "carl")).toThrow(/somebody else/);
  expect(() => copyTarget("/user/bob/copy/return", undefined, null)).toThrow(/no hub/);
});
