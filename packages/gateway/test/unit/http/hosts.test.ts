import { hostname, networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { AllowedHosts } from "../../../src/http/hosts.ts";

describe("R5: DNS rebinding", () => {
  const hosts = new AllowedHosts("127.0.0.1", ["Dev.Example"]);

  it.each([
    "localhost",
    "localhost:8070",
    "LOCALHOST",
    "127.0.0.1:8070",
    "[::1]:8070",
    "[0:0:0:0:0:0:0:1]",
    "a.localhost:1",
    "dev.example",
    "localhost.",
  ])("answers for %s", (host) => expect(hosts.allows(host)).toBe(true));

  it.each([
    "evil.example",
    "evil.example:8070",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "localhost@evil.example",
    "evil.example#localhost",
    "localhost:8070.evil.example",
    "dev.example.evil.example",
    "127.0.0.2",
    "0.0.0.0",
    "[::]",
    "[::1",
    "notlocalhost",
    " localhost",
    "",
  ])("refuses %j", (host) => expect(hosts.allows(host)).toBe(false));

  it("takes a name to allow as the address bar shows it", () => {
    expect(new AllowedHosts("127.0.0.1", ["ide.example:8443"]).allows("ide.example:8443")).toBe(true);
  });

  it("answers for every address and the name of this machine when bound to all of them", () => {
    const everywhere = new AllowedHosts("0.0.0.0", []);
    for (const { address } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      expect(everywhere.allows(address.includes(":") ? `[${address}]:8070` : `${address}:8070`)).toBe(true);
    }
    expect(everywhere.allows(hostname())).toBe(true);
    expect(everywhere.allows("evil.example")).toBe(false);
  });
});
