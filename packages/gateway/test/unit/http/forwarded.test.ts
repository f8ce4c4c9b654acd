import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { TrustedProxies } from "../../../src/http/forwarded.ts";

function request(remoteAddress: string, headers: Record<string, string>, encrypted = false): IncomingMessage {
  return { headers, socket: { remoteAddress, encrypted } } as unknown as IncomingMessage;
}

describe("R5: whose forwarded headers count", () => {
  const proxies = new TrustedProxies(["10.0.0.0/8", "::1"]);

  it.each([
    ["nobody's", "192.0.2.9", { "x-forwarded-proto": "https", "x-forwarded-for": "1.2.3.4" }, "http", "192.0.2.9"],
    [
      "a trusted proxy's",
      "10.1.2.3",
      { "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1" },
      "https",
      "192.0.2.1",
    ],
    ["one as an IPv4-mapped address", "::ffff:10.1.2.3", { "x-forwarded-proto": "https" }, "https", "::ffff:10.1.2.3"],
    ["the first of several schemes", "10.1.2.3", { "x-forwarded-proto": "https,http" }, "https", "10.1.2.3"],
    ["no nonsense", "10.1.2.3", { "x-forwarded-proto": "javascript" }, "http", "10.1.2.3"],
    [
      "the nearest stranger of a chain",
      "10.1.2.3",
      { "x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.9.9.9" },
      "http",
      "192.0.2.1",
    ],
    ["IPv6", "::1", { "x-forwarded-for": "2001:db8::1" }, "http", "2001:db8::1"],
  ] as const)("%s", (_name, peer, headers, scheme, clientAddress) => {
    expect(proxies.originationOf(request(peer, headers))).toEqual({ scheme, clientAddress });
  });

  it("takes the connection's own scheme where nobody is trusted", () => {
    const none = new TrustedProxies([]);
    expect(none.originationOf(request("127.0.0.1", { "x-forwarded-proto": "http" }, true)).scheme).toBe("https");
  });

  it.each([
    ["the hub's proxy alone", { "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1" }, "https", "192.0.2.1"],
    ["TLS in front of it", { "x-forwarded-proto": "https,http" }, "https", "172.17.0.2"],
    [
      "a client that forged a hop",
      { "x-forwarded-proto": "http", "x-forwarded-for": "6.6.6.6, 192.0.2.1" },
      "http",
      "192.0.2.1",
    ],
    ["a proxy before it that is trusted", { "x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.0.0.1" }, "http", "192.0.2.1"],
    ["nothing said", {}, "http", "172.17.0.2"],
  ] as const)("behind a hub: %s", (_what, headers, scheme, clientAddress) => {
    const behindHub = new TrustedProxies(["10.0.0.0/8"], true);
    expect(behindHub.originationOf(request("172.17.0.2", headers))).toEqual({ scheme, clientAddress });
  });
});

describe("a proxy that is not trusted is named, once", () => {
  const setUp = (trusted: string[], behindHub: boolean) => {
    const named: string[] = [];
    return { named, proxies: new TrustedProxies(trusted, behindHub, (address) => named.push(address)) };
  };

  it("standalone: a proxy that is not trusted", () => {
    const { named, proxies } = setUp([], false);
    proxies.originationOf(request("10.0.0.7", {}));
    expect(proxies.untrusted).toBeUndefined();
    for (let count = 0; count < 2; count += 1)
      proxies.originationOf(request("10.0.0.7", { "x-forwarded-for": "192.0.2.1" }));
    expect([proxies.untrusted, named]).toEqual(["10.0.0.7", ["10.0.0.7"]]);
  });

  it("behind a hub: an ingress with a private address in front of the hub's proxy", () => {
    const chain = { "x-forwarded-for": "203.0.113.5, 10.0.0.7" };
    const { named, proxies } = setUp([], true);
    expect(proxies.originationOf(request("127.0.0.1", chain)).clientAddress).toBe("10.0.0.7");
    expect(named).toEqual(["10.0.0.7"]);
    const trusting = setUp(["10.0.0.0/8"], true);
    expect(trusting.proxies.originationOf(request("127.0.0.1", chain)).clientAddress).toBe("203.0.113.5");
    expect(trusting.named).toEqual([]);
  });

  it("behind a hub: a browser that sends such a header itself is no proxy", () => {
    const { named, proxies } = setUp([], true);
    proxies.originationOf(request("127.0.0.1", { "x-forwarded-for": "6.6.6.6, 203.0.113.5" }));
    proxies.originationOf(request("127.0.0.1", { "x-forwarded-for": "10.0.0.9" }));
    expect(named).toEqual([]);
  });
});
