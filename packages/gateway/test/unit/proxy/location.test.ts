import { describe, expect, test } from "vitest";
import { forwardWith, prefix, received } from "../../support/forwarded-headers.ts";

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
