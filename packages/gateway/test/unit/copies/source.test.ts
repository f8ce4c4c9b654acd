import { describe, expect, it } from "vitest";
import { readSource, returnAddress } from "../../../src/copies/source.ts";

const hub = { baseUrl: "/", host: "", publicUrl: undefined, servicePrefix: "/user/bob/" };
const deep = { ...hub, baseUrl: "/jupyter/", servicePrefix: "/jupyter/user/bob/lab/" };

describe("R30: where a copy may come from", () => {
  it("is a share's path on the own hub, whatever the user's and server's names", () => {
    expect(readSource("/user/ana/share/aB3_-x/", hub)).toMatchObject({ owner: "ana", path: "/user/ana/share/aB3_-x/" });
    expect(readSource("/user/ana/my-lab/share/x/", hub)).toMatchObject({ owner: "ana" });
    expect(readSource("/user/ana%20b%40c/share/x/", hub)).toMatchObject({ owner: "ana b@c" });
    expect(readSource("/jupyter/user/ana/share/x/", deep)).toMatchObject({ owner: "ana" });
  });

  it.each([
    "https://evil.example/user/ana/share/x/",
    "//evil.example/user/ana/share/x/",
    "/\\evil.example/user/ana/share/x/",
    "http:/user/ana/share/x/",
    "/user/ana@evil.example:80/../share/x/",
    "/user/../share/x/",
    "/user/%2e%2e/share/x/",
    "/user/ana/%2e%2e/share/x/",
    "/user/ana%2fb/share/x/",
    "/user/ana%5cb/share/x/",
    "/user/ana%00/share/x/",
    "/user/ana%zz/share/x/",
    "/user/ana/share/x",
    "/user/ana/share/x/../../y/",
    "/user/ana/share/x/?y",
    "/user/ana/share/x/#y",
    "/user/ana/a/b/share/x/",
    "/hub/api/user/ana/share/x/",
    "/user/ana/share//",
    "/user/ana/share/x y/",
    "/user/ana/share/x/\n",
    `/user/${"a".repeat(1_000)}/share/x/`,
    "",
  ])("is nothing else: %j", (from) => {
    expect(readSource(from, hub)).toBeTypeOf("string");
  });

  it("of another base is refused", () => {
    expect(readSource("/user/ana/share/x/", deep)).toBeTypeOf("string");
  });

  it("is the owner's host where each user has one, else the hub's", () => {
    const named = { ...hub, host: "https://hub.example" };
    expect(readSource("/user/ana/share/x/", named)).toMatchObject({ origin: "https://ana.hub.example" });
    for (const odd of ["ana.b", "a%40b", "Ana", "-ana"]) {
      expect(readSource(`/user/${odd}/share/x/`, named)).toMatchObject({ origin: "https://hub.example" });
    }
  });

  it("with a host for each user, may name that host, and no other", () => {
    const named = { ...hub, host: "https://hub.example:8443" };
    const path = "/user/ana/share/x/";
    expect(readSource(`https://u-ana--1.hub.example:8443${path}`, named)).toMatchObject({
      origin: "https://u-ana--1.hub.example:8443",
      path,
    });
    expect(readSource(`https://hub.example:8443${path}`, named)).toMatchObject({ origin: "https://hub.example:8443" });
    for (const other of [
      ...["http://ana.hub.example:8443", "https://ana.hub.example", "https://ana.hub.example:8443.evil"],
      ...["https://a.b.hub.example:8443", "https://evil.example", "https://x@hub.example:8443", "https://[::1]:8443"],
      ...["https://evilhub.example:8443", "https://.hub.example:8443"],
    ]) {
      expect([other, typeof readSource(`${other}${path}`, named)]).toEqual([other, "string"]);
    }
    expect(readSource(`https://ana.hub.example:8443${path}`, hub)).toBeTypeOf("string");
  });

  it("leads back to the own server", () => {
    expect(returnAddress(deep, "s1")).toBe("/jupyter/user/bob/lab/copy/return?state=s1");
    expect(returnAddress({ ...hub, host: "https://hub.example" }, "s1")).toBe(
      "https://hub.example/user/bob/copy/return?state=s1",
    );
  });
});
