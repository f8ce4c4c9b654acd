import type { IncomingMessage } from "node:http";
import { beforeEach, describe, expect, it } from "vitest";
import { type Admission, Gate } from "../../../src/access/gate.ts";
import type { Route } from "../../../src/access/routes.ts";
import type { HubSettings } from "../../../src/config/hub-settings.ts";
import { PageProofs, pageProofHeader } from "../../../src/http/page-proof.ts";
import type { RequestContext } from "../../../src/http/request-context.ts";
import { decideAccess } from "../../../src/hub/access.ts";
import type { HubAnswer } from "../../../src/hub/client.ts";
import { HubAuthentication } from "../../../src/hub/hub-authentication.ts";
import { Identities } from "../../../src/hub/identities.ts";
import { Logins } from "../../../src/hub/oauth.ts";
import { Sessions } from "../../../src/hub/sessions.ts";
import { withoutOurCookies } from "../../../src/proxy/cookies.ts";
import { alice } from "../../support/hub-settings.ts";

const prefix = "/user/alice/waiide/";
const here = "access:servers!server=alice/waiide";
const hub: HubSettings = { ...alice, accessScopes: [here] };

const ide: Route = { kind: "ide", who: "owner", path: "/", mount: "/ide/" };
const api: Route = { kind: "api", who: "owner" };
const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

/** What the hub knows: tokens, and whose they are. */
const tokens: Record<string, object> = {
  alices: { name: "alice", scopes: [here] },
  bobs: { name: "bob", scopes: [] },
  shared: { name: "bob", scopes: [here] },
  roots: { name: "root", admin: true, scopes: ["access:servers"] },
};
let trouble: HubAnswer | undefined;
let asked: string[];
beforeEach(() => {
  trouble = undefined;
  asked = [];
});

const pages = new PageProofs(Buffer.alloc(32));

function setUp(changes: Partial<HubSettings> = {}, hubShareLevel: "none" | "terminal" = "none") {
  const settings = { ...hub, ...changes };
  const getUser = async (token = ""): Promise<HubAnswer> => {
    asked.push(token);
    if (trouble !== undefined) return trouble;
    const body = tokens[token];
    return body === undefined
      ? { kind: "refused", status: 403, reason: "Forbidden" }
      : { kind: "ok", status: 200, body, date: undefined };
  };
  const identities = new Identities({
    client: { getUser },
    decide: (user) => decideAccess(user, { hub: settings, hubShareLevel, allowAnyHubUser: false }),
    secondLook: 0,
  });
  const logins = new Logins(settings);
  const authentication = new HubAuthentication({ hub: settings, identities, sessions: new Sessions(), logins });
  const gate = new Gate({ hosts: undefined, allowedOrigins: [], pages, sharesOrigin: true, authentication });
  const admit = async (
    headers: Record<string, string>,
    more: { route?: Route; upgrade?: boolean; method?: string; query?: string } = {},
  ) => {
    const { route = ide, upgrade = false, method = "GET", query = context.query } = more;
    const request = requestWith(headers, method);
    return gate.admit(request, { ...context, query }, route, upgrade);
  };
  const login = (token: string) => authentication.openSession(token, 60, "http").split(";")[0] ?? "";
  return { authentication, admit, login };
}

const context: RequestContext = {
  id: "1",
  path: "/ide/",
  query: "?folder=/x&token=abc",
  baseUrl: prefix,
  scheme: "http",
  host: "hub.example",
  clientAddress: "192.0.2.1",
};

function requestWith(headers: Record<string, string>, method = "GET"): IncomingMessage {
  return { method, headers: { host: "hub.example", ...headers } } as unknown as IncomingMessage;
}

function outcome(admission: Admission): string {
  if (admission.kind === "refused") return `${admission.error.status} ${admission.error.code}`;
  return admission.kind === "admitted" ? `admitted, ${admission.credentials}` : admission.kind;
}

describe("a token in the address, as JupyterHub's HubAuth takes it", () => {
  const port: Route = { kind: "port", who: "owner", authority: "3000", path: "/ws", stripped: true };
  const socket = { upgrade: "websocket" };
  const long = { alices: "alices-token", bobs: "bobs-token-x", shared: "shared-token" };
  beforeEach(() => {
    for (const [name, token] of Object.entries(long)) tokens[token] = tokens[name] as object;
  });

  it("lets a WebSocket in, and leaves ports and an app's own parameters alone", async () => {
    const { admit } = setUp();
    const query = `?a=%2F&token=${long.alices}&token=apps-own-token`;
    const foreign = { ...socket, origin: "http://evil.example", authorization: "Basic YTpi" };
    const admission = await admit(foreign, { route: port, upgrade: true, query });
    // The app's own Authorization goes on.
    expect(admission).toMatchObject({ kind: "admitted", credentials: "none", query: "?a=%2F&token=apps-own-token" });
    expect(outcome(await admit(socket, { route: ide, upgrade: true, query }))).toBe("admitted, none");
  });

  it.each([
    ["what the hub does not know", "apps-own-token", "401 LOGIN_REQUIRED"],
    ["somebody else's", long.bobs, "403 HUB_ACCESS_DENIED"],
    ["whom the hub gives access, and we do not", long.shared, "403 HUB_SHARE_LEVEL"],
  ])("refuses %s", async (_whose, token, expected) => {
    const { admit } = setUp();
    expect(outcome(await admit(socket, { route: port, upgrade: true, query: `?token=${token}` }))).toBe(expected);
  });

  it("never judges a browser that is logged in", async () => {
    const { admit, login } = setUp();
    const headers = { ...socket, cookie: login("alices"), "sec-fetch-site": "same-origin" };
    for (const token of [long.bobs, "apps-own-token"]) {
      const admission = await admit(headers, { route: port, upgrade: true, query: `?token=${token}` });
      expect(outcome(admission)).toBe("admitted, cookie");
    }
  });

  it("counts only for WebSockets, unless JUPYTERHUB_ALLOW_TOKEN_IN_URL is on", async () => {
    const query = `?token=${long.alices}&x=1`;
    const strict = setUp();
    expect(outcome(await strict.admit({}, { route: api, query }))).toBe("401 LOGIN_REQUIRED");
    expect(outcome(await strict.admit({ ...socket }, { route: api, query, method: "POST" }))).toBe(
      "401 LOGIN_REQUIRED",
    );
    expect(outcome(await strict.admit(navigation, { query }))).toBe("login");

    const open = setUp({ allowTokenInUrl: true });
    expect(outcome(await open.admit({}, { route: api, query }))).toBe("admitted, none");
    const opened = await open.admit(navigation, { query });
    expect(opened).toMatchObject({ kind: "logged-in", location: `${prefix}ide/?x=1` });
    const cookie = opened.kind === "logged-in" ? (opened.cookies[0]?.split(";")[0] ?? "") : "";
    expect(outcome(await open.admit({ ...navigation, cookie }, { query: "" }))).toBe("admitted, cookie");
    expect(outcome(await open.admit(navigation, { query: "?token=apps-own-token" }))).toBe("login");
    expect(outcome(await open.admit(navigation, { query: `?token=${long.bobs}` }))).toBe("403 HUB_ACCESS_DENIED");
  });

  it("says that the hub does not answer, where it does not", async () => {
    const { admit } = setUp();
    trouble = { kind: "unreachable", reason: "down" };
    const admission = await admit(socket, { route: port, upgrade: true, query: `?token=${long.alices}` });
    expect(outcome(admission)).toBe("503 HUB_UNREACHABLE");
  });
});

describe("R1, R2: the gate behind a hub", () => {
  it.each([
    ["nobody, a person", navigation, "login"],
    ["nobody, a frame", { ...navigation, "sec-fetch-dest": "iframe" }, "401 LOGIN_REQUIRED"],
    ["nobody, a program", {}, "401 LOGIN_REQUIRED"],
    ["the owner's token", { authorization: "token alices" }, "admitted, authorization"],
    ["the owner's token as bearer", { authorization: "Bearer alices" }, "admitted, authorization"],
    ["an admin's token", { authorization: "token roots" }, "admitted, authorization"],
    ["another user's token", { authorization: "token bobs" }, "403 HUB_ACCESS_DENIED"],
    ["an unknown token, even of a person", { ...navigation, authorization: "token x" }, "401 HUB_TOKEN_REFUSED"],
    ["another scheme", { authorization: "Basic YTpi" }, "401 LOGIN_REQUIRED"],
    ["a cookie that we did not give", { cookie: "jupyterhub-user-alice-waiide=alices" }, "401 LOGIN_REQUIRED"],
  ])("%s", async (_who, headers, expected) => {
    const { admit } = setUp();
    expect(outcome(await admit(headers))).toBe(expected);
    const upgrade = outcome(await admit(headers, { upgrade: true }));
    expect(upgrade).toBe(expected === "login" ? "401 LOGIN_REQUIRED" : expected);
  });

  it("a session gets in by its cookie, whose origin counts", async () => {
    const { admit, login } = setUp();
    const cookie = login("alices");
    expect(outcome(await admit({ cookie }))).toBe("admitted, cookie");
    const page = { cookie, origin: "http://hub.example" };
    expect(outcome(await admit(page, { upgrade: true }))).toBe("403 PAGE_UNKNOWN");
    expect(outcome(await admit({ ...page, [pageProofHeader]: pages.of("owner") }, { upgrade: true }))).toBe(
      "admitted, cookie",
    );
    expect(outcome(await admit({ cookie, origin: "http://evil.example" }, { upgrade: true }))).toBe(
      "403 ORIGIN_REFUSED",
    );
    expect(outcome(await admit({ cookie, "sec-fetch-site": "same-site" }, { method: "POST" }))).toBe(
      "403 ORIGIN_REFUSED",
    );
    expect(outcome(await admit({ cookie: `${cookie}x` }))).toBe("401 LOGIN_REQUIRED");
    expect(outcome(await admit({ cookie: `jupyterhub-user-alice-waiide=forged; ${cookie}` }))).toBe("admitted, cookie");
  });

  it("a known user without access gets 403 with their name, and no login", async () => {
    const { admit, login } = setUp();
    const admission = await admit({ ...navigation, cookie: login("bobs") });
    expect(outcome(admission)).toBe("403 HUB_ACCESS_DENIED");
    expect(admission.kind === "refused" && `${admission.error.message} ${admission.error.action}`).toMatch(
      /bob.*alice/,
    );
  });

  it("a session whose token ended is sent to the login", async () => {
    const { admit, login } = setUp();
    const cookie = login("revoked");
    expect(outcome(await admit({ ...navigation, cookie }))).toBe("login");
    expect(outcome(await admit({ cookie }, { upgrade: true }))).toBe("401 LOGIN_REQUIRED");
  });

  it("an unreachable hub is named, and nobody is sent to a login that cannot succeed", async () => {
    const { admit, login } = setUp();
    trouble = { kind: "unreachable", reason: "connect ECONNREFUSED" };
    for (const headers of [{ cookie: login("alices") }, { authorization: "token alices" }]) {
      expect(outcome(await admit({ ...navigation, ...headers }))).toBe("503 HUB_UNREACHABLE");
    }
  });

  it("admins read the API and change nothing, guests do neither", async () => {
    const { admit } = setUp({}, "terminal");
    const admin = { authorization: "token roots" };
    expect(outcome(await admit(admin, { route: api }))).toBe("admitted, authorization");
    expect(outcome(await admit(admin, { route: api, method: "POST" }))).toBe("403 OWNER_ONLY");
    const guest = { authorization: "token shared" };
    expect(outcome(await admit(guest))).toBe("admitted, authorization");
    expect(outcome(await admit(guest, { method: "POST" }))).toBe("admitted, authorization");
    expect(outcome(await admit(guest, { route: api }))).toBe("403 OWNER_ONLY");
  });
});

describe("R4: recognizes whose Authorization header it is", () => {
  it.each([
    ["an app's own passes", "Bearer the.apps.own", undefined, "admitted, cookie"],
    ["Basic passes", "Basic YTpi", undefined, "admitted, cookie"],
    ["a token of the hub's does not", "token alices", undefined, "admitted, authorization"],
    ["nor one of somebody else", "token bobs", undefined, "admitted, authorization"],
    ["with the hub down an app's own passes", "Bearer the.apps.own", "down", "admitted, cookie"],
    [
      "with the hub down, what looks like the hub's does not",
      `token ${"a".repeat(32)}`,
      "down",
      "admitted, authorization",
    ],
  ])("%s", async (_what, authorization, state, expected) => {
    const { admit, login } = setUp();
    const cookie = login("alices");
    expect(outcome(await admit({ cookie }))).toBe("admitted, cookie");
    if (state === "down") trouble = { kind: "unreachable", reason: "down" };
    expect(outcome(await admit({ cookie, authorization }))).toBe(expected);
  });

  it("a cookie's request with a foreign origin is refused, whatever token it brings", async () => {
    const { admit, login } = setUp();
    const headers = { cookie: login("alices"), authorization: "token bobs", origin: "http://evil.example" };
    expect(outcome(await admit(headers, { method: "POST" }))).toBe("403 ORIGIN_REFUSED");
  });

  it("an app's own token is checked once", async () => {
    const { admit, login } = setUp();
    const headers = { cookie: login("alices"), authorization: "Bearer own" };
    for (let time = 0; time < 3; time += 1) await admit(headers);
    expect(asked.filter((token) => token === "own")).toHaveLength(1);
  });
});

describe("R4: token parameters", () => {
  const port: Route = { kind: "port", who: "owner", authority: "3000", path: "/", stripped: true };
  const queryOf = (admission: Admission) => (admission.kind === "admitted" ? admission.query : outcome(admission));

  it("an app's own passes after one check with the hub", async () => {
    const { admit, login } = setUp();
    const headers = { cookie: login("alices") };
    for (let time = 0; time < 3; time += 1) {
      const query = "?a=%20&token=apps-own-token&b";
      expect(queryOf(await admit(headers, { route: port, query }))).toBe(query);
      expect(queryOf(await admit(headers, { route: port, query, upgrade: true }))).toBe(query);
    }
    expect(asked.filter((token) => token === "apps-own-token")).toHaveLength(1);
  });

  it("ours do not: the server's own, a login's, and any that the hub knows", async () => {
    const { admit, login } = setUp({ apiToken: "the-server-itself" });
    tokens["bobs-own-token"] = tokens.bobs ?? {};
    const headers = { cookie: login("alices") };
    login("alices-other-login");
    for (const token of ["the-server-itself", "alices-other-login", "bobs-own-token", "bobs%2Down%2Dtoken"]) {
      const admission = await admit(headers, { route: port, query: `?a=1&token=${token}&token=apps-own-token` });
      expect(queryOf(admission), token).toBe("?a=1&token=apps-own-token");
    }
  });

  it("while the hub is silent, what may be its token is removed, and it is asked once", async () => {
    const { admit, login } = setUp();
    const headers = { cookie: login("alices") };
    expect(outcome(await admit(headers))).toBe("admitted, cookie");
    trouble = { kind: "unreachable", reason: "no answer" };
    asked = [];
    const like = "0123456789abcdef0123456789abcdef";
    expect(queryOf(await admit(headers, { route: port, query: `?token=${like}&token=vites-socket` }))).toBe(
      "?token=vites-socket",
    );
    expect(queryOf(await admit(headers, { route: port, query: "?token=another-apps" }))).toBe("?token=another-apps");
    expect(asked.filter((token) => token !== "alices").length).toBeLessThanOrEqual(2);
  });

  it("people without a login cause no request to the hub", async () => {
    const { admit } = setUp();
    expect(outcome(await admit({}, { route: port, query: "?token=made-up-by-strangers" }))).toBe("401 LOGIN_REQUIRED");
    expect(asked).toEqual([]);
  });
});

describe("R3: the login's cookies", () => {
  it("bind a login to its browser, keep an app's own token, and permit several tabs", async () => {
    const { admit, authentication } = setUp();
    const begun = [await admit(navigation), await admit(navigation)].map((one) => {
      if (one.kind !== "login") throw new Error("no login");
      return { id: new URL(one.location, "http://hub.example").searchParams.get("state") ?? "", cookies: one.cookies };
    });
    const header = begun.map(({ cookies }) => cookies[0]?.split(";")[0]).join("; ");
    for (const { id } of begun) {
      expect(authentication.resumeLogin(requestWith({ cookie: header }), id)).toMatchObject({
        next: `${prefix}ide/?folder=/x&token=abc`,
      });
      expect(authentication.resumeLogin(requestWith({}), id)).toBeUndefined();
    }
    const [first, second] = begun;
    const foreign = requestWith({ cookie: first?.cookies[0]?.split(";")[0] ?? "" });
    expect(authentication.resumeLogin(foreign, second?.id ?? "")).toBeUndefined();
  });

  it("a login that only the browser knows is stale; nobody else's is affected", () => {
    const { authentication } = setUp();
    const before = setUp().authentication.beginLogin(requestWith({}), context, prefix);
    const id = new URL(before.location, "http://hub.example").searchParams.get("state") ?? "";
    const cookie = before.cookies[0]?.split(";")[0] ?? "";
    expect(authentication.resumeLogin(requestWith({ cookie }), id)).toBe("stale");
    expect(authentication.resumeLogin(requestWith({}), id)).toBeUndefined();
  });

  it("are cleared when there are too many of them", () => {
    const { authentication } = setUp();
    const names = Array.from({ length: 8 }, (_, index) => `jupyterhub-user-alice-waiide-oauth-state-${index}=x`);
    const { cookies } = authentication.beginLogin(requestWith({ cookie: names.join("; ") }), context, prefix);
    expect(cookies).toHaveLength(9);
    expect(cookies.filter((cookie) => cookie.includes("Max-Age=0"))).toHaveLength(8);
  });

  it.each([
    [
      "plain",
      {},
      "http",
      /^jupyterhub-user-alice-waiide=[\w-]{43}; Max-Age=60; Path=\/user\/alice\/waiide\/; HttpOnly; SameSite=Lax$/,
    ],
    ["https", {}, "https", /; Secure; SameSite=Lax$/],
    [
      "__Host-",
      { cookieHostPrefix: true },
      "http",
      /^__Host-jupyterhub-user-alice-waiide=\S+; Max-Age=60; Path=\/; .*; Secure; SameSite=Lax$/,
    ],
    [
      "with options",
      { cookieOptions: { secure: true, sameSite: "None", ignored: [] } },
      "http",
      /; Secure; SameSite=None$/,
    ],
    ["of a client with another name", { clientId: "service x" }, "http", /^jupyterhub-service%20x=/],
  ] as [string, Partial<HubSettings>, "http" | "https", RegExp][])("%s", (_what, changes, scheme, expected) => {
    const { authentication } = setUp(changes);
    const cookie = authentication.openSession("alices", 60, scheme);
    expect(cookie).toMatch(expected);
    expect(cookie).not.toContain("alices");
    // R4: none of ours reaches a backend.
    expect(withoutOurCookies(cookie.split(";")[0] ?? "")).toBe("");
    const state = authentication.beginLogin(requestWith({}), { ...context, scheme }, prefix).cookies[0] ?? "";
    expect(withoutOurCookies(state.split(";")[0] ?? "")).toBe("");
  });
});

describe("R1: open sockets are checked again", () => {
  it("a login that ended at the hub or here is refused; a failing hub refuses none", async () => {
    const { admit, login, authentication } = setUp();
    const cookie = login("alices");
    const admission = await admit({ cookie });
    if (admission.kind !== "admitted" || admission.recheck === undefined) throw new Error("nothing to check");
    expect(await admission.recheck()).toBe("ok");
    trouble = { kind: "unreachable", reason: "down" };
    expect(await admission.recheck()).toBe("ok");
    trouble = { kind: "refused", status: 403, reason: "Forbidden" };
    expect(await admission.recheck()).toBe("refused");
    trouble = undefined;
    expect(await admission.recheck()).toBe("ok");
    expect(authentication.closeSession(requestWith({ cookie }), "http")[0]).toContain("Max-Age=0");
    expect(await admission.recheck()).toBe("refused");
    expect(outcome(await admit({ cookie }))).toBe("401 LOGIN_REQUIRED");
  });
});
