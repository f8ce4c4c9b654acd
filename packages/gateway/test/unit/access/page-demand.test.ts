import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { type Admission, Gate } from "../../../src/access/gate.ts";
import type { GuestVerdict } from "../../../src/access/guests.ts";
import { matchRoute } from "../../../src/access/routes.ts";
import { TokenAuthentication } from "../../../src/access/token-authentication.ts";
import { type PageHolder, PageProofs, pageProofHeader, splitProof } from "../../../src/http/page-proof.ts";
import type { RequestContext } from "../../../src/http/request-context.ts";
import type { StoredSession } from "../../../src/share/store/stored.ts";

const pages = new PageProofs(Buffer.alloc(32, 1));
const authentication = new TokenAuthentication("0123456789abcdef0123456789abcdef", 8070, "/");
const cookie = authentication.loginCookie("http").split(";")[0] ?? "";
const session = { id: "bobs", share: "abc" } as StoredSession;
const guests = {
  reading: undefined,
  owns: () => false,
  identify: (): GuestVerdict => ({ kind: "guest", session }),
  identifyCopy: (): GuestVerdict => ({ kind: "guest", session }),
  identifyGit: (): GuestVerdict => ({ kind: "guest", session }),
};

/** What a browser sends for what a page of the same origin does. */
const site = { "sec-fetch-site": "same-origin" };
const ways = {
  fetch: { ...site, "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
  "same-origin fetch": { ...site, "sec-fetch-mode": "same-origin", "sec-fetch-dest": "empty" },
  picture: { ...site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
  script: { ...site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" },
  "module or font": { ...site, "sec-fetch-mode": "cors", "sec-fetch-dest": "font" },
  frame: { ...site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
  object: { ...site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "object" },
  "service worker's navigation": { ...site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "empty" },
  "service worker's preload": {
    ...site,
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "service-worker-navigation-preload": "true",
  },
} as const;
const window = { ...site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const typed = { ...window, "sec-fetch-site": "none" };

interface Given {
  readonly method?: string;
  readonly upgrade?: boolean;
  readonly auth?: boolean;
}

async function ask(url: string, headers: Record<string, string>, { method = "GET", upgrade, auth = true }: Given = {}) {
  const gate = new Gate({
    hosts: undefined,
    allowedOrigins: [],
    pages,
    sharesOrigin: true,
    guests,
    authentication: auth ? authentication : undefined,
  });
  const own = auth ? { cookie, ...headers } : headers;
  const request = { method, headers: { host: "hub.example", ...own } } as unknown as IncomingMessage;
  const context: RequestContext = {
    id: "1",
    query: "",
    baseUrl: "/",
    scheme: "https",
    host: "hub.example",
    clientAddress: "192.0.2.1",
    ...splitProof(url),
  };
  return outcome(await gate.admit(request, context, matchRoute(context.path, "/ide/"), upgrade ?? false));
}

function outcome(admission: Admission): string {
  return admission.kind === "refused" ? admission.error.code : admission.kind;
}

const proof = (holder: PageHolder = "owner") => ({ [pageProofHeader]: pages.of(holder) });
const guestProof = proof("guest:bobs");

describe.each([
  ["a login", true],
  ["--auth none", false],
])("R5: another page on the same origin, with %s", (_what, auth) => {
  it.each(Object.entries(ways))("reads neither pages nor the API nor files: %s", async (_way, headers) => {
    for (const path of ["/ide/", "/proxy/8081/", "/share/abc/", "/share/abc/ide/", "/apps/", "/login", "/logout"]) {
      expect(await ask(path, headers, { auth }), path).toBe("PAGE_NOT_OPENED");
    }
    for (const path of [
      "/api/status",
      "/api/server/log",
      "/api/share/list",
      "/metrics",
      "/ide/vscode-remote-resource",
      "/ide/stable-c0ffee/vscode-remote-resource",
      "/ide/anything/else",
      "/share/abc/files/a.txt",
      "/share/abc/ide/vscode-remote-resource",
    ]) {
      expect(await ask(path, headers, { auth }), path).toBe("PAGE_UNKNOWN");
    }
  });

  it("posts nothing, opens no WebSocket", async () => {
    const origin = { origin: "https://hub.example" };
    for (const headers of [{ ...ways.fetch, ...origin }, { ...window, ...origin }, origin]) {
      for (const path of ["/api/share/create", "/ide/mint-key", "/ide/", "/share/abc/leave", "/api/server/stop"]) {
        expect(await ask(path, headers, { auth, method: "POST" }), path).toBe("PAGE_UNKNOWN");
      }
      for (const path of ["/ide/", "/ide/stable-c0ffee", "/share/abc/api/session", "/share/abc/ide/stable-c0ffee"]) {
        expect(await ask(path, headers, { auth, upgrade: true }), path).toBe("PAGE_UNKNOWN");
      }
    }
  });

  it("opens a window of ours, but none with an answer of the API", async () => {
    expect(await ask("/ide/", window, { auth })).toBe("admitted");
    expect(await ask("/share/abc/", window, { auth })).toBe("admitted");
    expect(await ask("/apps/", window, { auth })).toBe("admitted");
    expect(await ask("/api/status", window, { auth })).toBe("PAGE_UNKNOWN");
    expect(await ask("/ide/vscode-remote-resource", window, { auth })).toBe("PAGE_UNKNOWN");
    expect(await ask("/api/status", typed, { auth })).toBe("admitted");
  });

  it("finds public files and programs behind us as before", async () => {
    for (const path of ["/ide/stable-c0ffee/static/out/x.js", "/ide/waiide-page.js", "/ide/version", "/proxy/3000/x"]) {
      expect(await ask(path, ways.fetch, { auth }), path).toBe("admitted");
    }
    expect(await ask("/proxy/3000/x", ways.fetch, { auth, method: "POST" })).toBe("admitted");
  });
});

describe("R5: a page of ours", () => {
  it("shows its proof by a header or in the path", async () => {
    expect(await ask("/api/status", { ...ways.fetch, ...proof() })).toBe("admitted");
    expect(await ask("/api/ide/restart", { ...ways.fetch, ...proof() }, { method: "POST" })).toBe("admitted");
    const below = `/ide/~page-${pages.of("owner")}`;
    expect(await ask(`${below}/stable-c0ffee`, { origin: "https://hub.example" }, { upgrade: true })).toBe("admitted");
    expect(await ask(`${below}/stable-c0ffee/vscode-remote-resource`, ways.picture)).toBe("admitted");
  });

  it("proves nothing for somebody else's cookie, nor from another site", async () => {
    for (const other of [proof("guest:bobs"), proof("hub:admin:root"), { [pageProofHeader]: "" }]) {
      expect(await ask("/api/status", { ...ways.fetch, ...other })).toBe("PAGE_UNKNOWN");
    }
    expect(await ask("/share/abc/files/a", { ...ways.fetch, ...guestProof })).toBe("admitted");
    expect(await ask("/share/abc/files/a", { ...ways.fetch, ...proof("guest:carols") })).toBe("PAGE_UNKNOWN");
    const foreign = { ...ways.fetch, ...proof(), "sec-fetch-site": "same-site" };
    expect(await ask("/api/ide/restart", foreign, { method: "POST" })).toBe("ORIGIN_REFUSED");
  });

  it("demands nothing from clients that are not browsers", async () => {
    expect(await ask("/api/status", {})).toBe("admitted");
    expect(await ask("/ide/", { "sec-fetch-mode": "cors" })).toBe("admitted");
    expect(await ask("/ide/", {}, { upgrade: true })).toBe("admitted");
    const header = { authorization: "token 0123456789abcdef0123456789abcdef" };
    expect(await ask("/api/status", { ...ways.fetch, ...header })).toBe("admitted");
  });
});

describe("the proof in a path", () => {
  const own = "p".repeat(43);
  it.each([
    [`/ide/~page-${own}/stable/x`, "/ide/stable/x", own],
    [`/~page-${own}/stable/x`, "/stable/x", own],
    [`/proxy/8081/~page-${own}/x`, "/proxy/8081/x", own],
    [`/share/abc/~page-${own}/api/session`, "/share/abc/api/session", own],
    [`/share/abc/ide/~page-${own}/x`, "/share/abc/ide/x", own],
    [`/proxy/3000/~page-${own}/x`, `/proxy/3000/~page-${own}/x`, undefined],
    [`/apps/lab/~page-${own}/x`, `/apps/lab/~page-${own}/x`, undefined],
    [`/ide/~page-${own}`, `/ide/~page-${own}`, undefined],
    ["/ide/~page-short/x", "/ide/~page-short/x", undefined],
    [`/ide/x/~page-${own}/y`, `/ide/x/~page-${own}/y`, undefined],
  ])("%s", (path, rest, pageProof) => {
    expect(splitProof(path)).toEqual(pageProof === undefined ? { path: rest } : { path: rest, pageProof });
  });
});
