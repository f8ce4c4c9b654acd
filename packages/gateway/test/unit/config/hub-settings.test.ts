import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { type Config, loadConfig } from "../../../src/config/config.ts";
import { everyAddress, readHubSettings, readListener, requiredHubVariables } from "../../../src/config/hub-settings.ts";
import type { SettingName } from "../../../src/config/settings/settings.ts";

/** What JupyterHub 6 sets for the named server `waiide` of alice. */
const environment: NodeJS.ProcessEnv = {
  JUPYTERHUB_API_TOKEN: "0123456789abcdef0123456789abcdef",
  JPY_API_TOKEN: "0123456789abcdef0123456789abcdef",
  JUPYTERHUB_CLIENT_ID: "jupyterhub-user-alice-waiide",
  JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED: "0",
  JUPYTERHUB_HOST: "",
  JUPYTERHUB_OAUTH_CALLBACK_URL: "/user/alice/waiide/oauth_callback",
  JUPYTERHUB_OAUTH_SCOPES: '["access:servers!server=alice/waiide", "access:servers!user=alice"]',
  JUPYTERHUB_OAUTH_ACCESS_SCOPES: '["access:servers!server=alice/waiide", "access:servers!user=alice"]',
  JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES: "[]",
  JUPYTERHUB_USER: "alice",
  JUPYTERHUB_SERVER_NAME: "waiide",
  JUPYTERHUB_API_URL: "http://127.0.0.1:8081/hub/api",
  JUPYTERHUB_ACTIVITY_URL: "http://127.0.0.1:8081/hub/api/users/alice/activity",
  JUPYTERHUB_BASE_URL: "/",
  JUPYTERHUB_SERVICE_PREFIX: "/user/alice/waiide/",
  JUPYTERHUB_SERVICE_URL: "http://127.0.0.1:51234/user/alice/waiide/",
  JUPYTERHUB_PUBLIC_URL: "",
  JUPYTERHUB_PUBLIC_HUB_URL: "",
};

function load(changes: NodeJS.ProcessEnv = {}, flags: Partial<Record<SettingName, string | boolean>> = {}): Config {
  return loadConfig({
    environment: { ...environment, ...changes },
    flags: new Map(Object.entries(flags) as [SettingName, string | boolean][]),
    administratorFile: "/nonexistent/waiide.json",
    userFile: "/nonexistent/waiide.json",
  });
}

function errorOf(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("what a hub says", () => {
  it("is all read", () => {
    expect(readHubSettings(environment)).toEqual({
      user: "alice",
      serverName: "waiide",
      apiUrl: "http://127.0.0.1:8081/hub/api",
      apiToken: "0123456789abcdef0123456789abcdef",
      clientId: "jupyterhub-user-alice-waiide",
      host: "",
      baseUrl: "/",
      servicePrefix: "/user/alice/waiide/",
      oauthCallbackUrl: "/user/alice/waiide/oauth_callback",
      accessScopes: ["access:servers!server=alice/waiide", "access:servers!user=alice"],
      activityUrl: "http://127.0.0.1:8081/hub/api/users/alice/activity",
      listener: { secure: false, host: "127.0.0.1", port: 51234 },
      publicUrl: undefined,
      cookieHostPrefix: false,
      cookieOptions: { secure: false, sameSite: "Lax", ignored: [] },
      allowTokenInUrl: false,
      adminAccess: false,
      tls: undefined,
    });
  });

  it.each(requiredHubVariables)("names %s and its purpose when it is missing", (name) => {
    const changes = { [name]: undefined, ...(name === "JUPYTERHUB_API_TOKEN" ? { JPY_API_TOKEN: undefined } : {}) };
    for (const value of [undefined, ""]) {
      const error = errorOf(() => load({ ...changes, [name]: value }));
      expect(error).toMatchObject({ code: "HUB_VARIABLE_MISSING", exit: 2 });
      expect(error.message).toMatch(new RegExp(`${name} is not set: .{20,}`));
      expect(error.message).not.toContain(environment.JUPYTERHUB_API_TOKEN);
    }
  });

  it("takes the old name of the token", () => {
    expect(readHubSettings({ ...environment, JUPYTERHUB_API_TOKEN: undefined }).apiToken).toHaveLength(32);
  });

  it("knows hubs before 3 by _OAUTH_SCOPES, and those before 2 by no scopes at all", () => {
    const { JUPYTERHUB_OAUTH_ACCESS_SCOPES: _access, ...two } = environment;
    expect(readHubSettings(two).accessScopes).toHaveLength(2);
    const { JUPYTERHUB_OAUTH_SCOPES: _scopes, ...one } = two;
    expect(readHubSettings({ ...one, JUPYTERHUB_ADMIN_ACCESS: "1" })).toMatchObject({
      accessScopes: undefined,
      adminAccess: true,
    });
  });

  it.each([
    [{ JUPYTERHUB_API_URL: "hub:8081" }, "JUPYTERHUB_API_URL"],
    [{ JUPYTERHUB_SERVICE_PREFIX: "user/alice" }, "JUPYTERHUB_SERVICE_PREFIX"],
    [{ JUPYTERHUB_OAUTH_ACCESS_SCOPES: "access:servers" }, "JUPYTERHUB_OAUTH_ACCESS_SCOPES"],
    [{ JUPYTERHUB_OAUTH_ACCESS_SCOPES: '{"a": 1}' }, "JUPYTERHUB_OAUTH_ACCESS_SCOPES"],
    [{ JUPYTERHUB_COOKIE_OPTIONS: "secure" }, "JUPYTERHUB_COOKIE_OPTIONS"],
    [{ JUPYTERHUB_SERVICE_URL: "http://host:99999/" }, "JUPYTERHUB_SERVICE_URL"],
    [{ JUPYTERHUB_SERVICE_URL: "8888" }, "JUPYTERHUB_SERVICE_URL"],
    [{ JUPYTERHUB_SERVICE_URL: "http+unix://%2Frun%2Falice.sock/user/alice/" }, "it names a unix socket"],
    [{ JUPYTERHUB_SERVICE_URL: "unix+http://%2Frun%2Falice.sock" }, "it names a unix socket"],
  ] as [NodeJS.ProcessEnv, string][])("refuses %j", (changes, name) => {
    const error = errorOf(() => load(changes));
    expect(error).toMatchObject({ code: "HUB_VARIABLE_INVALID", exit: 2 });
    expect(error.message).toContain(name);
  });

  it("needs all three files of internal_ssl", () => {
    const files = { JUPYTERHUB_SSL_KEYFILE: "/k", JUPYTERHUB_SSL_CERTFILE: "/c", JUPYTERHUB_SSL_CLIENT_CA: "/ca" };
    expect(load(files).tls).toEqual({ keyFile: "/k", certificateFile: "/c", clientCaFile: "/ca" });
    const error = errorOf(() => load({ ...files, JUPYTERHUB_SSL_CLIENT_CA: "" }));
    expect(error.message).toContain("JUPYTERHUB_SSL_CLIENT_CA");
  });

  it("reads the cookie options that mean something here, and names the others", () => {
    const { hub, warnings } = load({
      JUPYTERHUB_COOKIE_OPTIONS: '{"SameSite": "None", "Secure": true, "domain": "x"}',
    });
    expect(hub?.cookieOptions).toEqual({ secure: true, sameSite: "None", ignored: ["domain"] });
    expect(warnings.join()).toContain("domain");
  });
});

describe("JUPYTERHUB_SERVICE_URL", () => {
  it.each([
    ["http://127.0.0.1:8888/user/alice/", { secure: false, host: "127.0.0.1", port: 8888 }],
    ["http://:8888/user/alice/", { secure: false, host: everyAddress(), port: 8888 }],
    ["http://*:8888/user/alice/", { secure: false, host: everyAddress(), port: 8888 }],
    ["http://0.0.0.0:8888/", { secure: false, host: "0.0.0.0", port: 8888 }],
    ["http://[::]:8888/user/alice/", { secure: false, host: "::", port: 8888 }],
    ["http://[fd00::1]:8888", { secure: false, host: "fd00::1", port: 8888 }],
    ["https://pod.example:8443/user/alice/", { secure: true, host: "pod.example", port: 8443 }],
    ["https://pod.example/", { secure: true, host: "pod.example", port: 443 }],
    ["http://127.0.0.1:0/user/alice/", { secure: false, host: "127.0.0.1", port: 0 }],
    [undefined, undefined],
    ["", undefined],
  ])("%s", (text, expected) => {
    expect(readListener(text)).toEqual(expected);
  });
});

describe("hub mode", () => {
  it("is chosen by any of the hub's variables, and can be refused", () => {
    expect(load()).toMatchObject({
      mode: "jupyterhub",
      baseUrl: "/user/alice/waiide/",
      defaultUrl: "/ide",
      host: "127.0.0.1",
      port: 51234,
      authentication: { kind: "hub" },
      warnings: [],
    });
    expect(load().gatewayFolder).toMatch(/\/gateway\/waiide$/);
    expect(load({}, { mode: "standalone" })).toMatchObject({ mode: "standalone", hub: undefined });
  });

  it("listens where --ip and --port of old hubs say, without JUPYTERHUB_SERVICE_URL", () => {
    const changes = { JUPYTERHUB_SERVICE_URL: undefined };
    expect(load(changes, { host: "0.0.0.0", port: "8888" })).toMatchObject({
      host: "0.0.0.0",
      port: 8888,
      warnings: [],
    });
    expect(load(changes, { port: "8888" })).toMatchObject({ host: "127.0.0.1", port: 8888 });
  });

  it("says which settings the hub overrides", () => {
    const config = load({}, { port: "9999", "base-url": "/other/", auth: "none" });
    expect(config).toMatchObject({ port: 51234, baseUrl: "/user/alice/waiide/" });
    expect(config.warnings).toHaveLength(3);
  });

  it("needs a certificate if the hub requires https", () => {
    const changes = { JUPYTERHUB_SERVICE_URL: "https://127.0.0.1:8443/user/alice/waiide/" };
    expect(errorOf(() => load(changes))).toMatchObject({ code: "TLS_UNREADABLE" });
    expect(load(changes, { "tls-cert": "/c", "tls-key": "/k" }).tls).toEqual({ certificateFile: "/c", keyFile: "/k" });
  });

  it.each([
    ["/ide/?folder=/x", "/ide/?folder=/x", 0],
    ["/apps/lab/", "/apps/lab/", 0],
    ["/", "/ide", 0],
    ["/lab", "/ide", 1],
    ["/tree/notebooks", "/ide", 1],
  ])("leads the prefix to the hub's default URL %s: %s", (hubs, expected, warnings) => {
    const config = load({ JUPYTERHUB_DEFAULT_URL: hubs });
    expect(config.defaultUrl).toBe(expected);
    expect(config.warnings).toHaveLength(warnings);
  });

  it.each([
    ["", "_"],
    ["_", "%5F"],
    ["..", "%2E."],
    ["a/../b", "a%2F..%2Fb"],
  ])("R23: the server named “%s” has the folder %s to itself", (name, expected) => {
    expect(load({ JUPYTERHUB_SERVER_NAME: name }).gatewayFolder.split("/gateway/")[1]).toBe(expected);
  });

  it("warns about what gives the owner's server away", () => {
    expect(load({}, { "allow-any-hub-user": true, "pass-hub-token": true }).warnings).toHaveLength(2);
  });
});
