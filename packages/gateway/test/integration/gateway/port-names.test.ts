import { createServer, type IncomingMessage } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import type { SettingName } from "../../../src/config/settings/settings.ts";
import type { Gateway } from "../../../src/gateway.ts";
import type { Answer } from "../../support/asking.ts";
import { ask, askUpgrade, backend, errorCode, startGateway, token } from "../../support/gateway-without-ide.ts";

const person = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const typed = { ...person, "sec-fetch-site": "none" };

interface Program {
  readonly port: number;
  readonly seen: IncomingMessage[];
}

/** Says what it was asked for, and accepts WebSockets. */
async function program(cookies: readonly string[] = []): Promise<Program> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.setHeader("Set-Cookie", cookies).end(`port ${request.headers.host} ${request.url}`);
  });
  const sockets = new WebSocketServer({ server });
  onTestFinished(() => sockets.close());
  return { port: await backend(server), seen };
}

function pairsOf({ headers }: Answer): string[] {
  return (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0] ?? "");
}

async function loginOf(gateway: Gateway): Promise<string> {
  return pairsOf(await ask(gateway, `/?token=${token}`))[0] ?? "";
}

/** The path of an address on this gateway, and the host that a browser would ask for it. */
function split(location: string | undefined) {
  const { host, pathname, search } = new URL(location ?? "");
  return { host, path: `${pathname}${search}` };
}

/** A browser that is logged in at the gateway's own host, or not, and opens a port by name. */
async function begin(gateway: Gateway, host: string, path = "/") {
  const start = await ask(gateway, path, { headers: { ...typed, host } });
  const { host: main, path: login } = split(start.headers.location);
  return { start, entry: pairsOf(start)[0] ?? "", main, login };
}

async function enter(gateway: Gateway, host: string, path = "/") {
  const { entry, main, login } = await begin(gateway, host, path);
  const handed = await ask(gateway, login, { headers: { ...typed, host: main, cookie: await loginOf(gateway) } });
  const back = split(handed.headers.location);
  const arrived = await ask(gateway, back.path, { headers: { ...typed, host: back.host, cookie: entry } });
  return { handed, back, entry, arrived, cookie: pairsOf(arrived)[0] ?? "" };
}

function startNamed(flags: Partial<Record<SettingName, string>> = {}): Promise<Gateway> {
  return startGateway({ auth: "token", token, ...flags });
}

function hostOf(gateway: Gateway, port: number, domain = "localhost"): string {
  return `${port}.${domain}:${new URL(gateway.url).port}`;
}

describe("R32: a port on a name of its own", () => {
  it("without a setting and a login it is at its port below localhost", async () => {
    const { port } = await program();
    const gateway = await startGateway();
    const host = hostOf(gateway, port);
    const answer = await ask(gateway, "/proxy/1/?a=%2f", { headers: { host } });
    expect(answer).toMatchObject({ status: 200, body: `port ${host} /proxy/1/?a=%2f` });
    expect(await askUpgrade(gateway, "/live", { host, origin: `http://${host}` })).toBe(101);
  });

  it("the login of the IDE's host is carried over, and the page asked for opens", async () => {
    const { port, seen } = await program(["own=1; Domain=localhost; Path=/", "waiide-port-8070=x"]);
    const gateway = await startNamed();
    const host = hostOf(gateway, port);
    const { start, main, login } = await begin(gateway, host, "/deep/page?x=1");
    expect(start.status).toBe(303);
    expect([main, login.split("=")[0]]).toEqual([`localhost:${new URL(gateway.url).port}`, "/port-login?state"]);
    expect(start.headers["set-cookie"]?.[0]).toMatch(/; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    // Nobody is logged in on the main host, so that the login comes first and leads back there.
    const first = await ask(gateway, login, { headers: { ...typed, host: main } });
    expect(first.headers.location).toBe(`/login?next=${encodeURIComponent(login)}`);

    const { back, arrived, cookie } = await enter(gateway, host, "/deep/page?x=1");
    expect(back.host).toBe(host);
    expect([arrived.status, arrived.headers["cache-control"]]).toEqual([200, "no-store"]);
    expect(arrived.body).toContain('content="0;url=/deep/page?x=1"');
    expect(arrived.headers["set-cookie"]?.[0]).toMatch(/^waiide-port-0=\S{43}; .*Path=\/; HttpOnly; SameSite=Lax$/);
    // The way led over other sites, but its last step, and a reload, come from this origin.
    const own = { ...person, "sec-fetch-site": "same-origin" };
    const page = await ask(gateway, "/deep/page?x=1", { headers: { ...own, host, cookie: `${cookie}; app=2` } });
    expect(page.body).toBe(`port ${host} /deep/page?x=1`);
    expect(seen.map(({ headers }) => headers.cookie)).toEqual(["app=2"]);
    expect(page.headers["set-cookie"]).toEqual(["own=1; Path=/"]);
  });

  it("a code is good once", async () => {
    const { port, seen } = await program();
    const gateway = await startNamed();
    const { back, entry } = await enter(gateway, hostOf(gateway, port));
    const replayed = await ask(gateway, back.path, { headers: { ...typed, host: back.host, cookie: entry } });
    expect([replayed.status, replayed.headers["set-cookie"]]).toEqual([403, undefined]);
    expect(replayed.body).toContain("PORT_LOGIN_STALE");
    expect(seen).toEqual([]);
  });

  it.each([
    ["in another browser", (host: string) => ({ host, cookie: "waiide-entry-0-12345678=x" })],
    ["without a cookie", (host: string) => ({ host, cookie: "" })],
  ])("a code %s opens nothing, and is used up", async (_title, changed) => {
    const { port, seen } = await program();
    const gateway = await startNamed();
    const host = hostOf(gateway, port);
    const { entry, main, login } = await begin(gateway, host);
    const handed = await ask(gateway, login, { headers: { ...typed, host: main, cookie: await loginOf(gateway) } });
    const { path } = split(handed.headers.location);
    for (const headers of [changed(host), { host, cookie: entry }]) {
      const answer = await ask(gateway, path, { headers: { ...typed, ...headers } });
      expect([answer.status, answer.headers["set-cookie"]]).toEqual([403, undefined]);
    }
    expect(seen).toEqual([]);
  });

  it("a code of one port opens no other port", async () => {
    const [first, second] = [await program(), await program()];
    const gateway = await startNamed();
    const { entry, main, login } = await begin(gateway, hostOf(gateway, first.port));
    const handed = await ask(gateway, login, { headers: { ...typed, host: main, cookie: await loginOf(gateway) } });
    const { path } = split(handed.headers.location);
    const host = hostOf(gateway, second.port);
    expect((await ask(gateway, path, { headers: { ...typed, host, cookie: entry } })).status).toBe(403);
    // Nor does its cookie.
    const { cookie } = await enter(gateway, hostOf(gateway, first.port));
    expect(errorCode(await ask(gateway, "/", { headers: { host, cookie } }))).toBe("LOGIN_REQUIRED");
    expect(second.seen).toEqual([]);
  });

  it("a login that began nowhere is handed to nobody", async () => {
    const gateway = await startNamed();
    const headers = { ...typed, cookie: await loginOf(gateway) };
    for (const query of ["", "?state=", "?state=x", "?state=x&next=https://evil.example"]) {
      const answer = await ask(gateway, `/port-login${query}`, { headers });
      expect([answer.status, answer.headers.location], query).toEqual([403, undefined]);
    }
  });

  it("a login is handed out to windows only, never to a script or a frame", async () => {
    const { port } = await program();
    const gateway = await startNamed();
    const { main, login } = await begin(gateway, hostOf(gateway, port));
    const cookie = await loginOf(gateway);
    const script = { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-site" };
    const frame = { ...person, "sec-fetch-dest": "iframe", "sec-fetch-site": "same-site" };
    for (const headers of [script, frame]) {
      const answer = await ask(gateway, login, { headers: { ...headers, host: main, cookie } });
      expect([answer.status, answer.headers.location]).toEqual([403, undefined]);
    }
  });

  it("the cookie of the IDE's host counts for nothing there, and programs get 401", async () => {
    const { port, seen } = await program();
    const gateway = await startNamed();
    const host = hostOf(gateway, port);
    const cookie = await loginOf(gateway);
    expect(errorCode(await ask(gateway, "/", { headers: { host, cookie } }))).toBe("LOGIN_REQUIRED");
    expect(await askUpgrade(gateway, "/", { host, cookie, origin: `http://${host}` })).toBe(401);
    expect((await ask(gateway, `/?token=${token}`, { headers: { ...typed, host } })).headers.location).toContain(
      "/port-login",
    );
    expect(seen).toEqual([]);
    // A program with the token needs no cookie, and the token stays here.
    const headers = { host, authorization: `token ${token}` };
    expect((await ask(gateway, "/x", { headers })).status).toBe(200);
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  it("pages of other origins send nothing and open no WebSocket", async () => {
    const { port, seen } = await program();
    const gateway = await startNamed();
    const host = hostOf(gateway, port);
    const { cookie } = await enter(gateway, host);
    const main = new URL(gateway.url).origin;
    for (const origin of [main, `http://${hostOf(gateway, 9)}`, "https://evil.example"]) {
      const headers = { host, cookie, origin };
      expect(errorCode(await ask(gateway, "/", { method: "POST", headers })), origin).toBe("ORIGIN_REFUSED");
      expect(await askUpgrade(gateway, "/", headers), origin).toBe(403);
    }
    expect(seen).toEqual([]);
    const own = { host, cookie, origin: `http://${host}` };
    expect((await ask(gateway, "/", { method: "POST", headers: own })).status).toBe(200);
    expect(await askUpgrade(gateway, "/", own)).toBe(101);
  });

  it("the program's page is foreign to the IDE", async () => {
    const { port } = await program();
    const gateway = await startNamed();
    const headers = { cookie: await loginOf(gateway), origin: `http://${hostOf(gateway, port)}` };
    const foreign = { ...headers, "sec-fetch-site": "same-site" };
    expect(errorCode(await ask(gateway, "/api/share/create", { method: "POST", headers: foreign }))).toBe(
      "ORIGIN_REFUSED",
    );
    expect(await askUpgrade(gateway, "/", foreign)).toBe(403);
  });

  it("its login ends with the one that it stands for", async () => {
    const { port, seen } = await program();
    const gateway = await startNamed();
    const host = hostOf(gateway, port);
    const { entry, main, login } = await begin(gateway, host);
    const own = await loginOf(gateway);
    const handed = await ask(gateway, login, { headers: { ...typed, host: main, cookie: own } });
    const back = split(handed.headers.location);
    const cookie = pairsOf(await ask(gateway, back.path, { headers: { ...typed, host, cookie: entry } }))[0] ?? "";
    expect((await ask(gateway, "/", { headers: { host, cookie } })).status).toBe(200);
    await ask(gateway, "/logout", { headers: { ...typed, cookie: own } });
    expect(errorCode(await ask(gateway, "/", { headers: { host, cookie } }))).toBe("LOGIN_REQUIRED");
    expect(seen).toHaveLength(1);
  });

  it("another site's link meets the question, and a link of the IDE's page none", async () => {
    const { port, seen } = await program();
    const gateway = await startGateway();
    const host = hostOf(gateway, port);
    const visit = { ...person, host, "sec-fetch-site": "cross-site" };
    for (const referer of ["https://mail.example/", `http://${hostOf(gateway, 9)}/`]) {
      const question = await ask(gateway, "//evil.example/x", { headers: { ...visit, referer } });
      expect(question.body).toContain(`Open port ${port}?`);
      expect(question.body).toContain('href="/.//evil.example/x"');
      expect(question.body).toContain(`href="http://localhost:${new URL(gateway.url).port}/">Go to the IDE`);
    }
    expect(seen).toEqual([]);
    expect((await ask(gateway, "/", { headers: { ...visit, referer: gateway.url } })).status).toBe(200);
  });
});

describe("R32: --proxy-domain", () => {
  it("serves names below it, with cookies that no other host can set", async () => {
    const { port } = await program();
    const gateway = await startNamed({
      "proxy-domain": "{{port}}-ada.apps.example",
      "public-url": "https://ide.example",
      "trusted-proxies": "127.0.0.1",
      "allowed-hosts": "ide.example",
    });
    const host = `${port}-ada.apps.example`;
    const proxied = { ...typed, "x-forwarded-proto": "https" };
    const start = await ask(gateway, "/a", { headers: { ...proxied, host } });
    const { host: main, path: login } = split(start.headers.location);
    expect([main, start.headers["set-cookie"]?.[0]]).toEqual([
      "ide.example",
      expect.stringMatching(/^__Host-waiide-entry-0-\S+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    const cookie = await loginOf(gateway);
    const handed = await ask(gateway, login, { headers: { ...proxied, host: main, cookie } });
    expect(handed.headers.location).toMatch(`https://${host}/~waiide/enter?code=`);
    const back = split(handed.headers.location);
    const entry = pairsOf(start)[0] ?? "";
    const arrived = await ask(gateway, back.path, { headers: { ...proxied, host, cookie: entry } });
    const own = pairsOf(arrived)[0] ?? "";
    expect(own).toMatch(/^__Host-waiide-port-0=/);
    expect((await ask(gateway, "/a", { headers: { ...proxied, host, cookie: own } })).body).toBe(`port ${host} /a`);
  });

  it("says what to do while it does not know where people log in", async () => {
    const gateway = await startNamed({ "proxy-domain": "apps.example" });
    const answer = await ask(gateway, "/", { headers: { ...typed, host: "3000.apps.example" } });
    expect(answer.status).toBe(401);
    expect(answer.body).toContain("PORT_NAME_NO_LOGIN");
  });

  it("serves no other name of the domain, and the rules of ports hold", async () => {
    const gateway = await startGateway({ "proxy-domain": "apps.example" });
    const { port } = new URL(gateway.url);
    const at = (host: string) => ask(gateway, "/", { headers: { host } });
    for (const host of ["apps.example", "x.apps.example", "3000.x.apps.example", "3000.apps.example.evil"]) {
      expect(errorCode(await at(host)), host).toBe("HOST_REFUSED");
    }
    expect(errorCode(await at(`${port}.apps.example`))).toBe("PORT_REFUSED");
    expect(errorCode(await at("99999.apps.example"))).toBe("PORT_INVALID");
    const worker = { host: "3000.apps.example", "service-worker": "script" };
    expect(errorCode(await ask(gateway, "/", { headers: worker }))).toBe("SERVICE_WORKER_REFUSED");
    const off = await startGateway({ "proxy-domain": "apps.example", "disable-proxy": "true" });
    expect(errorCode(await ask(off, "/", { headers: { host: "3000.apps.example" } }))).toBe("PROXY_DISABLED");
  });
});
