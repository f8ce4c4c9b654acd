import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { type Admission, Gate } from "../../../src/access/gate.ts";
import type { Route } from "../../../src/access/routes.ts";
import { TokenAuthentication } from "../../../src/access/token-authentication.ts";
import { AllowedHosts } from "../../../src/http/hosts.ts";
import { PageProofs, pageProofHeader } from "../../../src/http/page-proof.ts";
import type { RequestContext } from "../../../src/http/request-context.ts";
import { Webviews } from "../../../src/webviews/webviews.ts";

const token = "0123456789abcdef0123456789abcdef";
const base = "/user/alice/";
const owner: Route = { kind: "ide", who: "owner", path: "/", mount: "/ide/" };
const anyone: Route = { kind: "api", who: "anyone" };

interface Given {
  method?: string;
  headers?: Record<string, string>;
  path?: string;
  query?: string;
  route?: Route;
  upgrade?: boolean;
  client?: string;
}

const pages = new PageProofs(Buffer.alloc(32, 1));

function setUp(authentication?: TokenAuthentication, allowedOrigins: readonly string[] = []) {
  const hosts = new AllowedHosts("127.0.0.1", []);
  const webviews = new Webviews("auto", base);
  const gate = new Gate({ hosts, allowedOrigins, pages, authentication, webviews, hubPath: "/hub/" });
  return async ({
    method = "GET",
    headers = {},
    path = "/ide/",
    query = "",
    route = owner,
    upgrade = false,
    client = "192.0.2.1",
  }: Given = {}) => {
    const host = headers.host ?? "localhost:8070";
    const request = { method, headers: { host, ...headers } } as unknown as IncomingMessage;
    return gate.admit(request, contextOf({ path, query, host, clientAddress: client }), route, upgrade);
  };
}

function contextOf(given: Partial<RequestContext>): RequestContext {
  const usual = {
    id: "1",
    path: "/",
    query: "",
    baseUrl: base,
    scheme: "http",
    host: "",
    clientAddress: "192.0.2.1",
  } as const;
  return { ...usual, ...given };
}

function withToken() {
  const authentication = new TokenAuthentication(token, 8070, base);
  const cookie = authentication.loginCookie("http").split(";")[0] ?? "";
  return { admit: setUp(authentication), authentication, cookie };
}

function outcome(admission: Admission): string {
  return admission.kind === "refused" ? admission.error.code : admission.kind;
}

const websocket = {
  origin: "http://localhost:8070",
  "sec-fetch-site": "same-origin",
  "sec-fetch-mode": "websocket",
  "sec-fetch-dest": "websocket",
};
const proven = { [pageProofHeader]: pages.of("owner") };

describe("R18: hosts of webviews", () => {
  const webview: Route = { kind: "webview", who: "anyone", path: "/stable-0/index.html" };
  const host = "probe.webview.localhost:8070";

  it("answer anyone with webview files, and nobody with anything else", async () => {
    const { admit, cookie } = withToken();
    const secrets = [{}, { cookie }, { authorization: `token ${token}` }];
    for (const headers of secrets) {
      expect(outcome(await admit({ headers: { ...headers, host }, route: webview }))).toBe("admitted");
      for (const route of [owner, anyone, { kind: "outside", who: "anyone" } as const]) {
        expect(outcome(await admit({ headers: { ...headers, host }, route }))).toBe("NOT_FOUND");
        expect(outcome(await setUp()({ headers: { ...headers, host }, route }))).toBe("NOT_FOUND");
      }
      const upgrade = { headers: { ...headers, host }, upgrade: true };
      expect(outcome(await admit({ ...upgrade, route: webview }))).toBe("NOT_FOUND");
      expect(outcome(await admit(upgrade))).toBe("NOT_FOUND");
    }
  });

  it("their pages are foreign to the IDE's: they send nothing and open no socket", async () => {
    const origins = [`http://${host}`, "http://localhost:9001"];
    for (const origin of origins) {
      for (const headers of [{ origin }, { origin, "sec-fetch-site": "same-site" }]) {
        expect(outcome(await setUp()({ method: "POST", headers, route: anyone }))).toBe("ORIGIN_REFUSED");
        expect(outcome(await setUp()({ headers, upgrade: true }))).toBe("ORIGIN_REFUSED");
      }
    }
  });
});

describe("R5: a visit that another site began", () => {
  const port: Route = { kind: "port", who: "owner", authority: "8501", path: "/", stripped: true };
  const visit = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const trusted = "https://hub.example";
  const referer = `${trusted}/hub/home`;
  // Another site chose where it goes on to.
  const login = "http://localhost:8070/hub/login?next=%2Fuser%2Falice%2Fproxy%2F8501%2F";
  const ownHub = "http://localhost:8070/user/alice/proxy/8501/hub/login";

  it.each([
    ["of another site", visit, "question"],
    ["of another user's page on a subdomain", { ...visit, "sec-fetch-site": "same-site" }, "question"],
    ["of a page that names itself", { ...visit, referer: "https://evil.example/hub.example" }, "question"],
    ["of the hub's page, which has another origin", { ...visit, "sec-fetch-site": "same-site", referer }, "admitted"],
    ["of a page of our origin", { ...visit, "sec-fetch-site": "same-origin" }, "admitted"],
    ["of the hub's login on our origin", { ...visit, "sec-fetch-site": "same-origin", referer: login }, "question"],
    ["of a program's page called hub", { ...visit, "sec-fetch-site": "same-origin", referer: ownHub }, "admitted"],
    ["that a person typed", { ...visit, "sec-fetch-site": "none" }, "admitted"],
    ["in a frame", { ...visit, "sec-fetch-dest": "iframe" }, "admitted"],
    ["as a picture", { ...visit, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }, "admitted"],
    ["of a browser over plain HTTP", { "user-agent": "Mozilla/5.0", referer: "http://evil.example/" }, "admitted"],
  ])("%s", async (_what, headers, expected) => {
    const admit = setUp(undefined, [trusted]);
    expect(outcome(await admit({ headers, route: port }))).toBe(expected);
    expect(outcome(await admit({ headers, route: { kind: "app", who: "owner", name: "lab", path: "/" } }))).toBe(
      expected,
    );
    expect(outcome(await admit({ headers, route: anyone }))).not.toBe("question");
  });

  it("is not asked about on the way back from a login, through other sites", async () => {
    const authentication = new TokenAuthentication(token, 8070, base);
    const returned: string[] = [];
    const returnsFromLogin = (_request: IncomingMessage, address: string) => returned.push(address) === 1;
    const admit = setUp(Object.assign(authentication, { returnsFromLogin }));
    const given = { headers: visit, route: port, path: "/proxy/8501/", query: "?x=1" };
    expect(outcome(await admit(given))).toBe("login");
    expect(outcome(await admit(given))).toBe("question");
    expect(returned).toEqual(Array(2).fill("/user/alice/proxy/8501/?x=1"));
  });

  it("is asked about before the login, and not of strangers' host names", async () => {
    const { admit } = withToken();
    expect(outcome(await admit({ headers: visit, route: port }))).toBe("question");
    const foreign = { headers: { ...visit, host: "evil.example" }, route: port };
    expect(outcome(await admit(foreign))).toBe("HOST_REFUSED");
  });
});

describe("R5: --auth none", () => {
  const admit = setUp();

  it.each([
    ["a page", {}, "admitted"],
    ["a stranger's host name", { headers: { host: "evil.example" } }, "HOST_REFUSED"],
    [
      "a stranger's host name, upgrade",
      { headers: { host: "evil.example", origin: "http://evil.example" }, upgrade: true },
      "HOST_REFUSED",
    ],
    ["no host", { headers: { host: "" } }, "HOST_REFUSED"],
    ["a POST of another origin", { method: "POST", headers: { origin: "https://evil.example" } }, "ORIGIN_REFUSED"],
    ["an upgrade of another origin", { upgrade: true, headers: { origin: "https://evil.example" } }, "ORIGIN_REFUSED"],
    ["an upgrade of our page", { upgrade: true, headers: { ...proven, ...websocket } }, "admitted"],
    ["an upgrade of no page of ours", { upgrade: true, headers: websocket }, "PAGE_UNKNOWN"],
    ["an upgrade of our origin", { upgrade: true, headers: { origin: "http://localhost:8070" } }, "admitted"],
    ["an upgrade by a program", { upgrade: true }, "admitted"],
    ["a POST by a program", { method: "POST" }, "admitted"],
    ["a stranger's host on a public path", { route: anyone, headers: { host: "evil.example" } }, "HOST_REFUSED"],
  ] satisfies [string, Given, string][])("%s", async (_name, given, expected) => {
    expect(outcome(await admit(given))).toBe(expected);
  });

  it("keeps an app's own token parameter", async () => {
    expect(await admit({ query: "?token=abc&x=1" })).toMatchObject({ kind: "admitted", query: "?token=abc&x=1" });
  });
});

describe("R1: --auth token", () => {
  const navigation = { "sec-fetch-mode": "navigate" };
  const { admit, cookie } = withToken();

  it.each([
    ["a person without a login", { headers: navigation }, "login"],
    ["an old browser without a login", { headers: { accept: "text/html,*/*" } }, "login"],
    ["a program without a login", {}, "LOGIN_REQUIRED"],
    ["a script of a page", { headers: { "sec-fetch-mode": "cors", accept: "text/html" } }, "LOGIN_REQUIRED"],
    ["an upgrade without a login, never a redirect", { upgrade: true, headers: navigation }, "LOGIN_REQUIRED"],
    ["a POST without a login", { method: "POST", headers: { accept: "text/html" } }, "LOGIN_REQUIRED"],
    ["a public path", { route: anyone }, "admitted"],
    ["the token as a header", { headers: { authorization: `token ${token}` } }, "admitted"],
    ["the token as a bearer", { headers: { authorization: `Bearer ${token}` } }, "admitted"],
    [
      "an unsafe request with the token header",
      { method: "POST", headers: { authorization: `token ${token}`, origin: "https://evil.example" } },
      "admitted",
    ],
    ["an upgrade with the token header", { upgrade: true, headers: { authorization: `token ${token}` } }, "admitted"],
    ["a wrong token", { headers: { authorization: "token wrong" }, client: "192.0.2.7" }, "TOKEN_WRONG"],
    [
      "a token with a different end",
      { headers: { authorization: `token ${token}0` }, client: "192.0.2.8" },
      "TOKEN_WRONG",
    ],
    ["another scheme", { headers: { authorization: `Basic ${token}` } }, "LOGIN_REQUIRED"],
    ["the cookie", { headers: { cookie } }, "admitted"],
    ["the cookie with others", { headers: { cookie: `a=1; ${cookie}; b=2` } }, "admitted"],
    [
      "the cookie in a POST of our page",
      { method: "POST", headers: { cookie, "sec-fetch-site": "same-origin" } },
      "admitted",
    ],
    [
      "the cookie in a POST of another origin",
      { method: "POST", headers: { cookie, "sec-fetch-site": "cross-site" } },
      "ORIGIN_REFUSED",
    ],
    [
      "the cookie in an upgrade of another origin",
      { upgrade: true, headers: { cookie, origin: "https://evil.example" } },
      "ORIGIN_REFUSED",
    ],
    ["a cookie with another signature", { headers: { cookie: `${cookie}x` } }, "LOGIN_REQUIRED"],
    [
      "a cookie from the future",
      { headers: { cookie: cookie.replace(/=\d+/, `=${Math.floor(Date.now() / 1000) + 9999}`) } },
      "LOGIN_REQUIRED",
    ],
    ["an empty cookie", { headers: { cookie: "waiide-login-8070=" } }, "LOGIN_REQUIRED"],
    ["a wrong token in a login link", { query: "?token=wrong", client: "192.0.2.9" }, "TOKEN_WRONG"],
    ["the token in an upgrade's query", { upgrade: true, query: `?token=${token}` }, "LOGIN_REQUIRED"],
    ["the token in a POST's query", { method: "POST", query: `?token=${token}` }, "LOGIN_REQUIRED"],
  ] satisfies [string, Given, string][])("%s", async (_name, given, expected) => {
    expect(outcome(await admit(given))).toBe(expected);
  });

  it("takes the token out of the address and gives a cookie for it", async () => {
    const admission = await admit({ path: "/ide/", query: `?folder=/x&token=${token}&y=a%2Fb` });
    expect(admission).toMatchObject({ kind: "logged-in", location: "/user/alice/ide/?folder=/x&y=a%2Fb" });
    const [given = ""] = (admission as Extract<Admission, { kind: "login" | "logged-in" }>).cookies;
    expect(given).toMatch(/^waiide-login-8070=\S+; Max-Age=\d+; Path=\/user\/alice\/; HttpOnly; SameSite=Lax$/);
    expect(given).not.toContain(token);
    expect(outcome(await admit({ headers: { cookie: given.split(";")[0] ?? "" } }))).toBe("admitted");
  });

  it("sends people on to where they wanted to go", async () => {
    const admission = await admit({ path: "/ide/", query: "?folder=/x", headers: navigation });
    expect(admission).toMatchObject({ location: "/user/alice/login?next=%2Fuser%2Falice%2Fide%2F%3Ffolder%3D%2Fx" });
  });

  it("tells which header carried the token, so that an app's own passes", async () => {
    expect(await admit({ headers: { authorization: `token ${token}` } })).toMatchObject({
      credentials: "authorization",
    });
    expect(await admit({ headers: { authorization: `token ${token}`, cookie } })).toMatchObject({
      credentials: "authorization",
    });
    expect(await admit({ headers: { authorization: "Bearer the-apps-own", cookie } })).toMatchObject({
      credentials: "cookie",
    });
  });

  it("a cookie dies with its token", async () => {
    const other = setUp(new TokenAuthentication(token.replace("0", "f"), 8070, base));
    expect(outcome(await other({ headers: { cookie } }))).toBe("LOGIN_REQUIRED");
  });
});

describe("wrong tokens are rate-limited", () => {
  it("R15: the right token is never refused, however many wrong ones came from its address", async () => {
    const { admit, cookie } = withToken();
    const wrong = { headers: { authorization: "token wrong" } };
    for (let attempt = 0; attempt < 10; attempt += 1) expect(outcome(await admit(wrong))).toBe("TOKEN_WRONG");
    for (let attempt = 0; attempt < 10; attempt += 1) expect(outcome(await admit(wrong))).toBe("TOO_MANY_ATTEMPTS");
    expect(outcome(await admit({ query: `?token=${token}` }))).toBe("logged-in");
    expect(outcome(await admit({ headers: { authorization: `token ${token}` } }))).toBe("admitted");
    expect(outcome(await admit({ headers: { cookie } }))).toBe("admitted");
    // A right one is no pardon for wrong ones, and another address has its own count.
    expect(outcome(await admit(wrong))).toBe("TOO_MANY_ATTEMPTS");
    expect(outcome(await admit({ ...wrong, client: "192.0.2.2" }))).toBe("TOKEN_WRONG");
  });

  it("one IPv6 network counts as one address", async () => {
    const { admit } = withToken();
    const from = (host: number) =>
      admit({ headers: { authorization: "token wrong" }, client: `2001:db8:1:2::${host.toString(16)}` });
    for (let host = 1; host <= 10; host += 1) expect(outcome(await from(host))).toBe("TOKEN_WRONG");
    expect(outcome(await from(11))).toBe("TOO_MANY_ATTEMPTS");
  });
});

describe("R4: token parameters with --auth token", () => {
  const port: Route = { kind: "port", who: "owner", authority: "3000", path: "/", stripped: true };

  it("an app's own token neither judges nor locks out a login, and passes", async () => {
    const { admit, cookie } = withToken();
    const headers: Record<string, string>[] = [{ cookie }, { authorization: `token ${token}` }];
    for (const own of headers) {
      for (let time = 0; time < 15; time += 1) {
        for (const given of [{}, { upgrade: true }, { method: "POST" }]) {
          const admission = await admit({ ...given, headers: own, route: port, query: "?token=vites&x=%2F" });
          expect(admission).toMatchObject({ kind: "admitted", query: "?token=vites&x=%2F" });
        }
      }
    }
    expect(outcome(await admit({ headers: { authorization: `token ${token}` } }))).toBe("admitted");
  });

  it("ours is removed, in whatever spelling", async () => {
    const { admit, cookie } = withToken();
    for (const spelt of [token, token.replace("0", "%30")]) {
      for (const given of [{ upgrade: true }, { method: "POST" }]) {
        const query = `?a=1&%74oken=${spelt}&token=vites`;
        const admission = await admit({ ...given, headers: { cookie }, route: port, query });
        expect(admission).toMatchObject({ kind: "admitted", query: "?a=1&token=vites" });
      }
    }
    const link = await admit({
      headers: { cookie },
      route: port,
      path: "/proxy/3000/",
      query: `?token=vites&token=${token}`,
    });
    expect(link).toMatchObject({ kind: "logged-in", location: "/user/alice/proxy/3000/?token=vites" });
  });
});

describe("R5: clients that need no origin", () => {
  it("a request with the token, on public routes too", async () => {
    const { admit } = withToken();
    const evil = { origin: "https://evil.example" };
    const given = { route: anyone, path: "/login", method: "POST" };
    expect(outcome(await admit({ ...given, headers: evil }))).toBe("ORIGIN_REFUSED");
    expect(outcome(await admit({ ...given, headers: { ...evil, authorization: `token ${token}` } }))).toBe("admitted");
    expect(outcome(await admit({ ...given, headers: { ...evil, authorization: "token wrong" } }))).toBe(
      "ORIGIN_REFUSED",
    );
  });
});

describe("CORS preflights", () => {
  const port: Route = { kind: "port", who: "owner", authority: "3000", path: "/", stripped: true };
  const preflight = { origin: "https://app.example", "access-control-request-method": "PUT" };
  const skipping = new Gate({
    hosts: new AllowedHosts("127.0.0.1", []),
    allowedOrigins: [],
    pages,
    skipAuthPreflight: true,
    authentication: new TokenAuthentication(token, 8070, base),
  });
  const ask = (route: Route, method: string, headers: Record<string, string>) => {
    const request = { method, headers: { host: "localhost:8070", ...headers } } as unknown as IncomingMessage;
    return skipping.admit(request, contextOf({ host: "localhost:8070" }), route, false);
  };

  it("to ports pass without a login if the setting says so, and nothing else", async () => {
    expect(outcome(await ask(port, "OPTIONS", preflight))).toBe("admitted");
    expect(outcome(await ask(port, "OPTIONS", {}))).toBe("LOGIN_REQUIRED");
    expect(outcome(await ask(port, "PUT", preflight))).toBe("LOGIN_REQUIRED");
    expect(outcome(await ask(owner, "OPTIONS", preflight))).toBe("LOGIN_REQUIRED");
    expect(outcome(await ask({ kind: "app", who: "owner", name: "x", path: "/" }, "OPTIONS", preflight))).toBe(
      "LOGIN_REQUIRED",
    );
    const { admit } = withToken();
    expect(outcome(await admit({ route: port, method: "OPTIONS", headers: preflight }))).toBe("LOGIN_REQUIRED");
  });
});
