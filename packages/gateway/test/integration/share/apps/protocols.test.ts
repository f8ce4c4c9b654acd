import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { buffer, text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type AppGuest, shareApp, startTestApp } from "../../../support/apps/app-guest.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const program = new URL("../../../support/apps/shared-app.mjs", import.meta.url).pathname;

async function shared(words: readonly string[] = []) {
  const gateway = await SharingGateway.start();
  const app = await startTestApp(0, words);
  return { gateway, ...(await shareApp(gateway, { port: app.port })) };
}

/** The configured app, told its path, and whether it expects that in requests. */
async function configured(keepsBase: boolean) {
  const app = {
    command: [process.execPath, program, "{port}"],
    environment: { BASE: "{base_url}", KEEPS_BASE: keepsBase ? "yes" : "no" },
    absolute_url: keepsBase,
  };
  const gateway = await SharingGateway.start({ flags: { apps: JSON.stringify({ told: app }) } });
  return shareApp(gateway, { name: "told" });
}

const locationOf = async (guest: AppGuest, to: string) => {
  const { status, headers } = await guest.ask(`moved?to=${encodeURIComponent(to)}`);
  return [status, headers.location];
};

describe("R31: a shared app in the protocols that programs speak", () => {
  it.each([
    ["with", true],
    ["without", false],
  ])("a WebSocket passes 64 MB frames %s permessage-deflate", async (_how, perMessageDeflate) => {
    const { gateway, guest } = await shared();
    const url = new URL(`${guest.address}ws`, gateway.url.replace(/^http/, "ws"));
    const socket = new WebSocket(url, { origin: "null", perMessageDeflate });
    await once(socket, "message");
    expect(socket.extensions).toBe(perMessageDeflate ? "permessage-deflate" : "");
    const sent = Buffer.alloc(64 * 1024 * 1024, "frame");
    socket.send(sent);
    const [echo] = (await once(socket, "message")) as [Buffer];
    expect(sent.equals(echo)).toBe(true);
    socket.close();
  });

  it("an upload with Expect: 100-continue is asked for, and arrives", async () => {
    const { gateway, guest } = await shared();
    const { hostname, port } = new URL(gateway.url);
    const headers = { expect: "100-continue", "content-length": "11", origin: "null", "sec-fetch-dest": "empty" };
    const upload = httpRequest({
      hostname,
      port,
      path: `${guest.address}upload`,
      method: "POST",
      agent: false,
      headers,
    });
    const answered = once(upload, "response") as Promise<[IncomingMessage]>;
    upload.flushHeaders();
    await once(upload, "continue");
    upload.end("hello world");
    const [answer] = await answered;
    expect([answer.statusCode, await text(answer)]).toEqual([200, "11"]);
  });

  it("a body with trailers arrives, and trailers do not: they could set cookies", async () => {
    const { guest } = await shared();
    const answer = await guest.begin("trailers");
    expect(String(await buffer(answer))).toBe("with trailers");
    expect(answer.trailers).toEqual({});
  });

  it("an app that speaks HTTP/1.0 works, and its page is changed", async () => {
    const { guest } = await shared(["--http-1.0"]);
    const page = await guest.ask("");
    expect(page.status).toBe(200);
    expect(page.body).toContain(`<p><img src="${guest.address}i.png">old</p>`);
    expect(page.headers["set-cookie"]).toBeUndefined();
    expect((await guest.ask("again")).body).toContain('"cookies":{"old":"1"}');
  });

  it.each([
    ["expects it in requests", true],
    ["gets none of it in requests", false],
  ])("an app that is told {base_url} and %s works whole", async (_what, keepsBase) => {
    const { guest } = await configured(keepsBase);
    const { address } = guest;
    const page = await guest.ask("told");
    expect(page.status).toBe(200);
    expect(page.body).toContain(`import("${address}app.js")`);
    expect(page.body).toContain(`<a href="${address}page">page</a>`);
    expect(page.body).not.toContain("/apps/told/page");
    // Its cookie, for the path that it was told, comes back.
    expect(JSON.parse((await guest.fetch("cookies")).body)).toEqual({ cookie: "told=1" });
    expect(await locationOf(guest, "/apps/told/page?x")).toEqual([302, `${address}page?x`]);
    expect(await locationOf(guest, "page")).toEqual([302, `${address}page`]);
    // Outside the path that it expects an app has nothing.
    const outside = await locationOf(guest, "/page");
    expect(outside).toEqual(keepsBase ? [502, undefined] : [302, `${address}page`]);
    const asked = (await guest.requests()).map(({ url }) => url);
    // Its path is replaced in what it tells about that, too.
    expect(asked[0]).toBe(keepsBase ? `${address}told` : "/told");
  });
});
