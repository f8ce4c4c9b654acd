import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Logins } from "../../../src/hub/oauth.ts";
import { Sessions } from "../../../src/hub/sessions.ts";

const settings = {
  host: "",
  baseUrl: "/",
  clientId: "jupyterhub-user-alice-waiide",
  apiToken: "secret",
  oauthCallbackUrl: "/user/alice/waiide/oauth_callback",
};

describe("R3: the authorize URL", () => {
  it.each([
    ["the default server", {}, "/hub/api/oauth2/authorize"],
    ["a deployment below a path", { baseUrl: "/jupyter/" }, "/jupyter/hub/api/oauth2/authorize"],
    ["subdomains", { host: "https://hub.example" }, "https://hub.example/hub/api/oauth2/authorize"],
  ])("of %s", (_what, changes, expected) => {
    expect(new Logins({ ...settings, ...changes }).begin("/x").location.split("?")[0]).toBe(expected);
  });

  it.each([
    "/user/alice/waiide/oauth_callback",
    "/user/bob.x@ex.org/oauth_callback",
    "/user/bob%20x/%C3%A9/oauth_callback",
    "https://alice.hub.example/user/alice/oauth_callback",
  ])("sends %s byte for byte", (oauthCallbackUrl) => {
    const { location } = new Logins({ ...settings, oauthCallbackUrl }).begin("/x");
    expect(new URL(location, "http://hub.example").searchParams.get("redirect_uri")).toBe(oauthCallbackUrl);
  });

  it("always carries PKCE, never a scope, and another state each time", () => {
    const logins = new Logins(settings);
    const { state, location } = logins.begin("/x");
    const query = Object.fromEntries(new URL(location, "http://hub.example").searchParams);
    expect(query).toEqual({
      client_id: "jupyterhub-user-alice-waiide",
      redirect_uri: settings.oauthCallbackUrl,
      response_type: "code",
      state: state.id,
      code_challenge: createHash("sha256").update(state.verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    expect(location).not.toContain(state.browser);
    expect(logins.begin("/x").state.id).not.toBe(state.id);
  });
});

describe("R3: state", () => {
  it("lives for ten minutes, separately for each login", () => {
    let now = 0;
    const logins = new Logins(settings, () => now);
    const first = logins.begin("/a").state;
    now = 300_000;
    const second = logins.begin("/b").state;
    expect(logins.find(first.id)?.next).toBe("/a");
    now = 600_000;
    expect(logins.find(first.id)).toBeUndefined();
    expect(logins.find(second.id)?.next).toBe("/b");
    expect(logins.find("unknown")).toBeUndefined();
  });

  it("is bounded: the oldest logins go first", () => {
    const logins = new Logins(settings);
    const first = logins.begin("/a").state;
    for (let index = 0; index < 5_000; index += 1) logins.begin("/b");
    expect(logins.find(first.id)).toBeUndefined();
  });
});

describe("sessions", () => {
  it("are found by what the cookie holds, until they end", () => {
    let now = 0;
    const sessions = new Sessions(() => now);
    const id = sessions.open("token", 60);
    const session = sessions.find(id);
    expect(session?.token).toBe("token");
    expect(id).not.toContain("token");
    expect(sessions.find("other")).toBeUndefined();
    now = 60_000;
    expect(sessions.find(id)).toBeUndefined();
    expect(session && sessions.holds(session)).toBe(false);
  });

  it("end at logout, for sockets that are open, too", () => {
    const sessions = new Sessions();
    const id = sessions.open("token", 60);
    const session = sessions.find(id);
    expect(sessions.end(id)).toBe(session);
    expect(sessions.find(id)).toBeUndefined();
    expect(session && sessions.holds(session)).toBe(false);
    expect(sessions.end(id)).toBeUndefined();
  });
});
