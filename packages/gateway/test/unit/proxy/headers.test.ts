import { describe, expect, test } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { Backend } from "../../../src/proxy/backend.ts";
import type { Forward } from "../../../src/proxy/forward.ts";
import { backendRequestHeaders, browserResponseHeaders } from "../../../src/proxy/headers.ts";

const prefix = "/user/alice/proxy/3000/";

function forwardWith(changes: Partial<Forward> = {}): Forward {
  return {
    backend: new Backend("port 3000", { host: "127.0.0.1", port: 3000 }),
    target: "/",
    prefix,
    prefixStripped: true,
    context: {
      id: "1",
      path: "/proxy/3000/",
      query: "",
      baseUrl: "/user/alice/",
      scheme: "https",
      host: "hub.example.org",
      clientAddress: "192.0.2.7",
    },
    rewriteHtml: false,
    onError: () => {},
    ...changes,
  };
}

/** Headers as pairs, without those that say where the request came from, and through whom. */
function sent(raw: string[], forward = forwardWith()): [string, string][] {
  return pairs(backendRequestHeaders(raw, forward)).filter(
    ([name]) => !/^(x-forwarded|forwarded|x-proxyc|via$)/i.test(name),
  );
}

/** Without Via, which every answer gets. */
function received(raw: string[], forward: Forward = forwardWith(), keepTrailer = true): [string, string][] {
  return pairs(browserResponseHeaders(raw, forward, keepTrailer)).filter(([name]) => name !== "Via");
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((text, index) =>
    index % 2 === 0 ? [[text, raw[index + 1] as string] satisfies [string, string]] : [],
  );
}

describe("hop-by-hop headers (RFC 9110 §7.6.1)", () => {
  test("of the browser do not reach the backend, its own do, in order and spelling", () => {
    const raw = [
      ...["Host", "hub.example.org", "connection", "keep-alive, X-Session-Hop", "Keep-Alive", "timeout=5"],
      ...["Proxy-Connection", "keep-alive", "Proxy-Authorization", "Basic eDp5", "Transfer-Encoding", "chunked"],
      ...["Upgrade", "h2c", "HTTP2-Settings", "AAMAAABk", "Trailer", "X-Sum", "Expect", "100-continue"],
      ...["X-Session-Hop", "1", "aCCept", "*/*", "X-Twice", "1", "X-Twice", "2", "Origin", "https://hub.example.org"],
    ];
    expect(sent([...raw, "Connection", "HTTP2-Settings"])).toEqual([
      ["Host", "hub.example.org"],
      ["aCCept", "*/*"],
      ["X-Twice", "1"],
      ["X-Twice", "2"],
      ["Origin", "https://hub.example.org"],
    ]);
  });

  test("Connection cannot name what every message needs", () => {
    const raw = [
      "Host",
      "h",
      "Connection",
      "Host, Content-Length, Cookie, Origin, close",
      "Content-Length",
      "3",
      "Cookie",
      "a=1",
    ];
    expect(sent(raw).map(([name]) => name)).toEqual(["Host", "Content-Length", "Cookie"]);
  });

  test("Connection cannot take away the forwarded headers that we set", () => {
    const raw = backendRequestHeaders(["Connection", "X-Forwarded-For, X-Forwarded-Prefix, Forwarded"], forwardWith());
    expect(raw).toContain("X-Forwarded-For");
    expect(raw).toContain("X-Forwarded-Prefix");
    expect(raw).toContain("Forwarded");
  });

  test.each([
    ["trailers", true],
    ["gzip;q=0.5, Trailers", true],
    ["gzip", false],
  ])("TE: %s", (value, kept) => {
    expect(sent(["TE", value])).toEqual(kept ? [["TE", "trailers"]] : []);
  });

  test("of the backend do not reach the browser", () => {
    const raw = [
      ...["Connection", "close, X-Hop", "Keep-Alive", "timeout=5", "X-Hop", "1", "Transfer-Encoding", "chunked"],
      ...["Proxy-Authenticate", "Basic", "Upgrade", "h2c", "X-Kept", "ä", "Server", "x"],
    ];
    expect(received(raw)).toEqual([
      ["X-Kept", "ä"],
      ["Server", "x"],
    ]);
  });

  test("Trailer stays only where trailers can be sent", () => {
    expect(received(["Trailer", "X-Sum"], forwardWith(), true)).toEqual([["Trailer", "X-Sum"]]);
    expect(received(["Trailer", "X-Sum"], forwardWith(), false)).toEqual([]);
  });
});

describe("R5 forwarded-header spoofing", () => {
  const spoofed = [
    ...[
      "X-Forwarded-For",
      "6.6.6.6",
      "x-forwarded-proto",
      "ftp",
      "X-FORWARDED-HOST",
      "evil.example",
      "X-Forwarded-Port",
      "1",
    ],
    ...[
      "X-Forwarded-Prefix",
      "//evil",
      "X-Forwarded-Context",
      "/e",
      "X-ProxyContextPath",
      "/e",
      "Forwarded",
      "for=6.6.6.6",
    ],
    ...["X-Original-Host", "evil.example", "X-Forwarded-User", "root", "X-Forwarded-Ssl", "on", "X-Real-IP", "6.6.6.6"],
    ...["X-Scheme", "ftp", "X-Forwarded", "for=6.6.6.6"],
  ];

  test("client-sent copies are replaced by what the gateway knows", () => {
    const headers = pairs(backendRequestHeaders(["Host", "hub.example.org", ...spoofed], forwardWith()));
    expect(headers).toEqual([
      ["Host", "hub.example.org"],
      ["Via", "1.1 waiide"],
      ["X-Forwarded-For", "192.0.2.7"],
      ["X-Forwarded-Proto", "https"],
      ["X-Forwarded-Host", "hub.example.org"],
      ["Forwarded", 'for=192.0.2.7;host="hub.example.org";proto=https'],
      ["X-Forwarded-Prefix", "/user/alice/proxy/3000"],
      ["X-Forwarded-Context", "/user/alice/proxy/3000"],
      ["X-ProxyContextPath", "/user/alice/proxy/3000"],
    ]);
  });

  test.each([
    ["prefix kept", { prefixStripped: false }],
    ["served at the root", { prefix: "/" }],
  ])("no prefix is sent if there is none: %s", (_name, changes) => {
    const names = pairs(backendRequestHeaders(spoofed, forwardWith(changes))).map(([name]) => name);
    expect(names).toEqual(["Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"]);
  });

  test("IPv6 addresses and odd hosts are quoted as RFC 7239 requires", () => {
    const context = { ...forwardWith().context, clientAddress: "2001:db8::1", host: 'a";for="x' };
    const headers = backendRequestHeaders([], forwardWith({ context }));
    expect(headers[headers.indexOf("Forwarded") + 1]).toBe('for="[2001:db8::1]";host="a\\";for=\\"x";proto=https');
  });

  test("a second Host header is refused", () => {
    expect(() => backendRequestHeaders(["Host", "a", "host", "b"], forwardWith())).toThrow(GatewayError);
  });

  test("configured headers win over the browser's", () => {
    const forward = forwardWith({ requestHeaders: { "x-app-user": "alice", Accept: "text/plain" } });
    expect(sent(["X-App-User", "root", "accept", "*/*"], forward)).toEqual([
      ["x-app-user", "alice"],
      ["Accept", "text/plain"],
    ]);
  });
});

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

describe("Via (RFC 9110 §7.6.3)", () => {
  const via = (raw: readonly string[]) => pairs(raw).filter(([name]) => name.toLowerCase() === "via");

  test("says that we forwarded a request, and in which version of HTTP it came", () => {
    expect(via(backendRequestHeaders(["Host", "h"], forwardWith()))).toEqual([["Via", "1.1 waiide"]]);
    expect(via(backendRequestHeaders(["Host", "h"], forwardWith(), { version: "1.0" }))).toEqual([
      ["Via", "1.0 waiide"],
    ]);
  });

  test("keeps those before us, in order, and cannot be taken away by Connection", () => {
    const raw = ["Via", "1.0 first", "Connection", "Via, keep-alive", "via", "1.1 second (a, b)"];
    const expected = [["Via", "1.0 first,1.1 second (a, b), 1.1 waiide"]];
    expect(via(backendRequestHeaders(raw, forwardWith()))).toEqual(expected);
    expect(via(browserResponseHeaders(raw, forwardWith(), true))).toEqual(expected);
  });

  test("is on every answer", () => {
    expect(browserResponseHeaders([], forwardWith(), false)).toEqual(["Via", "1.1 waiide"]);
  });
});

describe("R6 Location cases", () => {
  const cases: [string, string][] = [
    ["/login", `${prefix}login`],
    ["/", prefix],
    ["/a?next=/b#c", `${prefix}a?next=/b#c`],
    ["/a%2Fb/@x/ü", `${prefix}a%2Fb/@x/ü`],
    ["relative", "relative"],
    ["../up", "../up"],
    ["?page=2", "?page=2"],
    ["#x", "#x"],
    ["", ""],
    ["https://hub.example.org/login", `${prefix}login`],
    ["HTTPS://Hub.Example.ORG:443/login?a=b#c", `${prefix}login?a=b#c`],
    ["https://hub.example.org", prefix],
    ["https://hub.example.org?page=2", `${prefix}?page=2`],
    ["https://hub.example.org#x", `${prefix}#x`],
    ["https://hub.example.org//other.example/x", `${prefix}/other.example/x`],
    ["//hub.example.org/login", `${prefix}login`],
    [`https://hub.example.org${prefix}login`, `https://hub.example.org${prefix}login`],
    ["https://hub.example.org/user/alice/proxy/3000", "https://hub.example.org/user/alice/proxy/3000"],
    ["https://hub.example.org/hub/login", "https://hub.example.org/hub/login"],
    ["//hub.example.org/hub/login", "//hub.example.org/hub/login"],
    ["http://hub.example.org/login", "http://hub.example.org/login"],
    ["ws://hub.example.org/login", "ws://hub.example.org/login"],
    ["https://hub.example.org:8443/login", "https://hub.example.org:8443/login"],
    ["https://hub.example.org.evil.example/login", "https://hub.example.org.evil.example/login"],
    ["https://hub.example.org@evil.example/login", "https://hub.example.org@evil.example/login"],
    ["https://evil.example@hub.example.org/login", "https://evil.example@hub.example.org/login"],
    ["https://@hub.example.org/login", "https://@hub.example.org/login"],
    ["https://evil.example\\@hub.example.org/login", "https://evil.example\\@hub.example.org/login"],
    ["https:/hub.example.org/login", "https:/hub.example.org/login"],
    ["https:\\\\hub.example.org/login", "https:\\\\hub.example.org/login"],
    ["/\\hub.example.org/login", "/\\hub.example.org/login"],
    ["///hub.example.org/login", "///hub.example.org/login"],
    ["http://localhost:3000/login", "http://localhost:3000/login"],
    ["//other.example/x", "//other.example/x"],
    ["/\\other.example/x", "/\\other.example/x"],
    [`${prefix}login`, `${prefix}login`],
    ["/user/alice/proxy/3000", "/user/alice/proxy/3000"],
    ["/user/alice/ide/", "/user/alice/ide/"],
    ["/user/alicette/", `${prefix}user/alicette/`],
    ["/hub/api/oauth2/authorize?client_id=x", "/hub/api/oauth2/authorize?client_id=x"],
    ["/hub", "/hub"],
    ["/hubble/", `${prefix}hubble/`],
  ];

  test.each(cases)("%s → %s", (location, expected) => {
    expect(received(["location", location])).toEqual([["location", expected]]);
    expect(received(["Content-Location", location])).toEqual([["Content-Location", expected]]);
  });

  test.each(cases)("nothing is rewritten where the prefix is kept: %s", (location) => {
    expect(received(["Location", location], forwardWith({ prefixStripped: false }))).toEqual([["Location", location]]);
  });

  test("the hub's prefix follows the setting; without a hub /hub/ is an app's own path", () => {
    const behind = forwardWith({ hubPrefix: "/jupyter/hub/" });
    expect(received(["Location", "/jupyter/hub/login"], behind)).toEqual([["Location", "/jupyter/hub/login"]]);
    expect(received(["Location", "/hub/x"], behind)).toEqual([["Location", `${prefix}hub/x`]]);
    expect(received(["Location", "/hub/x"], forwardWith({ hubPrefix: "" }))).toEqual([["Location", `${prefix}hub/x`]]);
  });

  test("a base URL of / does not make every path ours", () => {
    const context = { ...forwardWith().context, baseUrl: "/" };
    expect(received(["Location", "/login"], forwardWith({ context, prefix: "/ide/" }))).toEqual([
      ["Location", "/ide/login"],
    ]);
    expect(received(["Location", "/login"], forwardWith({ context, prefix: "/" }))).toEqual([["Location", "/login"]]);
  });

  test.each([
    ["http", "[::1]:8070", "http://[0:0:0:0:0:0:0:1]:8070/x"],
    ["http", "127.0.0.1:8070", "http://127.0.0.1:8070/x"],
    ["http", "localhost", "http://localhost:80/x"],
    ["http", "localhost:80", "http://localhost/x"],
    ["http", "LOCALHOST", "//localhost/x"],
  ] as const)(
    "R6 an absolute address on the origin that the backend was told: %s, %s, %s",
    (scheme, host, location) => {
      const context = { ...forwardWith().context, scheme, host };
      expect(received(["Location", location], forwardWith({ context }))).toEqual([["Location", `${prefix}x`]]);
      const https = { ...context, scheme: scheme === "http" ? "https" : "http" } as const;
      const left = location.startsWith("//") ? `${prefix}x` : location;
      expect(received(["Location", location], forwardWith({ context: https }))).toEqual([["Location", left]]);
    },
  );

  test("R6 with Host or X-Forwarded-* in the configuration, the backend gets those", () => {
    const behind = forwardWith({ requestHeaders: { host: "app.internal:9", "X-Forwarded-Proto": "http" } });
    expect(received(["Location", "http://app.internal:9/x"], behind)).toEqual([["Location", `${prefix}x`]]);
    expect(received(["Location", "http://hub.example.org/x"], behind)).toEqual([["Location", `${prefix}x`]]);
    for (const location of ["https://hub.example.org/x", "https://app.internal:9/x", "http://app.internal/x"]) {
      expect(received(["Location", location], behind)).toEqual([["Location", location]]);
    }
  });

  test("a page served under the host's own name is not redirected by an invalid host", () => {
    const context = { ...forwardWith().context, host: "" };
    expect(received(["Location", "https:///x"], forwardWith({ context }))).toEqual([["Location", "https:///x"]]);
  });

  test.each([
    ["5", "5"],
    ["0; url=https://hub.example.org/next", `0; url=${prefix}next`],
    ["0; url=/next", `0; url=${prefix}next`],
    ["0;URL='/next'", `0;URL='${prefix}next'`],
    ["3, /next", `3, ${prefix}next`],
    ["0; url=https://x.example/", "0; url=https://x.example/"],
    ["0; url=//x.example/", "0; url=//x.example/"],
  ])("Refresh: %s → %s", (value, expected) => {
    expect(received(["Refresh", value])).toEqual([["Refresh", expected]]);
  });
});
