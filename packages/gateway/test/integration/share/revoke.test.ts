import { once } from "node:events";
import { truncateSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Status, sessionClose, sessionSubprotocol } from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { openUpgrade } from "../../support/asking.ts";
import { SessionClient } from "../../support/guest-client.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n", "src/b.py": "print('b')\n", ".env": "KEY=1\n" };

async function listening(server: Server): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe("revoke closes live sockets and whatever else is open", () => {
  it("sessions of all guests, also of one that does not answer the close", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const guests = await Promise.all(["A", "B", "C"].map((name) => server.guest(share).enter(name)));
    const sessions = await Promise.all(guests.map((guest) => guest.session()));
    const [silent] = guests;
    const raw = await rawUpgrade(server, silent?.cookie ?? "", `/share/${share.id}/api/session`);
    const { body } = await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    expect(body).toEqual({ revoked: 1, guests: 3 });
    for (const session of sessions) expect(await session.closed).toEqual({ code: 4411, reason: "revoked" });
    await raw.closed;
  });

  it("a download that is under way is cut", async () => {
    const server = await SharingGateway.start({
      files: { ...files, "large.bin": "" },
      flags: { "share-limits": JSON.stringify({ free: 0, free_percent: 0, file: 1_000_000_000 }) },
    });
    truncateSync(join(server.workspace, "large.bin"), 1_000_000_000);
    const { share, guest } = await server.enter({ permission: "view" });
    const { hostname, port } = new URL(server.url);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    let revoking: Promise<unknown> | undefined;
    httpRequest({ hostname, port, path: `${guest.path}files/large.bin`, headers: { cookie: guest.cookie ?? "" } })
      .on("response", (response) => {
        let bytes = 0;
        response.once("data", () => {
          revoking = server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
        });
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          // Slowly: it must not be over before it is cut.
          response.pause();
          setImmediate(() => response.resume());
        });
        response.on("close", () => resolve(bytes)).on("error", () => undefined);
      })
      .on("error", reject)
      .end();
    expect(await promise).toBeLessThan(1_000_000_000);
    await revoking;
  });

  it("Terminal Access: a port's WebSocket gets the reason, an endless answer is cut", async () => {
    const backend = createServer((_request, response) => response.write("endless\n"));
    new WebSocketServer({ server: backend });
    const port = await listening(backend);
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "terminal" });
    const socket = new SessionClient(guest.socket(`proxy/${port}/`));
    await new Promise((resolve) => socket.socket.once("open", resolve));
    const endless = guest.ask(`proxy/${port}/`).catch((error: Error) => error);
    // It counts once both are known to the gateway.
    await expect
      .poll(async () => ((await server.api("/api/status")).body as Status).connections)
      .toBeGreaterThanOrEqual(1);
    await server.api("/api/share/revoke", { method: "DELETE" });
    expect((await socket.closed).code).toBe(sessionClose.revoked);
    const ended = await endless;
    expect(ended instanceof Error || ended.status === 401).toBe(true);
  });

  it("Terminal Access: a stream of events ends whole", async () => {
    const backend = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: one\n\n");
    });
    const port = await listening(backend);
    const server = await SharingGateway.start({ files });
    const { share, guest } = await server.enter({ permission: "terminal" });
    const url = new URL(`${guest.path}proxy/${port}/`, server.url);
    const [stream] = (await once(httpRequest(url, { headers: { cookie: guest.cookie ?? "" } }).end(), "response")) as [
      IncomingMessage,
    ];
    await once(stream, "data");
    const over = once(stream.resume(), "end");
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    await over;
    expect(stream.complete).toBe(true);
  });
});

/** A client that opens a session and then never answers anything; `closed` resolves when the server has cut it. */
async function rawUpgrade(server: SharingGateway, cookie: string, path: string) {
  const headers = { "sec-websocket-protocol": sessionSubprotocol, "sec-fetch-site": "same-origin", cookie };
  const { socket } = await openUpgrade(new URL(server.url), path, headers);
  if (socket === undefined) throw new Error("the session was refused");
  socket.resume().on("error", () => undefined);
  return { closed: once(socket, "close") };
}
