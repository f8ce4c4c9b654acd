import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { ask, askUpgrade, backend, startGateway } from "../../support/gateway-without-ide.ts";

describe("under a prefix", () => {
  const flags = { "base-url": "/user/alice/" };

  it("answers below it; outside, /healthz answers and any GET is led below it", async () => {
    const gateway = await startGateway(flags);
    expect((await ask(gateway, "/user/alice/api")).status).toBe(200);
    expect((await ask(gateway, "/healthz")).status).toBe(200);
    expect((await ask(gateway, "/ide/?folder=/x")).headers.location).toBe("/user/alice/ide/?folder=/x");
    expect((await ask(gateway, "//evil.example/x")).headers.location).toBe("/user/alice/evil.example/x");
    const post = { method: "POST", headers: { "sec-fetch-site": "same-origin" } };
    expect((await ask(gateway, "/api", post)).status).toBe(404);
    expect(await askUpgrade(gateway, "/ide/", { Origin: new URL(gateway.url).origin })).toBe(400);
  });

  it("redirects to the slash that relative links need", async () => {
    const gateway = await startGateway(flags);
    for (const [path, location] of [
      ["/user/alice/ide", "/user/alice/ide/"],
      ["/user/alice/ide?x=1", "/user/alice/ide/?x=1"],
      ["/user/alice/proxy/3000", "/user/alice/proxy/3000/"],
      ["/user/alice/ide/proxy/3000/a?b", "/user/alice/proxy/3000/a?b"],
      ["/user/alice/apps/lab", "/user/alice/apps/lab/"],
    ]) {
      expect(await ask(gateway, path ?? "")).toMatchObject({ status: 307, headers: { location } });
    }
  });

  it("strips it for ports, keeps it for absproxy", async () => {
    const port = await backend(createServer((request, response) => response.end(request.url)));
    const gateway = await startGateway(flags);
    expect((await ask(gateway, `/user/alice/proxy/${port}/a%2Fb//@?q=%20`)).body).toBe("/a%2Fb//@?q=%20");
    expect((await ask(gateway, `/user/alice/absproxy/${port}/a?q`)).body).toBe(`/user/alice/absproxy/${port}/a?q`);
  });
});

it("removes a fragment, and accepts the absolute form of its own host", async () => {
  const targets: string[] = [];
  const port = await backend(
    createServer((request, response) => response.end(request.url)).on("upgrade", (request, socket) => {
      targets.push(request.url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }),
  );
  const gateway = await startGateway();
  const { host } = new URL(gateway.url);
  expect((await ask(gateway, `/proxy/${port}/a?b=%23#c/../d?e`)).body).toBe("/a?b=%23");
  expect((await ask(gateway, `http://${host}/proxy/${port}/a?b#c`)).body).toBe("/a?b");
  expect((await ask(gateway, `HTTP://${host}/api#x`)).status).toBe(200);
  expect(await askUpgrade(gateway, `/proxy/${port}/ws#x`, { Origin: `http://${host}` })).toBe(403);
  expect(await askUpgrade(gateway, `http://${host}/proxy/${port}/ws?a`, { Origin: `http://${host}` })).toBe(403);
  expect(targets).toEqual(["/ws", "/ws?a"]);
});

it("refuses absolute targets of other hosts, asterisk targets, and unknown methods", async () => {
  const gateway = await startGateway();
  expect((await ask(gateway, "http://127.0.0.1/api")).status).toBe(400);
  expect((await ask(gateway, "http://evil.example/api")).status).toBe(400);
  expect((await ask(gateway, "*", { method: "OPTIONS" })).status).toBe(400);
});
