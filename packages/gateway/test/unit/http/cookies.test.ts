import { parseSetCookie } from "cookie";
import { describe, expect, it, test } from "vitest";
import { cookieNames, cookiesNamed, setCookie } from "../../../src/http/cookies.ts";

const own = { name: "waiide-login-8070", value: "1.x_y-z", path: "/user/alice/", life: 60, secure: true } as const;

describe("R15: a cookie of ours", () => {
  it("is never seen by scripts, and comes from no other site unless that is set", () => {
    expect(parseSetCookie(setCookie(own))).toEqual({
      name: "waiide-login-8070",
      value: "1.x_y-z",
      maxAge: 60,
      path: "/user/alice/",
      httpOnly: true,
      secure: true,
      sameSite: "lax",
    });
    expect(setCookie({ ...own, sameSite: "None" })).toContain("; SameSite=None");
    expect(setCookie({ ...own, sameSite: "Strict" })).toContain("; SameSite=Strict");
    expect(setCookie({ ...own, secure: false })).not.toContain("Secure");
  });

  it("is forgotten with a life of 0", () => {
    expect(setCookie({ ...own, value: "", life: 0 })).toMatch(/^waiide-login-8070=; Max-Age=0; Path=/);
  });

  it.each([
    ["a name", { name: "a;b" }],
    ["a name", { name: "a=b" }],
    ["a value", { value: "1; Domain=example.org" }],
    ["a value", { value: "1\r\nX: y" }],
    ["a path", { path: "/; Domain=example.org" }],
    ["a path", { path: "/\u00e9/" }],
    ["a life", { life: Number.NaN }],
  ])("cannot have %s that would say more than it should: %j", (_what, changes) => {
    expect(() => setCookie({ ...own, ...changes })).toThrow(TypeError);
  });
});

test("all values of a cookie's name are found, of that name alone", () => {
  const header = 'a=1; ab=2;a=3;  a="4;5"; b=a=6';
  expect(cookiesNamed("a", header)).toEqual(["1", "3", '"4']);
  expect(cookiesNamed("c", header)).toEqual([]);
  expect(cookiesNamed("a", undefined)).toEqual([]);
});

test("the names of all cookies are found", () => {
  expect(cookieNames("a=1; b=2=3;c")).toEqual(["a", "b", "c"]);
  expect(cookieNames(undefined)).toEqual([]);
});
