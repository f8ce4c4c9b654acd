import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit, ShareList } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { routeTable } from "../../../src/access/routes.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

/** Every route of sharing that Fastify has, and who may call it. A new one has to be written here, too. */
const routes: Readonly<Record<string, "owner" | "guest" | "anyone">> = {
  "GET /api/share/info": "owner",
  "GET /api/share/list": "owner",
  "GET /api/share/overview": "owner",
  "GET /api/share/audit": "owner",
  "GET /api/share/{id}/changes": "owner",
  "GET /api/share/{id}/original": "owner",
  "GET /api/share/events": "owner",
  "GET /api/share/guest-writes": "owner",
  "POST /api/share/owner-save": "owner",
  "POST /api/share/{id}/without-guests": "owner",
  "POST /api/share/create": "owner",
  "POST /api/share/survey": "owner",
  "POST /api/share/environment": "owner",
  "PATCH /api/share/{id}": "owner",
  "POST /api/share/{id}/link": "owner",
  "POST /api/share/{id}/resume": "owner",
  "POST /api/share/{id}/refresh": "owner",
  "PATCH /api/share/{id}/guests/{session}": "owner",
  "DELETE /api/share/{id}/guests/{session}": "owner",
  "POST /api/share/requests/{request}/accept": "owner",
  "POST /api/share/requests/{request}/decline": "owner",
  "GET /api/share/{id}/talk": "owner",
  "POST /api/share/{id}/talk": "owner",
  "GET /api/share/{id}/comments": "owner",
  "POST /api/share/{id}/comments": "owner",
  "POST /api/share/moved-files": "owner",
  "POST /api/share/{id}/comments/{thread}": "owner",
  "PATCH /api/share/{id}/comments/{thread}": "owner",
  "DELETE /api/share/{id}/comments/{thread}/{comment}": "owner",
  "POST /api/share/{id}/terminals": "owner",
  "GET /api/share/{id}/terminals/{terminal}/events": "owner",
  "POST /api/share/{id}/terminals/{terminal}/output": "owner",
  "DELETE /api/share/{id}/terminals/{terminal}": "owner",
  "GET /api/share/{id}/proposals": "owner",
  "GET /api/share/{id}/proposals/{proposal}": "owner",
  "POST /api/share/{id}/proposals/{proposal}/accept": "owner",
  "POST /api/share/{id}/proposals/{proposal}/decline": "owner",
  "DELETE /api/share/revoke": "owner",
  "DELETE /api/share/revoke/{id}": "owner",
  "GET /share/{id}/": "anyone",
  "GET /share/{id}/login": "anyone",
  "POST /share/{id}/look": "anyone",
  "POST /share/{id}/enter": "anyone",
  "POST /share/{id}/leave": "guest",
  "GET /share/{id}/about": "guest",
  "POST /share/{id}/clone-token": "guest",
  "GET /share/{id}/copy": "guest",
  "POST /share/{id}/copy-ticket": "guest",
};
/** Below a share, what never comes to Fastify; all of it is its guests' alone. */
const beyond = [
  "api/session",
  "api/live",
  "files/a.txt",
  "archive.zip",
  "copy.json",
  "repo.git/info/refs",
  "ide/",
  "ide/x",
  "proxy/3000/",
  "absproxy/3000/x",
];

interface OpenApi {
  readonly paths: Record<string, Record<string, { readonly security?: unknown }>>;
}

describe("route census of sharing", () => {
  it("names every route, and the API's description says which need a login", async () => {
    const server = await SharingGateway.start();
    const { paths } = (await server.api("/api/openapi.json")).body as OpenApi;
    const found = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => ({ name: `${method.toUpperCase()} ${path}`, security })),
    );
    const ofSharing = found.filter(({ name }) => / (\/api)?\/share\//.test(name));
    expect(ofSharing.map(({ name }) => name).sort()).toEqual(Object.keys(routes).sort());
    const needLogin = ofSharing.filter(({ security }) => security !== undefined).map(({ name }) => name);
    expect(needLogin.sort()).toEqual(
      Object.keys(routes)
        .filter((name) => routes[name] === "owner")
        .sort(),
    );
    expect(routeTable.find(({ segment }) => segment === "share")?.who).toBe("anyone");
  });

  it("strangers and guests of another share get only public things, change nothing", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "alpha\n" } });
    const { share } = await server.enter({ permission: "terminal" });
    const { guest: other } = await server.enter({ permission: "terminal" });
    const stranger = server.guest(share);
    const listed = async () => ((await server.api("/api/share/list")).body as ShareList).shares;
    const written = async () =>
      ((await server.api("/api/share/audit")).body as Audit).entries
        .map(({ event }) => event)
        .filter((one) => one !== "refuse");
    const before = [await listed(), await written()];
    const session = (await listed()).find(({ id }) => id === share.id)?.guests[0]?.session ?? "";
    for (const client of [stranger, other]) {
      for (const [route, who] of Object.entries(routes)) {
        const [method = "", path = ""] = route
          .replace("{id}", share.id)
          .replace("{session}", session)
          .replace(/\{(request|terminal|thread|comment)\}/g, "1")
          .split(" ");
        const answer = await client.ask(path, { method, ...(/^(POST|PATCH)$/.test(method) ? { body: {} } : {}) });
        if (who === "anyone") expect(answer.status, route).not.toBe(401);
        else expect(answer.status, route).toBe(401);
      }
      for (const part of beyond) {
        expect((await client.ask(`${stranger.path}${part}`)).status, part).toBe(401);
        expect(await client.upgrade(`${stranger.path}${part}`), part).toBe(401);
      }
    }
    expect([await listed(), await written()]).toEqual(before);
  });
});

describe("R15, R21: where earlier shares cannot be read", () => {
  it("yet, as the server starts, guests wait: link, page, cookie and socket are good", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "alpha\n" } });
    const { share, guest } = await server.enter({ permission: "view" });
    await server.restart();
    const [back, fresh] = [server.guest(share), server.guest(share)];
    back.cookie = guest.cookie;
    const answers = await Promise.all([
      fresh.ask("look", { method: "POST", body: { secret: fresh.secret } }),
      fresh.ask("enter", { method: "POST", body: { secret: fresh.secret } }),
      back.ask(""),
      back.ask("files/a.txt"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 204, 200, 200]);
    expect(answers[3]?.body).toBe("alpha\n");
    await server.restart();
    const next = server.guest(share);
    next.cookie = guest.cookie;
    expect(await next.upgrade("api/session")).toBe(101);
  });

  it("a guest's cookie and link are neither wrong nor cleared: 503 with the reason", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "alpha\n" } });
    const { share, guest } = await server.enter({ permission: "view" });
    const file = join(server.dataFolder, "shares.sqlite");
    const good = readFileSync(file);
    await server.gateway.close();
    writeFileSync(file, "no database");
    await server.restart();
    const again = server.guest(share);
    again.cookie = guest.cookie;
    await server.api("/api/share/info");
    for (const path of ["", "files/a.txt"]) {
      const answer = await again.ask(path);
      expect([answer.status, answer.headers["set-cookie"]], path).toEqual([503, undefined]);
    }
    expect(await again.upgrade("api/session")).toBe(503);
    const look = await again.ask("look", { method: "POST", body: { secret: again.secret } });
    expect(JSON.parse(look.body).error.code).toBe("SHARING_UNAVAILABLE");
    await server.gateway.close();
    writeFileSync(file, good);
    await server.restart();
    const back = server.guest(share);
    back.cookie = guest.cookie;
    await server.api("/api/share/info");
    expect((await back.ask("files/a.txt")).body).toBe("alpha\n");
  });
});
