import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Ports } from "../../../src/apps/ports.ts";
import { reasonOf } from "../../../src/base/errors.ts";
import type { Backend } from "../../../src/proxy/backend.ts";

/** What the name service says, by name; it can change between two connections, as an attacker's would. */
const names = vi.hoisted(() => new Map<string, string[]>());
vi.mock("node:dns/promises", () => ({
  lookup: async (name: string) => {
    const addresses = names.get(name);
    if (addresses === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" });
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  },
}));

const servers: Server[] = [];
let connections = 0;

async function listen(host: string, port = 0): Promise<number> {
  const server = createServer((request, response) => response.end(`${host} ${request.url}`));
  server.on("connection", () => {
    connections += 1;
  });
  servers.push(server.listen(port, host));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

let ports: Ports;
let ownPort = 1;

function openPorts(refused: { host: string; port: number; reason: string }[] = []): Ports {
  ports = new Ports({ ownPort: () => ownPort, proxyHosts: ["allowed.test"], refused });
  return ports;
}

function backendOf(authority: string): Backend {
  const fullPath = `/proxy/${authority}/`;
  return ports.resolve({ authority, rest: "/", query: "", kind: "proxy", baseUrl: "/", fullPath }).backend;
}

async function get(backend: Backend): Promise<string> {
  const response = await backend.request({ method: "GET", path: "/x" });
  return response.body.text();
}

/** The same by a raw connection, as upgrades use it. */
async function getRaw(backend: Backend): Promise<string> {
  const socket = backend.connect();
  await once(socket, "connect");
  socket.end("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const answer = await text(socket);
  await closed;
  return answer.split("\r\n\r\n")[1] ?? "";
}

beforeEach(() => {
  names.clear();
  ownPort = 1;
  connections = 0;
});

afterEach(async () => {
  await ports.close();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe("R8 a plain port", () => {
  it.each(["127.0.0.1", "::1"])("reaches a program that listens on %s only", async (host) => {
    openPorts();
    const backend = backendOf(String(await listen(host)));
    expect(await get(backend)).toBe(`${host} /x`);
    expect(await getRaw(backend)).toContain(`${host} /x`);
  });

  it("without a listener is reported for both addresses", async () => {
    openPorts();
    const port = await listen("127.0.0.1");
    servers.pop()?.close();
    const failure = await get(backendOf(String(port))).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ECONNREFUSED" });
    expect(reasonOf(failure)).toBe(`connect ECONNREFUSED 127.0.0.1:${port}; connect ECONNREFUSED ::1:${port}`);
  });

  it("with an address reaches that address only", async () => {
    openPorts();
    const port = await listen("::1");
    expect(await get(backendOf(`[::1]:${port}`))).toBe("::1 /x");
    await expect(get(backendOf(`127.0.0.1:${port}`))).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("is refused at the connection when a service known by name turns out to be there", async () => {
    const port = await listen("127.0.0.1");
    openPorts([{ host: "hub", port, reason: "it is the hub's API" }]);
    names.set("hub", ["127.0.1.1"]);
    await expect(get(backendOf(String(port)))).rejects.toMatchObject({ code: "PORT_REFUSED" });
    names.delete("hub");
    await expect(get(backendOf(String(port)))).rejects.toThrow(/cannot be told apart from hub:/);
    expect(connections).toBe(0);
    names.set("hub", ["192.0.2.7"]);
    expect(await get(backendOf(String(port)))).toBe("127.0.0.1 /x");
  });
});

describe("R8 a permitted name", () => {
  it("is proxied to where it leads", async () => {
    openPorts();
    names.set("allowed.test", ["127.0.0.1"]);
    const backend = backendOf(`allowed.test:${await listen("127.0.0.1")}`);
    expect(await get(backend)).toBe("127.0.0.1 /x");
    expect(await getRaw(backend)).toContain("127.0.0.1 /x");
  });

  it.each([
    ["169.254.169.254"],
    ["::ffff:169.254.169.254"],
    ["fe80::1"],
    ["fd00:ec2::254"],
    ["127.0.0.1", "100.100.100.200"],
  ])("that leads to %s is refused at the connection, HTTP and raw", async (...addresses) => {
    openPorts();
    const port = await listen("127.0.0.1");
    names.set("allowed.test", addresses);
    const backend = backendOf(`allowed.test:${port}`);
    await expect(get(backend)).rejects.toMatchObject({ code: "PORT_REFUSED" });
    await expect(getRaw(backend)).rejects.toMatchObject({ code: "PORT_REFUSED" });
    expect(connections).toBe(0);
  });

  it.each(["127.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1"])(
    "that leads to the gateway itself by %s is refused",
    async (address) => {
      openPorts();
      ownPort = await listen("127.0.0.1");
      names.set("allowed.test", [address]);
      await expect(get(backendOf(`allowed.test:${ownPort}`))).rejects.toThrow(/WAIIDE's own port/);
      expect(connections).toBe(0);
    },
  );

  it("is judged again at each connection", async () => {
    openPorts();
    const backend = backendOf(`allowed.test:${await listen("127.0.0.1")}`);
    names.set("allowed.test", ["127.0.0.1"]);
    expect(await getRaw(backend)).toContain("127.0.0.1 /x");
    names.set("allowed.test", ["169.254.169.254"]);
    await expect(getRaw(backend)).rejects.toMatchObject({ code: "PORT_REFUSED" });
  });

  it("that is unknown fails plainly", async () => {
    openPorts();
    await expect(get(backendOf("allowed.test:80"))).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});
