import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { ask, askUpgrade, backend, errorCode, startGateway, token } from "../../support/gateway-without-ide.ts";

describe("R1: every request passes the gate", () => {
  const paths = [
    "/",
    "/ide/",
    "/ide/file.js",
    "/file.js",
    "/proxy/3000/",
    "/absproxy/3000/",
    "/proxy/8071/",
    "/proxy/8081/",
    "/apps/lab/",
    "/api/status",
    "/api/services",
    "/api/openapi.json",
    "/api/unknown",
    "/metrics",
    "//api",
    "/ide/../api/status",
  ];

  it("census: without a login every owner's path is refused, as request and as upgrade", async () => {
    const gateway = await startGateway({ auth: "token", token });
    for (const path of paths) {
      expect((await ask(gateway, path)).status, path).toBe(401);
      expect((await ask(gateway, path, { method: "POST" })).status, `POST ${path}`).toBe(401);
      expect(await askUpgrade(gateway, path), `upgrade ${path}`).toBe(401);
    }
  });

  it("census: what answers strangers is exactly this", async () => {
    const gateway = await startGateway({ auth: "token", token });
    await expect(gateway.ide.process.whenReady()).rejects.toMatchObject({ code: "IDE_MISSING" });
    for (const [path, status] of [
      ["/api", 200],
      ["/api/health", 503],
      ["/healthz", 200],
      ["/login", 200],
      ["/logout", 303],
    ] as const) {
      expect((await ask(gateway, path)).status, path).toBe(status);
    }
  });

  it("a refused upgrade is never a redirect", async () => {
    const gateway = await startGateway({ auth: "token", token });
    expect(await askUpgrade(gateway, "/ide/", { "Sec-Fetch-Mode": "navigate", Accept: "text/html" })).toBe(401);
  });

  it("lets the token in, and only takes WebSockets where there are some", async () => {
    const gateway = await startGateway({ auth: "token", token });
    const headers = { authorization: `token ${token}` };
    expect((await ask(gateway, "/api/status", { headers })).status).toBe(200);
    expect(await askUpgrade(gateway, "/api/status", { Authorization: `token ${token}` })).toBe(400);
  });
});

describe("R5: hosts and origins", () => {
  it("DNS rebinding: a stranger's name is refused for requests and upgrades", async () => {
    const gateway = await startGateway();
    expect(errorCode(await ask(gateway, "/api", { headers: { host: "evil.example" } }))).toBe("HOST_REFUSED");
    expect(await askUpgrade(gateway, "/ide/", { Host: "evil.example", Origin: "http://evil.example" })).toBe(403);
  });

  it("a foreign origin opens no WebSocket and sends no POST", async () => {
    let reached = 0;
    const server = createServer((_request, response) => {
      reached += 1;
      response.end("reached");
    });
    server.on("upgrade", (_request, socket) => {
      reached += 1;
      socket.destroy();
    });
    const port = await backend(server);
    const gateway = await startGateway();
    const evil = { Origin: "https://evil.example" };
    expect(await askUpgrade(gateway, `/proxy/${port}/`, evil)).toBe(403);
    expect(errorCode(await ask(gateway, `/proxy/${port}/`, { method: "POST", headers: evil }))).toBe("ORIGIN_REFUSED");
    expect(reached).toBe(0);
    const own = { Origin: new URL(gateway.url).origin };
    expect((await ask(gateway, `/proxy/${port}/`, { method: "POST", headers: own })).body).toBe("reached");
  });
});

describe("login with a token", () => {
  it("exchanges the link for a cookie and takes the token out of the address", async () => {
    const gateway = await startGateway({ auth: "token", token });
    const answer = await ask(gateway, `/?token=${token}&folder=/x`);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/?folder=/x");
    expect(answer.headers["referrer-policy"]).toBe("no-referrer");
    const cookie = answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    expect((await ask(gateway, "/api/status", { headers: { cookie } })).status).toBe(200);
  });

  it("has a page for people without the link, which continues to their target", async () => {
    const gateway = await startGateway({ auth: "token", token });
    const people = { accept: "text/html", "sec-fetch-mode": "navigate" };
    const redirect = await ask(gateway, "/ide/?folder=/x", { headers: people });
    expect(redirect).toMatchObject({ status: 303, headers: { location: "/login?next=%2Fide%2F%3Ffolder%3D%2Fx" } });
    const page = await ask(gateway, redirect.headers.location ?? "", { headers: people });
    expect(page.status).toBe(200);
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    const submit = (body: string) =>
      fetch(`${gateway.url}login`, {
        method: "POST",
        body,
        redirect: "manual",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: new URL(gateway.url).origin },
      });
    const wrong = await submit("token=wrong&next=/ide/");
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).toContain("This is not the token of this server");
    const right = await submit(`token=${token}&next=https://evil.example/`);
    expect(right.status).toBe(303);
    expect(right.headers.get("location")).toBe("/");
    expect(right.headers.get("set-cookie")).toContain("HttpOnly");
  });
});

describe("login with a password", () => {
  /** Of “correct horse”. */
  const hash = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$3j0+S6gGV20Zdm+eoztdkLUvOKbucBG7gA8asDqV4P8";

  it("the page exchanges it for a cookie; wrong ones are refused, and are no tokens", async () => {
    const gateway = await startGateway({ "hashed-password": hash, "app-name": "Lab", "welcome-text": "Ask <Ada>." });
    const page = await (await fetch(`${gateway.url}login`)).text();
    for (const text of ["Login to Lab", "Ask &lt;Ada&gt;.", 'name="password"']) expect(page).toContain(text);
    const submit = (password: string) =>
      fetch(`${gateway.url}login`, {
        method: "POST",
        body: new URLSearchParams({ password, next: "/ide/" }),
        redirect: "manual",
        headers: { origin: new URL(gateway.url).origin },
      });
    expect((await submit("battery staple")).status).toBe(401);
    const headers = { authorization: "token correct horse" };
    expect((await ask(gateway, "/api/status", { headers })).status).toBe(401);
    expect((await ask(gateway, "/api/status?token=correct%20horse")).status).toBe(401);
    const right = await submit("correct horse");
    expect([right.status, right.headers.get("location")]).toEqual([303, "/ide/"]);
    const cookie = right.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await ask(gateway, "/api/status", { headers: { cookie } })).status).toBe(200);
  });
});
