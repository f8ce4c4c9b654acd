import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AddressGuard } from "../../../src/apps/address-guard.ts";
import { findFreePort } from "../../../src/system/ports.ts";
import { get, OneApp, onPort, onSocket, patience } from "./fixtures/one-app.ts";

let one: OneApp;
beforeEach(() => {
  one = new OneApp();
});
afterEach(() => one.close());

describe("An app", () => {
  it("starts on demand, once for 20 requests at the same time", async () => {
    one.open({ command: onPort, environment: { DELAY: "300" }, title: "The one" });
    expect(one.apps.list()).toEqual([
      { name: "one", title: "The one", url: "/user/alice/apps/one/", state: "stopped" },
    ]);
    const requests = Array.from({ length: 20 }, () => one.resolve().then(get));
    await vi.waitFor(() => expect(one.apps.state("one")).toBe("starting"), patience);
    const answers = await Promise.all(requests);
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
    expect(one.startCount()).toBe(1);
    expect(one.apps.state("one")).toBe("ready");
    await one.resolve();
    expect(one.startCount()).toBe(1);
  });

  it("gets its address, prefix, environment and headers filled in", async () => {
    one.open({
      command: [...onPort, "127.0.0.1", "{base_url}"],
      environment: { WHERE: "{base_url}", PORT: "{port}", SOCKET: "<{unix_socket}>", BRACES: "{{port}}" },
      request_headers: { "X-Base": "{base_url}", "X-Port": "{port}" },
    });
    const destination = await one.resolve("//a/%2e%2e/@b", "?q=%20");
    expect(destination).toMatchObject({
      target: "//a/%2e%2e/@b?q=%20",
      prefix: "/user/alice/apps/one/",
      prefixStripped: true,
    });
    const { address, url, env, headers, folder: workingFolder } = await get(destination);
    expect(Number(address)).toBeGreaterThan(0);
    expect(url).toBe("//a/%2e%2e/@b?q=%20");
    expect(env).toMatchObject({
      WHERE: "/user/alice/apps/one/",
      PORT: address,
      SOCKET: "<>",
      BRACES: "{port}",
      INHERITED: "yes",
    });
    expect(headers).toMatchObject({ "x-base": "/user/alice/apps/one/", "x-port": address });
    expect(workingFolder).toBe(one.folder);
  });

  it("R4 inherits nothing but the environment it is given", async () => {
    vi.stubEnv("JUPYTERHUB_API_TOKEN", "secret");
    one.open({ command: onPort });
    const { env } = await get(await one.resolve());
    vi.unstubAllEnvs();
    expect(
      Object.keys(env)
        .filter((name) => !["PWD", "OLDPWD", "_", "SHLVL"].includes(name))
        .sort(),
    ).toEqual(["INHERITED", "PATH", "STARTS"]);
  });

  it("keeps the prefix with absolute_url", async () => {
    one.open({ command: onPort, absolute_url: true, mappath: { "/": "/start" } });
    expect((await get(await one.resolve("/x//%41", "?y"))).url).toBe("/user/alice/apps/one/x//%41?y");
    expect((await get(await one.resolve("/", "?y"))).url).toBe("/user/alice/apps/one/start?y");
  });

  it("maps paths with mappath", async () => {
    one.open({ command: onPort, mappath: { "/": "/index.html" } });
    expect((await get(await one.resolve("/", "?y"))).url).toBe("/index.html?y");
    expect((await get(await one.resolve("/other"))).url).toBe("/other");
  });

  it("listens on a private unix socket, chosen or implied", async () => {
    one.open({ command: onSocket });
    const implied = await get(await one.resolve());
    expect(implied.address).toMatch(new RegExp(`^${one.folder}/app-\\d+\\.sock$`));
    expect(existsSync(implied.address)).toBe(true);
    await one.apps.close();
    expect(existsSync(implied.address)).toBe(false);
    one.open({ command: [...onSocket, "{port}"], unix_socket: true });
    const chosen = await get(await one.resolve());
    expect(chosen.address).toMatch(/\.sock$/);
    expect(chosen.address).not.toBe(implied.address);
  });

  it("listens on a fixed port, and on ::1 only", async () => {
    const port = await findFreePort();
    one.open({ command: [...onPort, "::1"], port });
    expect((await get(await one.resolve())).address).toBe(String(port));
  });

  it("R8 is never the gateway itself", async () => {
    const port = await findFreePort();
    one.open({ command: onPort, port }, { guard: new AddressGuard({ ownPort: () => port }) });
    await expect(one.resolve()).rejects.toMatchObject({ code: "PORT_REFUSED" });
    expect(one.startCount()).toBe(0);
    expect(one.apps.state("one")).toBe("failed");
  });

  it("may be somebody else's program, by port or socket", async () => {
    const server = createServer((request, response) => response.end(JSON.stringify({ url: request.url }))).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    one.open({ port: (server.address() as AddressInfo).port });
    expect((await get(await one.resolve("/x"))).url).toBe("/x");
    expect(one.apps.state("one")).toBe("ready");
    await one.apps.close();
    await new Promise((done) => server.close(done));
    const socket = join(one.folder, "own.sock");
    const other = createServer((request, response) => response.end(JSON.stringify({ url: request.url }))).listen(
      socket,
    );
    await once(other, "listening");
    one.open({ unix_socket: socket });
    expect((await get(await one.resolve("/y"))).url).toBe("/y");
    await one.apps.close();
    await new Promise((done) => other.close(done));
  });

  it("that is not configured is unknown", async () => {
    one.open({ command: onPort });
    for (const name of ["two", "__proto__", "ONE", "on%65", ""]) {
      await expect(one.apps.resolve({ name, rest: "/", query: "", fullPath: "/" })).rejects.toMatchObject({
        code: "APP_UNKNOWN",
      });
      expect(one.apps.state(name)).toBeUndefined();
      one.apps.opened(name)();
    }
  });
});
