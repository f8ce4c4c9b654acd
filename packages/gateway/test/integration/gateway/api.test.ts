import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { ask, backend, errorCode, startGateway } from "../../support/gateway-without-ide.ts";

describe("the API", () => {
  it("answers from the first moment, whatever the IDE does", async () => {
    const gateway = await startGateway();
    expect((await ask(gateway, "/api")).status).toBe(200);
    expect(JSON.parse((await ask(gateway, "/api/")).body)).toMatchObject({ name: "waiide" });
    expect((await ask(gateway, "/healthz")).status).toBe(200);
    expect(JSON.parse((await ask(gateway, "/api/status")).body)).toMatchObject({ connections: 0 });
    expect(JSON.parse((await ask(gateway, "/api/services")).body)).toMatchObject({
      services: [{ name: "ide", url: "/ide/" }],
    });
  });

  it("answers an unknown /api path with JSON 404", async () => {
    const gateway = await startGateway();
    for (const path of ["/api/unknown", "/api/health/x", "/api/../api/unknown", "/api/%2e%2e/"]) {
      const answer = await ask(gateway, path, { headers: { accept: "application/json" } });
      expect(answer.status).toBe(404);
      expect(errorCode(answer)).toBe("NOT_FOUND");
    }
  });

  it.each([
    ["/api/status", "GET, HEAD"],
    ["/api/status/", "GET, HEAD"],
    ["/healthz", "GET, HEAD"],
    ["/metrics?x=1", "GET, HEAD"],
    ["/logout", "GET, HEAD"],
    ["/login", "GET, HEAD, POST"],
    ["/api/ide/restart", "POST"],
    ["/share/abc/", "GET, HEAD"],
    ["/share/abc/enter", "POST"],
    ["/share/abc/look", "POST"],
    ["/ide/waiide-page.js", "GET, HEAD"],
  ])("says which methods %s takes: %s", async (path, methods) => {
    const gateway = await startGateway();
    const allow = `${methods}, OPTIONS`;
    const headers = { "sec-fetch-site": "same-origin", "content-type": "text/odd", accept: "application/json" };
    for (const method of ["DELETE", "PATCH", "PUT", "PROPFIND", ...(methods === "POST" ? ["GET", "HEAD"] : [])]) {
      const answer = await ask(gateway, path, { method, headers });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
      if (method !== "HEAD") expect(errorCode(answer)).toBe("METHOD_NOT_ALLOWED");
    }
    const options = await ask(gateway, path, { method: "OPTIONS" });
    expect([options.status, options.headers.allow, options.body]).toEqual([204, allow, ""]);
  });

  it("answers HEAD as GET, without a body", async () => {
    const gateway = await startGateway();
    for (const path of ["/healthz", "/api", "/api/status", "/metrics", "/ide/waiide-page.js"]) {
      const answer = await ask(gateway, path, { method: "HEAD" });
      expect([path, answer.status, answer.body]).toEqual([path, 200, ""]);
    }
  });

  it("describes itself as OpenAPI 3.1, every path with a summary", async () => {
    const { body } = await ask(await startGateway(), "/api/openapi.json");
    const document = JSON.parse(body) as {
      openapi: string;
      paths: Record<string, Record<string, { summary?: string }>>;
    };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toContain("/api/status");
    for (const methods of Object.values(document.paths)) {
      for (const operation of Object.values(methods)) expect(operation.summary).toMatch(/\w/);
    }
  });

  it("serves Prometheus metrics, also on a separate port", async () => {
    const port = await freePort();
    const gateway = await startGateway({ "metrics-port": String(port) });
    const { body } = await ask(gateway, "/metrics");
    expect(body).toMatch(/^waiide_requests_total\{route="api"\} \d+$/m);
    const separate = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(await separate.text()).toContain("waiide_ide_ready 0");
    expect((await fetch(`http://127.0.0.1:${port}/api/status`)).status).toBe(404);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await backend(server);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  await promise;
  return port;
}
