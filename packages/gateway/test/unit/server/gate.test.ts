import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { type Admission, Gate } from "../../../src/server/gate.ts";
import { AllowedHosts } from "../../../src/server/hosts.ts";
import type { RequestContext } from "../../../src/server/request-context.ts";
import type { Route } from "../../../src/server/routes.ts";
import { TokenAuthentication } from "../../../src/server/token-authentication.ts";

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

function setUp(authentication?: TokenAuthentication) {
  const gate = new Gate({ hosts: new AllowedHosts("127.0.0.1", []), allowedOrigins: [], authentication });
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
    const context: RequestContext = {
      id: "1",
      path,
      query,
      baseUrl: base,
      scheme: "http",
      host,
      clientAddress: client,
    };
    return gate.admit(request, context, route, upgrade);
  };
}

function withToken() {
  const authentication = new TokenAuthentication(token, 8070, base);
  const cookie = authentication.loginCookie("http").split(";")[0] ?? "";
  return { admit: setUp(authentication), authentication, cookie };
}

function outcome(admission: Admission): string {
  return admission.kind === "refused" ? admission.error.code : admission.kind;
}

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
    ["an upgrade of our page", { upgrade: true, headers: { origin: "http://localhost:8070" } }, "admitted"],
    ["a stranger's host on a public path", { route: anyone, headers: { host: "evil.example" } }, "HOST_REFUSED"],
  ] satisfies [string, Given, string][])("%s", async (_name, given, expected) => {
    expect(outcome(await admit(given))).toBe(expected);
  });

  it("leaves a token parameter alone: it is an app's own", async () => {
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
    expect(given).toMatch(/^waiide-login-8070=\S+; Path=\/user\/alice\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
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
