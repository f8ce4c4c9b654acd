import { createServer } from "node:http";
import pino from "pino";
import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import type { AddRoutes } from "../../../src/access/route-host.ts";
import { createApi, declaresWho } from "../../../src/api/api.ts";

function apiWith(...routes: readonly AddRoutes[]) {
  const options = { baseUrl: "/", mode: "standalone", logger: pino({ level: "silent" }), routes } as const;
  return createApi(options, (handler) => createServer(handler));
}

describe("the host of our routes", () => {
  it("answers and documents the routes that each part brings", async () => {
    const schema = { response: { 200: Type.String() } };
    const health: AddRoutes = (host) => host.get("/healthz", { config: { who: "anyone" }, schema }, () => "ok");
    const status: AddRoutes = (host) => host.get("/api/status", { config: { who: "owner" }, schema }, () => "fine");
    const api = apiWith(health, status);
    expect((await api.inject("/healthz")).body).toBe("ok");
    expect((await api.inject("/api/status")).body).toBe("fine");
    const document = (await api.inject("/api/openapi.json")).json();
    expect(Object.keys(document.paths).sort()).toEqual(["/api/openapi.json", "/api/status", "/healthz"]);
  });

  it("refuses a part whose route does not declare who may call it", () => {
    expect(() => apiWith((host) => host.get("/api/status", () => "open"))).toThrow("does not declare who may call it");
  });

  it("answers 404 where no part has a route, and 405 where none has the method", async () => {
    const api = apiWith((host) => host.get("/healthz", { config: { who: "anyone" } }, () => "ok"));
    expect((await api.inject("/api/none")).statusCode).toBe(404);
    expect((await api.inject({ method: "DELETE", url: "/healthz" })).statusCode).toBe(405);
  });
});

describe("route census: every route declares who may call it, and the gate agrees", () => {
  it.each([
    ["/api", "anyone"],
    ["/api/health", "anyone"],
    ["/api/status", "owner"],
    ["/metrics", "owner"],
  ] as const)("%s for %s", (url, who) => expect(() => declaresWho(url, who)).not.toThrow());

  it("the hub's callback exists only behind a hub", () => {
    expect(() => declaresWho("/oauth_callback", "anyone", "jupyterhub")).not.toThrow();
    expect(() => declaresWho("/oauth_callback", "anyone")).toThrow("never reached");
  });

  it("refuses one that declares nothing", () => {
    expect(() => declaresWho("/api/new", undefined)).toThrow("does not declare who may call it");
  });

  it("refuses one that the gate lets others in to, or keeps them out of", () => {
    expect(() => declaresWho("/api/status", "anyone")).toThrow("the gate lets in owner");
    expect(() => declaresWho("/login", "owner")).toThrow("the gate lets in anyone");
  });

  it("refuses one that the route table gives to something else", () => {
    expect(() => declaresWho("/new", "owner")).toThrow("never reached");
    expect(() => declaresWho("/ide/new", "owner")).toThrow("never reached");
  });
});
