import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/config.ts";
import { Gateway } from "../../../src/gateway.ts";
import { askAt as ask } from "../../support/asking.ts";

const prefix = "/user/bob.x@ex.org/waiide/";
let folder: string;
let opened: { close(): unknown }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-hub-mode-"));
  opened = [];
});
afterEach(async () => {
  for (const one of opened.toReversed()) await one.close();
  rmSync(folder, { recursive: true });
});

/** A gateway behind a hub that does not answer: what is asked here must not wait for it. */
async function start(changes: NodeJS.ProcessEnv = {}): Promise<URL> {
  const config = loadConfig({
    environment: {
      JUPYTERHUB_USER: "bob.x@ex.org",
      JUPYTERHUB_SERVER_NAME: "waiide",
      JUPYTERHUB_API_TOKEN: "0123456789abcdef0123456789abcdef",
      JUPYTERHUB_API_URL: `http://127.0.0.1:${await silentPort()}/jupyter/hub/api`,
      JUPYTERHUB_CLIENT_ID: "jupyterhub-user-bob.x%40ex.org-waiide",
      JUPYTERHUB_BASE_URL: "/jupyter/",
      JUPYTERHUB_SERVICE_PREFIX: prefix,
      JUPYTERHUB_OAUTH_CALLBACK_URL: `${prefix}oauth_callback`,
      JUPYTERHUB_OAUTH_ACCESS_SCOPES: '["access:servers!server=bob.x@ex.org/waiide"]',
      JUPYTERHUB_SERVICE_URL: `http://127.0.0.1:0${prefix}`,
      ...changes,
    },
    flags: new Map([
      ["workspace", folder],
      ["data-dir", join(folder, "data")],
      ["ide-server", join(folder, "no-ide")],
    ]),
    administratorFile: join(folder, "none.json"),
    userFile: join(folder, "none.json"),
  });
  const gateway = await Gateway.start(config, pino({ level: "silent" }));
  opened.push(gateway);
  return new URL(gateway.url);
}

/** A port that takes connections and never says anything. */
async function silentPort(): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createTcpServer((socket) => sockets.add(socket.on("error", () => socket.destroy())));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return (server.address() as { port: number }).port;
}

const person = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

describe("behind a hub that says nothing", () => {
  it("the hub's polls are answered at once, before hub and IDE are", async () => {
    const url = await start();
    expect(await ask(url, `${prefix}api`)).toMatchObject({ status: 200 });
    expect(await ask(url, prefix)).toMatchObject({ status: 307, headers: { location: `${prefix}ide/` } });
    // Once it is known that there is no IDE server.
    await expect.poll(async () => (await ask(url, `${prefix}api/health`)).status).toBe(503);
  });

  it("R1: a person is sent to the hub, a program and a WebSocket get 401", async () => {
    const url = await start();
    const login = await ask(url, `${prefix}ide/?folder=/x`, { headers: person });
    expect(login.status).toBe(303);
    expect(login.headers.location).toMatch(
      /^\/jupyter\/hub\/api\/oauth2\/authorize\?client_id=jupyterhub-user-bob.x%2540ex.org-waiide&redirect_uri=%2Fuser%2Fbob.x%40ex.org%2Fwaiide%2Foauth_callback&response_type=code&state=/,
    );
    expect(login.headers["set-cookie"]?.[0]).toMatch(
      /^jupyterhub-user-bob\.x%40ex\.org-waiide-oauth-state-\S{8}=\S+; Max-Age=600; Path=\/user\/bob\.x@ex\.org\/waiide\/; HttpOnly; SameSite=Lax$/,
    );
    for (const path of ["ide/", "proxy/3000/", "apps/x/", "api/status", "api/hub/checks", "metrics"]) {
      expect(await ask(url, prefix + path), path).toMatchObject({ status: 401 });
    }
    expect(await upgrade(url, `${prefix}ide/`)).toBe(401);
    expect(await upgrade(url, `${prefix}proxy/3000/`)).toBe(401);
    expect((await ask(url, `${prefix}proxy/3000/`, { method: "POST" })).status).toBe(401);
  });

  it("R3: a callback out of nowhere logs nobody in and sends nobody around", async () => {
    const url = await start();
    for (const query of ["", "?code=x", "?code=x&state=y", "?error=access_denied", "?state="]) {
      const answer = await ask(url, `${prefix}oauth_callback${query}`, { headers: person });
      expect(answer.status, query).toBe(400);
      expect(answer.headers["set-cookie"]).toBeUndefined();
      expect(answer.body).toContain(`HUB_LOGIN_FAILED`);
    }
  });

  it("R3: what the hub says in a refusal is shown as text", async () => {
    const url = await start();
    const login = await ask(url, `${prefix}ide/`, { headers: person });
    const state = new URL(login.headers.location ?? "", url).searchParams.get("state") ?? "";
    const cookie = login.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const path = `${prefix}oauth_callback?state=${state}&error=x&error_description=%3Cscript%3Ealert(1)%3C/script%3E`;
    const answer = await ask(url, path, { headers: { ...person, cookie } });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("&lt;script&gt;");
    expect(answer.body).not.toContain("<script>alert");
  });

  it("logout ends at the hub", async () => {
    const answer = await ask(await start(), `${prefix}logout`);
    expect(answer).toMatchObject({ status: 303, headers: { location: "/jupyter/hub/logout" } });
    expect(answer.headers["set-cookie"]?.[0]).toMatch(/^jupyterhub-user-bob\.x%40ex\.org-waiide=; .*Max-Age=0/);
  });
});

describe("paths behind a hub", () => {
  it.each([
    ["hub/api/oauth2/authorize?client_id=x&state=%2F", "/jupyter/hub/api/oauth2/authorize?client_id=x&state=%2F"],
    ["hub", "/jupyter/hub/"],
    ["hub//evil.example/", "/jupyter/hub/evil.example/"],
    ["hub/\\evil.example/", "/jupyter/hub/evil.example/"],
  ])("%s leads to %s", async (path, location) => {
    expect(await ask(await start(), prefix + path)).toMatchObject({ status: 307, headers: { location } });
  });

  it("with subdomains the hub is elsewhere", async () => {
    const url = await start({ JUPYTERHUB_HOST: "https://hub.example" });
    expect((await ask(url, `${prefix}hub/home`)).headers.location).toBe("https://hub.example/jupyter/hub/home");
    expect((await ask(url, `${prefix}logout`)).headers.location).toBe("https://hub.example/jupyter/hub/logout");
  });

  it.each([
    ["/user/bob.x%40ex.org/waiide/ide/?a=1", `${prefix}ide/?a=1`],
    ["/user/bob.x@ex.org/waiide", prefix],
    ["/ide/", `${prefix}ide/`],
    ["/", prefix],
  ])("%s is understood as %s", async (path, location) => {
    expect(await ask(await start(), path)).toMatchObject({ status: 307, headers: { location } });
  });

  it("unknown ones, and those of a gateway without a hub, are 404 for everybody", async () => {
    const url = await start();
    for (const path of ["lab", "login", "login?next=/", "stable-0/static/x.js", "%2e%2e/"]) {
      const answer = await ask(url, prefix + path, { headers: person });
      expect(answer.status, path).toBe(404);
      expect(answer.body).toContain("NOT_FOUND");
    }
    expect(await upgrade(url, `${prefix}lab`)).toBe(400);
  });
});

/** The status that an upgrade gets. */
async function upgrade({ hostname, port, host }: URL, path: string): Promise<number> {
  const socket = connect(Number(port), hostname);
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    `Origin: http://${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return Number(head.toString("latin1").split(" ")[1]);
}
