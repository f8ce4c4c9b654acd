import { describe, expect, it } from "vitest";
import {
  type AppDomain,
  appDomainFault,
  appDomainTextFault,
  parseAppDomain,
} from "../../../../src/http/names/app-domain.ts";

const publicOrigin = "https://hub.example.org";

function faultOf(text: string, place: Partial<Parameters<typeof appDomainFault>[1]> = {}): string | undefined {
  return appDomainFault(parseAppDomain(text) as AppDomain, { isBehindHub: false, publicOrigin, others: [], ...place });
}

describe("R35: the domain of shared apps", () => {
  it.each([
    ["hub.example.org", "hub.example.org is hub.example.org (the address of shares)"],
    ["a.hub.example.org", "a.hub.example.org lies below hub.example.org"],
    ["{{share}}--ada.example.org", "example.org is a parent domain of hub.example.org"],
    ["apps.example.org", "apps.example.org and hub.example.org (the address of shares) both lie below example.org"],
    ["APPS.Example.Org.", "both lie below example.org"],
  ])("%s is refused beside a hub at hub.example.org", (domain, reason) => {
    expect(faultOf(domain)).toContain(reason);
  });

  it.each(["apps.example.net", "{{share}}--ada.example.net", "https://example.com:8443", "hub.example.org.net"])(
    "%s is taken beside a hub at hub.example.org",
    (domain) => {
      expect(faultOf(domain)).toBeUndefined();
    },
  );

  it("registrable domains are compared by the list of public suffixes", () => {
    expect(faultOf("apps.co.uk", { publicOrigin: "https://hub.co.uk" })).toBeUndefined();
    expect(faultOf("x.apps.co.uk", { publicOrigin: "https://hub.apps.co.uk" })).toContain("both lie below apps.co.uk");
    expect(faultOf("ada.github.io", { publicOrigin: "https://hub.github.io" })).toBeUndefined();
    expect(faultOf("a.ada.github.io", { publicOrigin: "https://b.ada.github.io" })).toContain("below ada.github.io");
    expect(faultOf("apps.intern", { publicOrigin: "https://hub.intern" })).toBeUndefined();
    expect(faultOf("a.lab.intern", { publicOrigin: "https://hub.lab.intern" })).toContain("below lab.intern");
  });

  it("other names of this server are compared, too", () => {
    const others = [
      { what: "proxy-domain", address: "1.ports.example" },
      { what: "webview-origin", address: "https://{{uuid}}.webviews.example" },
      { what: "the hub", address: "https://HUB.example.edu:8443/hub/" },
      { what: "allowed-hosts", address: "ide.example.com:8070" },
      { what: "webview-origin", address: "auto" },
      { what: "the hub", address: "" },
      { what: "the hub", address: undefined },
    ];
    expect(faultOf("a.ports.example", { others })).toContain("(proxy-domain)");
    expect(faultOf("a.webviews.example", { others })).toContain("(webview-origin)");
    expect(faultOf("example.edu", { others })).toContain("a parent domain of hub.example.edu (the hub)");
    expect(faultOf("a.example.com", { others })).toContain("(allowed-hosts)");
    expect(faultOf("apps.example.net", { others })).toBeUndefined();
  });

  it("behind a hub a name says whose server it is", () => {
    expect(faultOf("apps.example.net", { isBehindHub: true })).toContain("whose server it is");
    expect(faultOf("{{share}}.ada.apps.example.net", { isBehindHub: true })).toContain("whose server it is");
    expect(faultOf("{share}--ada.apps.example.net", { isBehindHub: true })).toBeUndefined();
  });

  it("the address of shares must be known, with HTTPS", () => {
    expect(faultOf("apps.example.net", { publicOrigin: undefined })).toContain("public-url");
    expect(faultOf("apps.example.net", { publicOrigin: "http://hub.example.org" })).toContain("HTTPS");
  });

  it.each([
    "127.0.0.1",
    "a..b",
    "https://apps.example.net/x",
    "http://apps.example.net",
    `{{share}}--${"a".repeat(40)}.b.c`,
    "",
  ])("%j is no such domain", (text) => {
    expect(appDomainTextFault(text)).toBeDefined();
  });

  it("a name has room for a share and a user", () => {
    expect(appDomainTextFault(`{{share}}--${"a".repeat(37)}.apps.example.net`)).toBeUndefined();
  });
});
