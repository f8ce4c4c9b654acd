import { describe, expect, test } from "vitest";
import { forwardWith, prefix, received, sent } from "../../support/forwarded-headers.ts";

describe("R4 cookies and tokens on the way in", () => {
  test.each([
    ["a=1; jupyterhub-user-alice=s; b=2", "a=1; b=2"],
    ["jupyterhub-session-id=s; b=2", "b=2"],
    ["a=1;  waiide-token=s", "a=1"],
    ['a="x y";b=1;;  c = 2 ;__Host-jupyterhub-user=s; a=again', 'a="x y";b=1;;  c = 2 ; a=again'],
    ["__Secure-waiide-abc=s", undefined],
    ["jupyterhub-x=1; waiide-y=2; jupyterhub-z", undefined],
    [
      'a=1;b="x=y";  jupyterhubby=1; my-jupyterhub-x=2; xwaiide-=3',
      'a=1;b="x=y";  jupyterhubby=1; my-jupyterhub-x=2; xwaiide-=3',
    ],
    ["_xsrf=2|abc; jupyterhub-a=1; é=ü", "_xsrf=2|abc; é=ü"],
    ["a=jupyterhub-user=1; b=waiide-x", "a=jupyterhub-user=1; b=waiide-x"],
    ["a=1; =jupyterhub-x=1", "a=1"],
  ])("%s → %s", (cookie, left) => {
    expect(sent(["Cookie", cookie])).toEqual(left === undefined ? [] : [["Cookie", left]]);
  });

  test("several Cookie headers are each cleaned", () => {
    const raw = ["Cookie", "a=1", "cookie", "waiide-x=1", "COOKIE", "b=2; jupyterhub-x=1"];
    expect(sent(raw)).toEqual([
      ["Cookie", "a=1"],
      ["COOKIE", "b=2"],
    ]);
  });

  test.each([
    ["authorization", []],
    ["cookie", [["authorization", "Basic eDp5"]]],
    ["none", [["authorization", "Basic eDp5"]]],
    [undefined, [["authorization", "Basic eDp5"]]],
  ] as const)("Authorization when our secret was in: %s", (credentials, left) => {
    const forward = credentials === undefined ? forwardWith() : forwardWith({ credentials });
    expect(sent(["authorization", "Basic eDp5"], forward)).toEqual(left);
  });
});

describe("R4 cookies on the way out", () => {
  test.each([
    ["a=1", "a=1"],
    ["a=1; Path=/", `a=1; Path=${prefix}`],
    ["a=1; path=/app; HttpOnly", `a=1; Path=${prefix}app; HttpOnly`],
    ["a=1;Path=/user/alice/proxy/3000/x; Secure", "a=1;Path=/user/alice/proxy/3000/x; Secure"],
    ["a=1; Path=/user/alice/proxy/3000", "a=1; Path=/user/alice/proxy/3000"],
    ["a=1; Path=/user/alice/proxy/30001", `a=1; Path=${prefix}user/alice/proxy/30001`],
    ["a=1; Path=/user/alice/", `a=1; Path=${prefix}`],
    ["a=1; Path=/user", `a=1; Path=${prefix}`],
    ["a=1; Path=//evil", `a=1; Path=${prefix}`],
    ["a=1; Path=/user/alice/proxy/3000/../..", `a=1; Path=${prefix}`],
    ["a=1; Path=relative; Path=", "a=1; Path=relative; Path="],
    ["a=1; Path=/x; Path=/", `a=1; Path=${prefix}x; Path=${prefix}`],
    ["a=1; Domain=.example.org; SameSite=Lax", "a=1; SameSite=Lax"],
    ["a=1; DOMAIN = x ; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
    ['a="x y"; Max-Age=5', 'a="x y"; Max-Age=5'],
    ["__Host-app=1; Path=/; Secure", `__Host-app=1; Path=${prefix}; Secure`],
    ["jupyterhub-user-alice=evil; Path=/", undefined],
    ["  waiide-x=1", undefined],
    ["__Host-jupyterhub-x=1; Path=/; Secure", undefined],
    ["__Secure-waiide-abc=1", undefined],
    ["=jupyterhub-x=1", undefined],
    ["jupyterhub-x", undefined],
  ])("Set-Cookie: %s → %s", (cookie, left) => {
    expect(received(["Set-Cookie", cookie])).toEqual(left === undefined ? [] : [["Set-Cookie", left]]);
  });

  test("with the prefix kept, a path outside becomes the prefix and one inside stays", () => {
    const forward = forwardWith({ prefixStripped: false });
    expect(received(["Set-Cookie", "a=1; Path=/app"], forward)).toEqual([["Set-Cookie", `a=1; Path=${prefix}`]]);
    expect(received(["Set-Cookie", `a=1; Path=${prefix}app`], forward)).toEqual([
      ["Set-Cookie", `a=1; Path=${prefix}app`],
    ]);
  });

  test.each([
    ["Clear-Site-Data", '"*"'],
    ["Strict-Transport-Security", "max-age=63072000"],
    ["Alt-Svc", 'h3=":443"'],
    ["NEL", "{}"],
    ["Report-To", "{}"],
  ])("%s, which speaks for the whole origin, is dropped", (name, value) => {
    expect(received([name, value, "X", "1"])).toEqual([["X", "1"]]);
  });

  test.each([
    ["/", prefix],
    ["/app/", `${prefix}app/`],
    [`${prefix}sub/`, `${prefix}sub/`],
    ["../../", prefix],
    [`${prefix}..%2f..`, `${prefix}..%2f..`],
    [`${prefix}%2e%2e/`, prefix],
    ["https://evil.example/", prefix],
  ])("Service-Worker-Allowed: %s → %s", (scope, left) => {
    expect(received(["Service-Worker-Allowed", scope])).toEqual([["Service-Worker-Allowed", left]]);
  });
});
