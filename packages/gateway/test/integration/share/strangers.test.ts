import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ShareList } from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { ownerToken, SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n" };

describe("strangers cost nothing", () => {
  it("R15: guests without an open page take no place", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view", max_guests: 2 });
    await Promise.all(Array.from({ length: 70 }, () => server.guest(share).enter("Nobody")));
    const [bob, carol] = [await server.guest(share).enter("Bob"), await server.guest(share).enter("Carol")];
    const sessions = [await bob.session(), await carol.session()];
    const dave = server.guest(share);
    await expect(dave.enter("Dave")).rejects.toThrow("SHARE_FULL");
    // Who came in before is not let onto a third place either; both who are in stay in.
    const nobody = await server.guest(share);
    sessions[1]?.close();
    await sessions[1]?.closed;
    await nobody.enter("Erin");
    await nobody.session();
    expect(await carol.upgrade("api/session")).toBe(403);
    expect(await sessions[0]?.ask("list", { path: "" })).toHaveProperty("entries");
  });

  it("too many entries end the oldest that never opened a page, and no other", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const bob = await server.guest(share).enter("Bob");
    (await bob.session()).close();
    const first = await server.guest(share).enter("First");
    for (let round = 0; round < 7; round += 1) {
      await Promise.all(Array.from({ length: 30 }, () => server.guest(share).enter("Nobody")));
    }
    const [listed] = ((await server.api("/api/share/list")).body as ShareList).shares;
    expect(listed?.guests.length).toBeLessThanOrEqual(201);
    expect((await first.ask("files/a.txt")).status).toBe(401);
    expect((await bob.ask("files/a.txt")).status).toBe(200);
    await server.guest(share).enter("Carol");
  });

  it("requests that never arrive in full are cut, whatever they were sent to", { timeout: 120_000 }, async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const { hostname, port } = new URL(server.url);
    const paths = [`/share/${share.id}/enter`, "/login", "/api/share/create", "/proxy/8071/", "/nothing"];
    const sockets = Array.from({ length: 300 }, (_, number) => {
      const socket: Socket = connect(Number(port), hostname);
      const head = ["Host: localhost", "Sec-Fetch-Site: same-origin", "Content-Type: application/json"];
      socket.on("error", () => undefined).resume();
      socket.write(
        `POST ${paths[number % paths.length]} HTTP/1.1\r\n${head.join("\r\n")}\r\nContent-Length: 99\r\n\r\n{`,
      );
      return socket;
    });
    onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
    const closed = Promise.all(sockets.map((socket) => once(socket, "close")));
    // They delay nobody else.
    await server.guest(share).enter("Bob");
    expect(
      (await server.guest(share).ask("/api/status", { headers: { authorization: `token ${ownerToken}` } })).status,
    ).toBe(200);
    await closed;
  });
});
