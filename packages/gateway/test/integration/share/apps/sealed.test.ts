import { once } from "node:events";
import { appSandbox } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { AppGuest, shareApp, startTestApp } from "../../../support/apps/app-guest.ts";
import { ownerToken, SharingGateway } from "../../../support/sharing-gateway.ts";

async function shared() {
  const gateway = await SharingGateway.start();
  const app = await startTestApp();
  return { gateway, app, ...(await shareApp(gateway, { port: app.port })) };
}

function expectSealed(headers: Record<string, string | string[] | undefined>): void {
  expect(headers).toMatchObject({
    "content-security-policy": `sandbox ${appSandbox}`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
  });
  expect(headers["set-cookie"]).toBeUndefined();
}

describe("R31: a shared app", () => {
  it("works for a guest: page, script, and the shim before the first script", async () => {
    const { guest } = await shared();
    const page = await guest.ask("");
    expect(page.status).toBe(200);
    expectSealed(page.headers);
    expect(page.headers["x-frame-options"]).toBeUndefined();
    const { address } = guest;
    expect(page.body).toContain(`<head><script>(`);
    expect(page.body).toContain(`<script src="${address}app.js"></script></head><body><h1>The app</h1>`);
    expect(page.body).toContain(`<a href="${address}page">`);
    const script = await guest.ask("app.js", { headers: { "sec-fetch-dest": "script", accept: "*/*" } });
    expectSealed(script.headers);
    expect(script.headers["cache-control"]).toBe("private, max-age=60");
  });

  it("every answer is sealed: errors, refusals, redirects, 304, ranges, SVG, hints", async () => {
    const { guest, app } = await shared();
    const answers = await Promise.all([
      guest.ask("none"),
      guest.ask("broken"),
      guest.ask("moved?to=/page"),
      guest.ask("fresh", { headers: { "if-none-match": '"v1"' } }),
      guest.ask("range"),
      guest.ask("svg"),
      guest.ask("hints"),
      guest.ask("zipped"),
      guest.ask("", { headers: { "service-worker": "script" } }),
      guest.ask("app.js", { headers: { "sec-fetch-dest": "document" } }),
      guest.ask(`${guest.address.slice(0, -1)}x/`),
      guest.fetch("upload", { method: "OPTIONS", headers: { "access-control-request-method": "PUT" } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 500, 302, 304, 206, 200, 200, 200, 403, 303, 403, 204]);
    for (const { headers } of answers) expectSealed(headers);
    await app.stop();
    const stopped = await guest.ask("");
    expect(stopped.status).toBe(503);
    expectSealed(stopped.headers);
  });

  it("an XHTML, SVG or JSON answer is not injected, ranges and 304 neither", async () => {
    const { guest } = await shared();
    expect((await guest.ask("svg")).body).toBe('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>');
    expect((await guest.ask("range")).body).toBe("<p>a");
    expect((await guest.fetch("cookies")).body).toBe('{"cookie":null}');
  });

  it("nothing of the browser's rights reaches the app: cookies, Authorization, origin", async () => {
    const { guest } = await shared();
    const cookie = guest.guest.cookie ?? "";
    await guest.fetch("one", {
      headers: { cookie: `${cookie}; other=1`, authorization: `Bearer ${ownerToken}`, "x-waiide-guest": "alice" },
    });
    const [request] = await guest.requests();
    expect(request?.headers.cookie).toBeUndefined();
    expect(request?.headers.authorization).toBeUndefined();
    expect(request?.headers["x-waiide-guest"]).toBeUndefined();
    expect(request?.headers.origin).toBe(`http://${request?.headers.host}`);
    expect(request?.headers["sec-fetch-site"]).toBe("same-origin");
    expect(request?.headers["x-forwarded-prefix"]).toBe(guest.address.slice(0, -1));
    const token = guest.address.split("/").at(-2) ?? "";
    const told = Object.entries(request?.headers ?? {}).filter(([, value]) => value?.includes(token));
    expect(told.map(([name]) => name)).toEqual(["x-forwarded-prefix"]);
  });

  it("R15: a cookie authorizes nothing under app/", async () => {
    const { guest } = await shared();
    const wrong = `${guest.guest.path}app/${"x".repeat(32)}/`;
    const answer = await guest.ask(wrong, { headers: { cookie: guest.guest.cookie ?? "" } });
    expect(answer.status).toBe(403);
  });

  it("the app's cookies stay in the jar, of each guest alone", async () => {
    const { gateway, share, guest } = await shared();
    const set = await guest.fetch("cookies");
    expect(JSON.parse(String(set.headers["x-waiide-cookies"]))).toEqual({ seen: "1", "waiide-x": "3" });
    expect(set.headers["access-control-expose-headers"]).toContain("x-waiide-cookies");
    const again = JSON.parse((await guest.fetch("cookies")).body);
    expect(String(again.cookie).split("; ").sort()).toEqual(["hidden=2", "seen=1", "waiide-x=3"]);
    const page = await guest.ask("");
    expect(page.body).toContain('"cookies":{"seen":"1","waiide-x":"3"}');
    const other = await AppGuest.open(gateway, await gateway.guest(share).enter("Carol"));
    expect((await other.fetch("cookies")).body).toBe('{"cookie":null}');
  });

  it("a cookie that a script sets reaches the app", async () => {
    const { guest } = await shared();
    const body = JSON.stringify({ text: "theme=dark; path=/", path: "/" });
    const set = await guest.fetch("__waiide__/cookie", { method: "POST", body });
    expect(set.status).toBe(204);
    expect(JSON.parse((await guest.fetch("cookies")).body)).toEqual({ cookie: "theme=dark" });
    expect((await guest.fetch("__waiide__/cookie", { method: "POST", body: "no" })).status).toBe(400);
  });

  it("R18: what would fill a window becomes a page of ours, a download is asked for once", async () => {
    const { guest } = await shared();
    const headers = { "sec-fetch-dest": "document" };
    const page = await guest.ask("page?x=1", { headers });
    expect(page.status).toBe(303);
    expect(page.headers.location).toBe(`${guest.guest.path}#open=page%3Fx%3D1`);
    const file = await guest.ask("file", { headers });
    expect(file.status).toBe(200);
    expect(file.body).toContain("<p>saved</p>");
    expect(file.headers["content-disposition"]).toContain("attachment");
    expect((await guest.requests()).filter(({ url }) => url === "/file")).toHaveLength(1);
  });

  it("R18: a browser that does not say what it asks for gets no page", async () => {
    const { gateway, guest } = await shared();
    const { hostname, port } = new URL(gateway.url);
    const answer = await fetch(`http://${hostname}:${port}${guest.address}`, { headers: { accept: "text/html" } });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("HTTPS");
    expect(await guest.requests()).toEqual([]);
  });

  it("a download of a page is saved under its name", async () => {
    const { guest } = await shared();
    const saved = await guest.ask("__waiide__/attach/r%C3%A9sum%C3%A9.html/broken");
    expect(saved.headers["content-disposition"]).toBe("attachment; filename*=UTF-8''r%C3%A9sum%C3%A9.html");
  });

  it.each([
    ["/page?x#y", "page?x#y"],
    ["page", "page"],
    ["/user/alice/ide/", "user/alice/ide/"],
    ["../../../../api/share/list", "api/share/list"],
    ["http://127.0.0.1:1/page", "page"],
  ])("a redirect to %s stays in the app", async (to, below) => {
    const { guest } = await shared();
    const moved = await guest.ask(`moved?to=${encodeURIComponent(to)}`);
    expect(moved.headers.location).toBe(`${guest.address}${below}`);
  });

  it("a redirect to another host goes there, one to a script nowhere", async () => {
    const { guest } = await shared();
    const away = await guest.ask(`moved?to=${encodeURIComponent("https://example.org/a")}`);
    expect(away.headers.location).toBe("https://example.org/a");
    expect((await guest.ask("moved?to=javascript:alert(1)")).status).toBe(502);
  });

  it("preflights never reach the app, and exposed headers are listed", async () => {
    const { guest } = await shared();
    const asked = { "access-control-request-method": "PUT", "access-control-request-headers": "x-one" };
    const preflight = await guest.fetch("upload", { method: "OPTIONS", headers: asked });
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": "null",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "PUT",
      "access-control-allow-headers": "x-one",
    });
    expect(await guest.requests()).toEqual([]);
    const foreign = await guest.fetch("", { headers: { origin: "https://evil.test" } });
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("a WebSocket works, with the app's origin and no cookie of the browser", async () => {
    const { guest } = await shared();
    const socket = guest.socket("ws", { origin: "null", cookie: guest.guest.cookie ?? "", authorization: "Bearer x" }, [
      "chat",
    ]);
    const [first] = (await once(socket, "message")) as [Buffer];
    const { host } = new URL(socket.url);
    expect(JSON.parse(String(first))).toEqual({ origin: `http://${host}`, cookie: null, authorization: null });
    expect(socket.protocol).toBe("chat");
    const large = Buffer.alloc(8 * 1024 * 1024, 7);
    socket.send(large);
    const [echo] = (await once(socket, "message")) as [Buffer];
    expect(large.equals(echo)).toBe(true);
    socket.close();
  });

  it("R5: a WebSocket of any other origin is refused", async () => {
    const { guest, gateway } = await shared();
    for (const headers of [{}, { origin: gateway.url.replace(/\/$/, "") }, { origin: "https://evil.test" }]) {
      const socket = guest.socket("ws", headers);
      const [error] = (await once(socket, "error")) as [Error];
      expect(error.message).toContain("403");
    }
  });

  it("R5: Origin null is refused everywhere but under a live capability", async () => {
    const { guest } = await shared();
    const headers = { origin: "null", "sec-fetch-site": "cross-site" };
    const leave = await guest.guest.ask("leave", { method: "POST", headers });
    expect(leave.status).toBe(403);
    expect(await guest.guest.upgrade("api/session", headers)).toBe(403);
    expect((await guest.ask("")).status).toBe(200);
  });
});
