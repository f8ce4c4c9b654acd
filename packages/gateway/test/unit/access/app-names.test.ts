import { describe, expect, it } from "vitest";
import { AppNames } from "../../../src/access/app-names.ts";
import { parseAppDomain } from "../../../src/http/names/app-domain.ts";

const mainOrigin = "https://hub.example.org:8443";

function namesOf(domain: string | undefined): AppNames {
  return new AppNames({ domain: domain === undefined ? undefined : parseAppDomain(domain), mainOrigin });
}

describe("R35: names of shared apps", () => {
  it("each share has one, which does not tell its id, at the port of shares' pages", () => {
    const names = namesOf("{{share}}--ada.apps.example.net");
    const [one, other] = [names.originOf("AbC_-123"), names.originOf("abC_-123")];
    expect(one).toMatch(/^https:\/\/[0-9a-f]{24}--ada\.apps\.example\.net:8443$/);
    expect(other).not.toBe(one);
    const label = names.labelOf(new URL(one ?? "").host) ?? "";
    expect([names.isOf(label, "AbC_-123"), names.isOf(label, "abC_-123")]).toEqual([true, false]);
    expect(namesOf("https://apps.example.net").originOf("a")).toMatch(/^https:\/\/[0-9a-f]{24}\.apps\.example\.net$/);
  });

  it.each([
    "0a--bob.apps.example.net",
    "--ada.apps.example.net",
    "ada.apps.example.net",
    "apps.example.net",
    "x.0a--ada.apps.example.net",
    "0a--ada.x.apps.example.net",
    "0a--ADA.apps.example.net.",
  ])("every other name of the domain is recognized, and no share's: %s", (host) => {
    const label = namesOf("{{share}}--ada.apps.example.net").labelOf(host);
    expect(label).toBe(host.startsWith("0a--ADA") ? "0a" : "");
  });

  it.each([
    "hub.example.org:8443",
    "example.net",
    "localhost",
    "",
    "xapps.example.net",
    "apps.example.net.evil.example",
  ])("%j is none of them", (host) => {
    expect(namesOf("{{share}}--ada.apps.example.net").labelOf(host)).toBeUndefined();
    expect(namesOf(undefined).labelOf(host)).toBeUndefined();
  });
});
