import { describe, expect, it } from "vitest";
import { HostPattern } from "../../../../src/http/names/host-pattern.ts";
import { hubDomainFault, parsePortDomain, templateOf } from "../../../../src/http/names/port-domain.ts";

const parse = (text: string) => HostPattern.parse(text, "port");

describe("HostPattern", () => {
  it.each([
    ["example.org", "3000.example.org"],
    ["*.Example.org.", "3000.example.org"],
    ["{{port}}.example.org", "3000.example.org"],
    ["{port}-ada.apps.example.org", "3000-ada.apps.example.org"],
    ["ada-{{port}}.example.org", "ada-3000.example.org"],
    ["localhost", "3000.localhost"],
  ])("%s gives names such as %s", (text, name) => {
    const pattern = parse(text);
    expect(pattern?.hostOf("3000")).toBe(name);
    for (const host of [name, `${name}:8443`, `${name.toUpperCase()}.`]) expect(pattern?.partOf(host)).toBe("3000");
  });

  it.each([
    "",
    ".",
    "0.0.1",
    "127.0.0.1",
    "a b",
    "a/b",
    "x..org",
    "-x.org",
    "a.{{port}}.org",
    "{{port}}-{{port}}.org",
    "{{port}}",
    "{{host}}.org",
    "[::1]",
  ])("“%s” is no pattern", (text) => {
    expect(parse(text)).toBeUndefined();
  });

  it("names of more labels, of other domains and without the part are not its own", () => {
    const pattern = parse("{{port}}-ada.example.org");
    const others = [
      "-ada.example.org",
      "1.2-ada.example.org",
      "3000-ada.example.org.evil",
      "3000.example.org",
      "",
      "[::1]",
    ];
    expect(others.map((host) => pattern?.partOf(host))).toEqual(others.map(() => undefined));
  });

  it("knows which hosts share cookies with its names", () => {
    const pattern = parse("{{port}}-ada.apps.example.org");
    const hosts = [
      "apps.example.org",
      "hub.apps.example.org",
      "example.org",
      "apps.example.com",
      "badapps.example.org",
    ];
    expect(hosts.map((host) => pattern?.relationTo(host))).toEqual(["same", "parent", "child", undefined, undefined]);
    expect([pattern?.isNear("hub.example.org"), pattern?.isNear("hub.example.com")]).toEqual([true, false]);
  });
});

describe("the domain of ports", () => {
  const page = { scheme: "http", host: "ide.example:8070" } as const;

  it.each([
    ["apps.example", "http://{{port}}.apps.example:8070/"],
    ["https://apps.example", "https://{{port}}.apps.example/"],
    ["https://{{port}}-ada.apps.example:8443/", "https://{{port}}-ada.apps.example:8443/"],
    ["apps.example:81", "http://{{port}}.apps.example:81/"],
  ])("%s: links lead to %s", (text, template) => {
    const domain = parsePortDomain(text);
    expect(domain && templateOf(domain, page)).toBe(template);
  });

  it("an address with a path, a query or another scheme is none", () => {
    const others = ["https://apps.example/x", "apps.example?x", "ftp://apps.example", "https://"];
    expect(others.map(parsePortDomain)).toEqual(others.map(() => undefined));
  });

  it("the hub's own domain, a parent and a child of it are refused with the reason", () => {
    const fault = (text: string) => {
      const pattern = parse(text);
      return pattern && hubDomainFault(pattern, "hub.example.org");
    };
    expect(fault("hub.example.org")).toContain("is the hub's own domain");
    expect(fault("example.org")).toContain("is a parent domain of the hub's, hub.example.org");
    expect(fault("ports.hub.example.org")).toContain("lies below the hub's domain");
    expect(fault("apps.example.net")).toBeUndefined();
  });
});
