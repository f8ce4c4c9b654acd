import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Audit, ShareList } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { AppGuest, shareApp, startTestApp } from "../../../support/apps/app-guest.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

async function shared() {
  const lines: string[] = [];
  const gateway = await SharingGateway.start({ log: (line) => lines.push(line) });
  const app = await startTestApp();
  return { gateway, app, lines, ...(await shareApp(gateway, { port: app.port })) };
}

/** Resolves when an answer is over, however it ends. */
async function closeOf(answer: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // One that breaks off reports that as an error first.
  answer.on("error", () => undefined).on("close", resolve);
  await promise;
}

async function sessionOf(gateway: SharingGateway, guest: string): Promise<string> {
  const { shares } = (await gateway.api("/api/share/list")).body as ShareList;
  return shares.flatMap(({ guests }) => guests).find(({ name }) => name === guest)?.session ?? "";
}

describe("R31: the end of a guest's use of an app", () => {
  it.each([
    ["the share is revoked", "revoke"],
    ["the guest is removed", "remove"],
  ])("sockets, streams and requests end when %s", async (_what, how) => {
    const { gateway, share, guest } = await shared();
    const socket = guest.socket("ws");
    await once(socket, "message");
    const stream = await guest.begin("events");
    await once(stream, "data");
    stream.resume();
    const ends = Promise.all([once(socket, "close"), closeOf(stream)]);
    const session = await sessionOf(gateway, "Bob");
    const path = how === "revoke" ? `revoke/${share.id}` : `${share.id}/guests/${session}`;
    await gateway.api(`/api/share/${path}`, { method: "DELETE" });
    await ends;
    // Behind the hub's proxy an answer that breaks off stays open in the browser.
    expect(stream.complete).toBe(true);
    expect((await guest.ask("")).status).toBe(403);
    await guest.session.closed;
  });

  it("ending one guest cuts no other's request on the proxy's kept connections", async () => {
    const { gateway, share, guest } = await shared();
    const other = await AppGuest.open(gateway, await gateway.guest(share).enter("Carol"));
    // One connection, as the hub's proxy keeps it: first one guest's request, then the other's stream.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const through = async (path: string) => {
      const { hostname, port } = new URL(gateway.url);
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      const headers = { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors", origin: "null" };
      httpRequest({ hostname, port, path, agent, headers }).on("response", resolve).on("error", reject).end();
      return promise;
    };
    await buffer(await through(`${guest.address}app.js`));
    const stream = await through(`${other.address}events`);
    await once(stream, "data");
    const session = await sessionOf(gateway, "Bob");
    await gateway.api(`/api/share/${share.id}/guests/${session}`, { method: "DELETE" });
    expect((await guest.ask("")).status).toBe(403);
    expect((await other.ask("")).status).toBe(200);
    expect(stream.destroyed).toBe(false);
    const over = closeOf(stream);
    agent.destroy();
    await over;
  });

  it("wrong, ended and never made addresses look alike, and guessing is limited", async () => {
    const { gateway, share, guest } = await shared();
    const wrong = await guest.ask(`${guest.guest.path}app/${"x".repeat(32)}/`);
    const unknown = await guest.ask(`/share/none/app/${"x".repeat(32)}/`);
    await gateway.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    const ended = await guest.ask("");
    const seen = ({ status, body, headers: { date: _, ...headers } }: typeof wrong) => ({ status, body, headers });
    expect(seen(unknown)).toEqual(seen(wrong));
    expect(seen(ended)).toEqual(seen(wrong));
    const more = await Promise.all(Array.from({ length: 12 }, () => guest.ask("")));
    expect(more.map(({ status }) => status)).toContain(429);
  });

  it("R4: the token is in no log, audit entry or metric", async () => {
    const { gateway, lines, guest, app } = await shared();
    const token = guest.address.split("/").at(-2) ?? "";
    await guest.ask("");
    await guest.ask("none");
    await app.stop();
    await guest.ask("");
    guest.session.close();
    await guest.session.closed;
    const audit = await gateway.api("/api/share/audit");
    const metrics = await gateway.api("/metrics").catch((error: unknown) => String(error));
    expect(token).toHaveLength(32);
    for (const text of [lines.join("\n"), JSON.stringify(audit.body), JSON.stringify(metrics)]) {
      expect(text).not.toContain(token);
    }
    const { entries } = audit.body as Audit;
    expect(entries.map(({ event }) => event)).toContain("open-app");
  });

  it("R14: a guest has at most so many requests and sockets, and so large an upload", async () => {
    const limits = { free: 0, free_percent: 0, app_requests: 1, app_sockets: 1, app_upload: 1_000 };
    const gateway = await SharingGateway.start({ flags: { "share-limits": JSON.stringify(limits) } });
    const app = await startTestApp();
    const { guest } = await shareApp(gateway, { port: app.port });
    const upload = (size: number) => guest.fetch("upload", { method: "POST", body: Buffer.alloc(size) });
    expect((await upload(1_000)).body).toBe("1000");
    expect((await upload(1_001)).status).toBe(413);
    const stream = await guest.begin("events");
    const over = closeOf(stream);
    expect((await guest.ask("")).status).toBe(429);
    stream.destroy();
    await over;
    const socket = guest.socket("ws");
    await once(socket, "message");
    const [error] = (await once(guest.socket("ws"), "error")) as [Error];
    expect(error.message).toContain("429");
    socket.close();
  });

  it("a page that reconnects keeps its address, and another guest cannot take it", async () => {
    const { gateway, share, guest } = await shared();
    guest.session.close();
    await guest.session.closed;
    const again = await AppGuest.open(gateway, guest.guest);
    expect(await again.session.ask("keep-app", { address: guest.address })).toEqual({});
    expect((await guest.ask("")).status).toBe(200);
    expect((await again.ask("")).status).toBe(200);
    const other = await AppGuest.open(gateway, await gateway.guest(share).enter("Carol"));
    expect(await other.session.ask("keep-app", { address: again.address })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("a capability of one share opens no other, and files neither", async () => {
    const { gateway, app, guest } = await shared();
    const second = await gateway.create({ permission: "Use the App", app: { port: app.port } });
    const token = guest.address.split("/").at(-2);
    expect((await guest.ask(`/share/${second.id}/app/${token}/`)).status).toBe(403);
    expect((await guest.guest.ask("files/a.txt")).status).toBeGreaterThanOrEqual(400);
    for (const [method, params] of [
      ["list", { path: "" }],
      ["read", { path: "a.txt" }],
      ["search", { pattern: "a" }],
    ] as const) {
      expect(await guest.session.ask(method, params as never)).toMatchObject({ code: "DENIED" });
    }
  });

  it("a capability is dead after a restart of the gateway", async () => {
    const { gateway, guest } = await shared();
    await gateway.restart();
    const { hostname, port } = new URL(gateway.url);
    const headers = { "sec-fetch-dest": "iframe", accept: "text/html" };
    const answer = await fetch(`http://${hostname}:${port}${guest.address}`, { headers });
    expect(answer.status).toBe(403);
  });
});
