import { Backend } from "../../src/proxy/backend.ts";
import type { Forward } from "../../src/proxy/forward.ts";
import { backendRequestHeaders, browserResponseHeaders } from "../../src/proxy/headers.ts";

/** Where the backend of these requests is reached. */
export const prefix = "/user/alice/proxy/3000/";

export function forwardWith(changes: Partial<Forward> = {}): Forward {
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

/** Headers as pairs, without those about the client and the proxies on the way. */
export function sent(raw: string[], forward = forwardWith()): [string, string][] {
  return pairs(backendRequestHeaders(raw, forward)).filter(
    ([name]) => !/^(x-forwarded|forwarded|x-proxyc|via$)/i.test(name),
  );
}

/** Without Via, which every answer gets. */
export function received(raw: string[], forward: Forward = forwardWith(), keepTrailer = true): [string, string][] {
  return pairs(browserResponseHeaders(raw, forward, keepTrailer)).filter(([name]) => name !== "Via");
}

export function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((text, index) =>
    index % 2 === 0 ? [[text, raw[index + 1] as string] satisfies [string, string]] : [],
  );
}
