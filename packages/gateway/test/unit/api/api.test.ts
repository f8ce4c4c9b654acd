import { describe, expect, it } from "vitest";
import { declaresWho } from "../../../src/api/api.ts";

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
