import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CreatedShare, ShareList } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { ownerToken, publicOrigin, SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n", "src/b.py": "print('b')\n" };
const codeOf = ({ body }: { body: string }) => (JSON.parse(body) as { error: { code: string } }).error.code;
const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: "text/html" };

describe("R15: a link and its session", () => {
  it("the link has the public origin, the share, and a 128-bit secret in the fragment", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "View Only" });
    const url = new URL(share.url);
    expect(url.origin).toBe(publicOrigin);
    expect(url.pathname).toBe(`/share/${share.id}/`);
    expect(Buffer.from(url.hash.slice(1), "base64url").length).toBeGreaterThanOrEqual(16);
  });

  it("secret → cookie → session; the cookie is HttpOnly, Lax and only for this share", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "View Only" });
    const guest = server.guest(share);
    const look = await guest.ask("look", { method: "POST", body: { secret: guest.secret } });
    expect(JSON.parse(look.body)).toMatchObject({
      what: "the workspace “workspace”",
      permission: "View Only",
      promise: "You can view files, but not edit them.",
    });
    const entered = await guest.ask("enter", {
      method: "POST",
      body: { secret: guest.secret, name: "[x](command:y)" },
    });
    expect(entered.status).toBe(204);
    const cookie = entered.headers["set-cookie"]?.[0] ?? "";
    expect(cookie).toMatch(
      new RegExp(`^waiide-${share.id}=[\\w-]{32}; Max-Age=\\d+; Path=/share/${share.id}/; HttpOnly; SameSite=Lax$`),
    );
    guest.cookie = cookie.split(";")[0];
    const session = await guest.session();
    expect((await session.message("welcome")).you.name).toBe("xcommandy");
    expect(await session.ask("list", { path: "" })).toMatchObject({ entries: [{ name: "a.txt" }, { name: "src" }] });
  });

  it("with https the cookie has the __Secure- prefix", async () => {
    const server = await SharingGateway.start({ files, flags: { "trusted-proxies": "127.0.0.1" } });
    const guest = server.guest(await server.create({ permission: "view" }));
    const headers = { "x-forwarded-proto": "https" };
    const answer = await guest.ask("enter", { method: "POST", body: { secret: guest.secret }, headers });
    expect(answer.headers["set-cookie"]?.[0]).toMatch(/^__Secure-waiide-.*; Secure; SameSite=Lax$/);
  });

  it("the landing page is the same for every address, and a preview bot learns nothing", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view", note: "very secret plan" });
    const guest = server.guest(share);
    const real = await guest.ask("", { headers: navigation });
    const none = await guest.ask("/share/nothing-here/", { headers: navigation });
    expect(real.status).toBe(200);
    expect(real.body.replaceAll(share.id, "")).toBe(none.body.replaceAll("nothing-here", ""));
    for (const told of ["workspace”", "very secret plan", "View Only", "a.txt"]) expect(real.body).not.toContain(told);
    expect(real.headers["content-security-policy"]).toMatch(/^default-src 'none'.*frame-ancestors 'none'$/);
    expect(real.headers["referrer-policy"]).toBe("no-referrer");
    expect(real.headers["set-cookie"]).toBeUndefined();
  });

  it("an ended cookie is reported and cleared, with the same words as an invented one", async () => {
    const server = await SharingGateway.start({ files });
    const { share, guest } = await server.enter({ permission: "view" });
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    const was = await guest.ask("", { headers: navigation });
    expect(was.body).toContain('data-was-in=""');
    expect(was.headers["set-cookie"]?.[0]).toContain("Max-Age=0");
    const other = await server.create({ permission: "view" });
    for (const id of [other.id, "nothing-here"]) {
      const headers = { ...navigation, cookie: `waiide-${id}=invented` };
      const invented = await guest.ask(`/share/${id}/`, { headers });
      expect(invented.body.replaceAll(id, share.id)).toBe(was.body);
    }
    // A page below redirects to the landing page first, and a cookie remembers the page.
    const below = await guest.ask("ide/", { headers: navigation });
    expect([below.status, below.headers.location, below.headers["set-cookie"]]).toEqual([303, guest.path, undefined]);
  });

  it("?token= answers 303 to the fragment form and never sets a cookie", async () => {
    const server = await SharingGateway.start({ files });
    const guest = server.guest(await server.create({ permission: "view" }));
    const answer = await guest.ask(`?token=${guest.secret}`, { headers: navigation });
    expect(answer).toMatchObject({ status: 303, headers: { location: `${guest.path}#${guest.secret}` } });
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  it("wrong, ended and invented links look alike, and never block a right one", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const ended = await server.create({ permission: "view" });
    await server.api(`/api/share/revoke/${ended.id}`, { method: "DELETE" });
    const guest = server.guest(share);
    const answers = [
      await guest.ask("enter", { method: "POST", body: { secret: "wrong" } }),
      await server.guest(ended).ask("enter", { method: "POST", body: { secret: server.guest(ended).secret } }),
      await guest.ask("/share/nothing/enter", { method: "POST", body: { secret: guest.secret } }),
    ];
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
    for (let count = 0; count < 7; count += 1)
      await guest.ask("look", { method: "POST", body: { secret: `w${count}` } });
    const blocked = await guest.ask("enter", { method: "POST", body: { secret: "wrong again" } });
    expect(blocked.status).toBe(429);
    expect(Number(blocked.headers["retry-after"])).toBeGreaterThan(0);
    expect((await guest.ask("look", { method: "POST", body: { secret: guest.secret } })).status).toBe(200);
    await guest.enter();
  });

  it("cookies of another share, invented and doubled ones open nothing", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view" });
    const other = server.guest(await server.create({ permission: "view" }));
    const own = guest.cookie ?? "";
    const foreign = own.replace(/^[^=]+/, `waiide-${other.path.split("/")[2]}`);
    for (const cookie of [own, foreign, `waiide-${other.path.split("/")[2]}=invented`]) {
      const answer = await other.ask("files/a.txt", { headers: { cookie } });
      expect([answer.status, codeOf(answer)]).toEqual([401, "SHARE_LOGIN"]);
      other.cookie = cookie;
      expect(await other.upgrade("api/session")).toBe(401);
      other.cookie = undefined;
    }
    const double = await guest.ask("files/a.txt", { headers: { cookie: `${own}; ${own.split("=")[0]}=x` } });
    expect(codeOf(double)).toBe("SHARE_COOKIE_DOUBLE");
    expect(double.headers["set-cookie"]?.[0]).toContain("Max-Age=0");
    expect((await guest.ask("files/a.txt")).body).toBe("alpha\n");
  });

  it("the owner's login does not count below a share, nor a guest's cookie elsewhere", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "terminal" });
    const stranger = server.guest(await server.create({ permission: "view" }));
    const asOwner = { authorization: `token ${ownerToken}` };
    expect((await stranger.ask("files/a.txt", { headers: asOwner })).status).toBe(401);
    expect(await stranger.upgrade("api/session", asOwner)).toBe(401);
    for (const path of [
      "/",
      "/ide/",
      "/api/share/list",
      "/api/status",
      "/proxy/3000/",
      "/metrics",
      "/api/openapi.json",
    ]) {
      expect((await guest.ask(path)).status, path).toBe(401);
    }
    expect((await guest.ask("/api/share/revoke", { method: "DELETE" })).status).toBe(401);
    expect(await guest.upgrade("/ide/")).toBe(401);
    const both = await guest.ask("files/a.txt", { headers: asOwner });
    expect(both.status).toBe(200);
  });

  it("the owner who opens a link sees what a guest sees", async () => {
    const server = await SharingGateway.start({ files });
    const guest = server.guest(await server.create({ permission: "view", file: "a.txt" }));
    const headers = { authorization: `token ${ownerToken}` };
    expect((await guest.ask("", { headers: { ...headers, ...navigation } })).body).toContain("Checking the link");
    await guest.enter("Alice");
    expect((await guest.ask("files/src/b.py", { headers })).status).toBe(404);
  });

  it("R5: other origins are refused, for entering and for the session's socket", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const guest = server.guest(share);
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const answer = await guest.ask("enter", { method: "POST", body: { secret: guest.secret }, headers });
    expect([answer.status, codeOf(answer)]).toEqual([403, "ORIGIN_REFUSED"]);
    await guest.enter();
    expect(await guest.upgrade("api/session", headers)).toBe(403);
    expect(await guest.upgrade("api/session")).toBe(101);
  });

  it("a new entry ends the browser's old session; leaving ends it for good", async () => {
    const server = await SharingGateway.start({ files });
    const { share, guest } = await server.enter({ permission: "view" });
    const old = guest.cookie ?? "";
    const again = await guest.ask("enter", {
      method: "POST",
      body: { secret: guest.secret },
      headers: { cookie: old },
    });
    guest.cookie = again.headers["set-cookie"]?.[0]?.split(";")[0];
    expect(guest.cookie).not.toBe(old);
    expect((await guest.ask("files/a.txt", { headers: { cookie: old } })).status).toBe(401);
    const session = await guest.session();
    const left = await guest.ask("leave", { method: "POST" });
    expect(left.status).toBe(204);
    expect((await session.closed).code).toBe(4401);
    expect((await guest.ask("files/a.txt")).status).toBe(401);
    const { body } = await server.api("/api/share/list");
    expect((body as ShareList).shares.find(({ id }) => id === share.id)?.guests).toEqual([]);
  });

  it("max_guests: the next one is refused, and may come when a place is free", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view", max_guests: 1 });
    const bob = await server.guest(share).enter("Bob");
    const session = await bob.session();
    const carol = server.guest(share);
    const refused = await carol.ask("enter", { method: "POST", body: { secret: carol.secret } });
    expect([refused.status, codeOf(refused)]).toEqual([403, "SHARE_FULL"]);
    await bob.ask("leave", { method: "POST" });
    await session.closed;
    await carol.enter("Carol");
  });

  it("removing one guest, and a new link that ends the old one", async () => {
    const server = await SharingGateway.start({ files });
    const { share, guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    const [entry] = ((await server.api("/api/share/list")).body as ShareList).shares;
    const [bob] = entry?.guests ?? [];
    expect(bob).toMatchObject({ name: "Bob", present: true });
    expect((await server.api(`/api/share/${share.id}/guests/${bob?.session}`, { method: "DELETE" })).status).toBe(204);
    expect((await session.closed).code).toBe(4412);
    const { status, body } = await server.api(`/api/share/${share.id}/link`, {
      method: "POST",
      body: { end_old: true },
    });
    expect(status).toBe(201);
    await expect(guest.enter()).rejects.toThrow("SHARE_LINK_WRONG");
    await server.guest(body as CreatedShare).enter();
  });

  it("a restart of the server keeps shares and guests; pages reconnect", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view", expires_in: null });
    const session = await guest.session();
    await server.restart();
    expect((await session.closed).code).toBe(1001);
    const again = server.guest({ url: `${publicOrigin}${guest.path}#${guest.secret}` });
    again.cookie = guest.cookie;
    await expect.poll(async () => (await again.ask("files/a.txt")).status).toBe(200);
    expect((await (await again.session()).message("welcome")).you.name).toBe("Bob");
  });

  it("no secret is in the data folder, the list, the audit or an error", async () => {
    const server = await SharingGateway.start({ files });
    const { share, guest } = await server.enter({ permission: "view" });
    await guest.ask("enter", { method: "POST", body: { secret: `${guest.secret}x` } });
    const told = JSON.stringify([
      (await server.api("/api/share/list")).body,
      (await server.api("/api/share/audit")).body,
      (await server.api("/api/share/info")).body,
    ]);
    const stored = readFileSync(join(server.dataFolder, "shares.sqlite"), "latin1");
    for (const secret of [guest.secret, guest.cookie?.split("=")[1] ?? ""]) {
      expect(told).not.toContain(secret);
      expect(stored).not.toContain(secret);
    }
    expect(stored).toContain(share.id);
  });
});
