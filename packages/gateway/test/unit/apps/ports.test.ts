import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type PortRequest, Ports } from "../../../src/apps/ports.ts";
import { GatewayError } from "../../../src/base/errors.ts";

const ownPort = 8070;

function request(authority: string, changes: Partial<PortRequest> = {}): PortRequest {
  const kind = changes.kind ?? "proxy";
  return {
    authority,
    rest: "/",
    query: "",
    kind,
    baseUrl: "/user/alice/",
    fullPath: `/${kind}/${authority}${changes.rest ?? "/"}`,
    ...changes,
  };
}

function codeOf(ports: Ports, authority: string): string {
  try {
    ports.resolve(request(authority));
    return "accepted";
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

describe("R8 ports", () => {
  const ports = new Ports({
    ownPort: () => ownPort,
    proxyHosts: [
      "Data.Example.org.",
      "10.0.0.5",
      "fd12::5",
      "0.0.0.0",
      "169.254.169.254",
      "fd00:ec2::254",
      "100.100.100.200",
      "metadata.google.internal",
      "fe80::1",
      "64:ff9b::a9fe:a9fe",
      "2002:a9fe:a9fe::1",
      "bücher.example",
    ],
    refused: [
      { host: "10.0.0.5", port: 8081, reason: "it is the hub's API" },
      { host: "127.0.0.1", port: 15001, reason: "it is the hub's API" },
      { host: "data.example.org", port: 8081, reason: "it is the hub's API" },
    ],
  });
  afterEach(() => ports.close());

  it.each([
    "3000",
    "1",
    "65535",
    "%33000",
    "localhost:3000",
    "LOCALHOST:3000",
    "localhost.:3000",
    "127.0.0.1:3000",
    "127.0.0.1%3A3000",
    "[::1]:3000",
    "%5B::1%5D:3000",
    "[0:0:0:0:0:0:0:1]:3000",
    "[::ffff:127.0.0.1]:3000",
    "[::FFFF:7f00:1]:3000",
    "2130706433:3000",
    "0x7f.1:3000",
    "0X7F000001:3000",
    "0177.0.0.1:3000",
    "127.1:3000",
    "127.0.0.1.:3000",
    "１２７.0.0.1:3000",
    "data.example.org:80",
    "DATA.example.ORG.:80",
    "10.0.0.5:80",
    "0xa.5:80",
    "[fd12::5]:80",
    "[FD12:0::0005]:80",
    "[::ffff:10.0.0.5]:80",
    "0.0.0.0:3000",
    "xn--bcher-kva.example:80",
    "B%C3%9Ccher.example:80",
  ])("accept %s", (authority) => {
    expect(codeOf(ports, authority)).toBe("accepted");
  });

  it.each([
    "",
    "0",
    "00",
    "-1",
    "+3000",
    "03000",
    " 3000",
    "3000 ",
    "%203000",
    "3000%20",
    "3000%00",
    "3e3",
    "0xbb8",
    "3000.0",
    "3,000",
    "65536",
    "99999",
    "100000",
    "2130706433",
    "NaN",
    "http",
    "３０００",
    "%EF%BC%93000",
    "%",
    "%zz",
    "%2533000",
    "localhost:",
    "localhost:0",
    "localhost:65536",
    "localhost:03000",
    ":",
    "localhost:3000:",
    "127.0.0.1",
    "[::1]",
  ])("“%s” is not a port: PORT_INVALID", (authority) => {
    expect(codeOf(ports, authority)).toBe("PORT_INVALID");
  });

  it.each([
    ":3000",
    "example.org:80",
    "data.example.org.evil.example:80",
    "evil.data.example.org:80",
    "data.example.org..:80",
    "10.0.0.6:80",
    "127.0.0.2:3000",
    "[::]:3000",
    "::1:3000",
    "[::1:3000",
    "::1]:3000",
    "[[::1]]:3000",
    "[::1%25lo]:3000",
    "[::1%25251]:3000",
    "localhost@evil.example:80",
    "localhost:1@data.example.org:80",
    "localhost%2Fevil:80",
    "localhost%5Cevil:80",
    "localhost%23evil:80",
    "localhost%3Fevil:80",
    "local%09host:80",
    "local%0Ahost:80",
    "%256cocalhost:80",
    "256.0.0.1:80",
    "1.2.3.4.5:80",
    "0x.1.:80x:80",
    "data%E3%80%82example.org:80",
    `${"a".repeat(300)}:80`,
  ])("%s is not a permitted host: PROXY_HOST_REFUSED", (authority) => {
    expect(codeOf(ports, authority)).toBe("PROXY_HOST_REFUSED");
  });

  it.each([
    `${ownPort}`,
    `localhost:${ownPort}`,
    `127.0.0.1:${ownPort}`,
    `2130706433:${ownPort}`,
    `0x7f.1:${ownPort}`,
    `127.0.0.53:${ownPort}`,
    `[::1]:${ownPort}`,
    `[::ffff:127.0.0.1]:${ownPort}`,
    `0.0.0.0:${ownPort}`,
    `0:${ownPort}`,
    `[::]:${ownPort}`,
    `[64:ff9b::7f00:1]:${ownPort}`,
  ])("%s is the gateway itself: PORT_REFUSED", (authority) => {
    expect(codeOf(ports, authority)).toBe("PORT_REFUSED");
  });

  it.each([
    "10.0.0.5:8081",
    "0xa.5:8081",
    "[::ffff:a00:5]:8081",
    "data.example.org:8081",
    "15001",
    "[::1]:15001",
    "0.0.0.0:15001",
  ])("%s is the hub's API: PORT_REFUSED", (authority) => {
    expect(codeOf(ports, authority)).toBe("PORT_REFUSED");
  });

  it.each([
    "169.254.169.254",
    "169.254.169.254.",
    "169.254.43518",
    "2852039166",
    "0xa9fea9fe",
    "0xA9.0xFE.0xA9.0xFE",
    "0251.0376.0251.0376",
    "025177524776",
    "169.254.1.1",
    "%31%36%39.254.169.254",
    "１６９.254.169.254",
    "[::ffff:169.254.169.254]",
    "[::FFFF:a9fe:a9fe]",
    "[::169.254.169.254]",
    "[::ffff:0:169.254.169.254]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[fd00:ec2::254]",
    "[FD00:0EC2:0::0254]",
    "[fd20:ce::254]",
    "[fe80::1]",
    "[febf::1]",
    "100.100.100.200",
    "0x64.100.0144.200",
    "1684301000",
    "168.63.129.16",
    "192.0.0.192",
    "metadata.google.internal",
    "METADATA.google.internal.",
    "metadata.goog",
    "metadata",
  ])("%s is a metadata service, permitted or not: PORT_REFUSED", (host) => {
    expect(codeOf(ports, `${host}:80`)).toBe("PORT_REFUSED");
  });

  it("names the fault of a proxy host in the configuration", () => {
    expect(() => new Ports({ ownPort: () => ownPort, proxyHosts: ["http://x/"] })).toThrow(/proxy-hosts.*http:\/\/x\//);
  });

  it("strips the prefix for /proxy/, byte for byte", () => {
    const destination = ports.resolve(request("3000", { rest: "//a/../%2e%2E/@b", query: "?q=%20&&" }));
    expect(destination).toMatchObject({
      target: "//a/../%2e%2E/@b?q=%20&&",
      prefix: "/user/alice/proxy/3000/",
      prefixStripped: true,
    });
    expect(destination.backend.name).toBe("port 3000");
  });

  it("keeps the prefix for /absproxy/, byte for byte", () => {
    const destination = ports.resolve(request("%33000", { kind: "absproxy", rest: "//a%2f", query: "?" }));
    expect(destination).toMatchObject({
      target: "/user/alice/absproxy/%33000//a%2f?",
      prefix: "/user/alice/absproxy/%33000/",
      prefixStripped: false,
    });
  });

  it("uses one backend for all spellings of an address", () => {
    const { backend } = ports.resolve(request("127.0.0.1:3000"));
    for (const authority of ["0x7f.1:3000", "[::ffff:127.0.0.1]:3000"]) {
      expect(ports.resolve(request(authority)).backend).toBe(backend);
    }
    expect(ports.resolve(request("3000")).backend).not.toBe(backend);
    expect(ports.resolve(request("%33000")).backend).toBe(ports.resolve(request("localhost:3000")).backend);
  });
});

describe("with the port proxy turned off", () => {
  it("R8: refuses every port, whatever way it is written", () => {
    const ports = new Ports({ ownPort: () => ownPort, proxyHosts: ["allowed.test"], disabled: true });
    for (const authority of ["3000", "localhost:3000", "[::1]:3000", "allowed.test:80", "%33000", "x"]) {
      expect(() => ports.resolve(request(authority))).toThrow(expect.objectContaining({ code: "PROXY_DISABLED" }));
    }
  });
});

describe("Backends of ports", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are closed when unused, and created again", async () => {
    const ports = new Ports({ ownPort: () => ownPort, proxyHosts: [] });
    const first = ports.resolve(request("3000")).backend;
    await vi.advanceTimersByTimeAsync(4 * 60_000);
    expect(ports.resolve(request("3000")).backend).toBe(first);
    await vi.advanceTimersByTimeAsync(4 * 60_000);
    expect(first.dispatcher.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(3 * 60_000);
    expect(first.dispatcher.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(ports.resolve(request("3000")).backend).not.toBe(first);
    await ports.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are bounded in number: the longest unused goes first", async () => {
    const ports = new Ports({ ownPort: () => ownPort, proxyHosts: [] });
    const backends = [];
    for (let port = 1; port <= 128; port += 1) {
      backends.push(ports.resolve(request(String(port))).backend);
      await vi.advanceTimersByTimeAsync(1);
    }
    ports.resolve(request("1"));
    ports.resolve(request("20000"));
    expect(backends.map((backend, index) => (backend.dispatcher.closed ? index + 1 : 0)).filter(Boolean)).toEqual([2]);
    await ports.close();
    expect(backends.every((backend) => backend.dispatcher.closed || backend.dispatcher.destroyed)).toBe(true);
  });
});
