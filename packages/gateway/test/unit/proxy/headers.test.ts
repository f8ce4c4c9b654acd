import { describe, expect, test } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { backendRequestHeaders, browserResponseHeaders } from "../../../src/proxy/headers.ts";
import { forwardWith, pairs, received, sent } from "../../support/forwarded-headers.ts";

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
