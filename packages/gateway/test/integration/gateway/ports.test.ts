import { createServer, type IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { ask, backend, errorCode, startGateway, token } from "../../support/gateway-without-ide.ts";

describe("R4: secrets stay here", () => {
  it("an app on a port sees neither our cookie nor our token, and all its own headers", async () => {
    let seen: IncomingMessage | undefined;
    const port = await backend(
      createServer((request, response) => {
        seen = request;
        response.setHeader("Set-Cookie", ["waiide-login-8070=stolen; Path=/", "own=1; Path=/"]).end();
      }),
    );
    const gateway = await startGateway({ auth: "token", token });
    const login = await ask(gateway, `/?token=${token}`);
    const cookie = login.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const answer = await ask(gateway, `/proxy/${port}/a?x=1`, {
      headers: { cookie: `own=1; ${cookie}`, authorization: "Basic b3duOm93bg==" },
    });
    expect(answer.status).toBe(200);
    expect(seen?.headers.cookie).toBe("own=1");
    expect(seen?.headers.authorization).toBe("Basic b3duOm93bg==");
    expect(answer.headers["set-cookie"]).toEqual([`own=1; Path=/proxy/${port}/`]);
    await ask(gateway, `/proxy/${port}/`, { headers: { authorization: `token ${token}` } });
    expect(seen?.headers.authorization).toBeUndefined();
  });
});

it("passes WebSockets to ports", async () => {
  const server = createServer();
  new WebSocketServer({ server }).on("connection", (socket) =>
    socket.on("message", (data) => socket.send(`echo ${String(data)}`)),
  );
  const port = await backend(server);
  const gateway = await startGateway();
  const client = new WebSocket(`${gateway.url.replace("http", "ws")}proxy/${port}/`, {
    origin: new URL(gateway.url).origin,
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  client
    .on("open", () => client.send("hello"))
    .on("message", (data) => resolve(String(data)))
    .on("error", reject);
  expect(await promise).toBe("echo hello");
  expect(JSON.parse((await ask(gateway, "/api/status")).body)).toMatchObject({ connections: 1 });
  client.terminate();
});

it("R18: a port registers no service worker", async () => {
  const port = await backend(createServer((_request, response) => response.end("self.skip = 1")));
  const gateway = await startGateway();
  const answer = await ask(gateway, `/proxy/${port}/worker.js`, { headers: { "service-worker": "script" } });
  expect(errorCode(answer)).toBe("SERVICE_WORKER_REFUSED");
});

it("R5: a visit that another site began meets a question, and the program gets nothing", async () => {
  const asked: string[] = [];
  const port = await backend(createServer((request, response) => response.end(`${asked.push(request.url ?? "")}`)));
  const gateway = await startGateway();
  const visit = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: "text/html" };
  const path = `/proxy/${port}/del%65te?all="1"&x=<i>`;
  const foreign = { headers: { ...visit, "sec-fetch-site": "cross-site", referer: "https://mail.example/box" } };
  const question = await ask(gateway, path, foreign);
  expect(asked).toEqual([]);
  expect(question.status).toBe(200);
  expect(question.body).toContain(`<h1 id="title">Open port ${port}?</h1>`);
  expect(question.body).toContain("<strong>https://mail.example</strong>");
  expect(question.body).toContain(`href="/proxy/${port}/del%65te?all=&quot;1&quot;&amp;x=&lt;i&gt;"`);
  expect(question.headers["x-frame-options"]).toBe("DENY");
  expect(question.headers["cross-origin-opener-policy"]).toBe("same-origin-allow-popups");
  // The click on the question's page.
  expect((await ask(gateway, path, { headers: { ...visit, "sec-fetch-site": "same-origin" } })).body).toBe("1");
  expect((await ask(gateway, "/apps/lab/", foreign)).body).toContain("Open the app “lab”?");
});

it("R8: its own port is never proxied", async () => {
  const gateway = await startGateway();
  const { port } = new URL(gateway.url);
  expect(errorCode(await ask(gateway, `/proxy/${port}/api`))).toBe("PORT_REFUSED");
});
