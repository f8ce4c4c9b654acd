import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { isLoopback } from "../../../src/config/addresses.ts";
import { type Config, loadConfig } from "../../../src/config/config.ts";
import type { ConfigInputs } from "../../../src/config/inputs.ts";
import { parseJsonText } from "../../../src/config/json-text.ts";
import { type SettingName, settingNames, settings, variableOf } from "../../../src/config/settings/settings.ts";
import { portVariable } from "../../../src/parts/ide-config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Given {
  environment?: NodeJS.ProcessEnv;
  flags?: Partial<Record<SettingName, string | boolean>>;
  administrator?: unknown;
  user?: unknown;
}

function inputs({ environment = {}, flags = {}, administrator, user }: Given): ConfigInputs {
  const write = (name: string, content: unknown) => {
    const file = join(folder, name);
    if (content !== undefined) writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  };
  return {
    environment,
    flags: new Map(Object.entries(flags) as [SettingName, string | boolean][]),
    administratorFile: write("administrator.json", administrator),
    userFile: write("user.json", user),
  };
}

function load(given: Given): Config {
  return loadConfig(inputs(given));
}

function errorOf(given: Given): { code: string; message: string; exit: number } {
  try {
    load(given);
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, message: error.message, exit: error.exit };
    throw error;
  }
  throw new Error("the configuration was accepted");
}

describe("sources", () => {
  it("lets later sources win: defaults, administrator, user, environment, flags", () => {
    const administrator = { "log-level": "error", port: 1001 };
    expect(load({}).port).toBe(8070);
    expect(load({ administrator }).port).toBe(1001);
    expect(load({ administrator, environment: { WAIIDE_PORT: "1002" } }).port).toBe(1002);
    expect(load({ administrator, environment: { WAIIDE_PORT: "1002" }, flags: { port: "1003" } }).port).toBe(1003);
    expect(load({ administrator, user: { "log-level": "debug" } }).logLevel).toBe("debug");
  });

  it.each([
    ["the hub's variable", { environment: { JUPYTERHUB_DISABLE_USER_CONFIG: "1" } }],
    ["our variable", { environment: { WAIIDE_DISABLE_USER_CONFIG: "true" } }],
    ["a flag", { flags: { "disable-user-config": true } }],
    ["the administrator's file", { administrator: { "disable-user-config": true } }],
  ] as [string, Given][])("the user's file is not read if %s says so, not even a damaged one", (_who, given) => {
    const config = load({ ...given, user: { "log-level": "debug", apps: { x: { port: 1 } } } });
    expect([config.logLevel, config.apps]).toEqual(["info", {}]);
    expect(config.warnings.join()).toContain("user.json is not read");
    expect(load({ ...given, user: "{ damaged" }).logLevel).toBe("info");
    expect(load({ ...given, environment: { ...given.environment, WAIIDE_LOG_LEVEL: "warn" } }).logLevel).toBe("warn");
  });

  it("the user's file cannot turn itself on, and is read if the hub says 0", () => {
    expect(errorOf({ user: { "disable-user-config": false } }).code).toBe("SETTING_NOT_YOURS");
    const environment = { JUPYTERHUB_DISABLE_USER_CONFIG: "0" };
    expect(load({ environment, user: { "log-level": "debug" } }).logLevel).toBe("debug");
    const named = { JUPYTERHUB_DISABLE_USER_CONFIG: "1", WAIIDE_DISABLE_USER_CONFIG: "0" };
    expect(load({ environment: named, user: { "log-level": "debug" } }).logLevel).toBe("debug");
  });

  it("says for every setting where its value came from", () => {
    const { explained } = load({ environment: { WAIIDE_PORT: "1002" }, flags: { host: "127.0.0.1" } });
    const origins = Object.fromEntries(explained.map(({ name, origin }) => [name, origin]));
    expect(origins).toMatchObject({
      port: "WAIIDE_PORT",
      host: "--host",
      "log-level": "default",
      workspace: "decided at start",
    });
    expect(explained.map(({ name }) => name).sort()).toEqual([...settingNames].sort());
  });

  it("lets the user's file set only users' settings", () => {
    for (const name of settingNames.filter((setting) => settings[setting].setBy === "administrator")) {
      const value = settings[name].default ?? "127.0.0.1:9000";
      expect(errorOf({ user: { [name]: value } })).toMatchObject({ code: "SETTING_NOT_YOURS", exit: 2 });
    }
    expect(load({ user: { extensions: ["ms-python.python"] } }).extensions).toEqual(["ms-python.python"]);
  });

  it.each([
    ["variable", { environment: { WAIIDE_PROT: "1" } }, "VARIABLE_UNKNOWN", "WAIIDE_PORT"],
    ["key", { administrator: { prot: 1 } }, "KEY_UNKNOWN", "port"],
    ["name of an app", { user: { apps: { "My App": { port: 1 } } } }, "SETTING_INVALID", "my-app"],
    ["name of an app in a variable", { environment: { WAIIDE_APPS: '{"Lab":{}}' } }, "SETTING_INVALID", "lab"],
    ["key of jupyter-server-proxy", { user: { apps: { lab: { launcher_entry: {} } } } }, "SETTING_INVALID", "title"],
    ["key of an app", { user: { apps: { lab: { comand: [] } } } }, "SETTING_INVALID", "comand"],
  ])("names an unknown %s, with the nearest valid name", (_what, given, code, nearest) => {
    const error = errorOf(given as Given);
    expect(error).toMatchObject({ code, exit: 2 });
    expect(error.message).toContain(nearest);
  });

  it.each([
    [{ flags: { port: "eighty" } }, "--port"],
    [{ flags: { port: "65536" } }, "--port"],
    [{ flags: { port: "-1" } }, "--port"],
    [{ environment: { WAIIDE_AUTH: "passwords" } }, "WAIIDE_AUTH"],
    [{ environment: { WAIIDE_HASHED_PASSWORD: "secret" } }, "WAIIDE_HASHED_PASSWORD"],
    [{ flags: { auth: "token", token: "short" } }, "--token"],
    [{ flags: { "base-url": "no-slash" } }, "--base-url"],
    [{ flags: { "base-url": "//evil.example/" } }, "--base-url"],
    [{ flags: { "ide-listen": "0.0.0.0:8071" } }, "--ide-listen"],
    [{ flags: { "ide-listen": "127.0.0.1:99999" } }, "ide-listen"],
    [{ flags: { "trusted-proxies": "proxy.example" } }, "--trusted-proxies"],
    [{ flags: { "allowed-origins": "none" } }, "--allowed-origins"],
    [{ flags: { "allowed-origins": "*" } }, "--allowed-origins"],
    [{ flags: { "allowed-origins": "ide.example.org" } }, "--allowed-origins"],
    [{ flags: { "allowed-origins": "https://ide.example.org/" } }, "--allowed-origins"],
    [{ flags: { "allowed-origins": "null" } }, "--allowed-origins"],
    [{ flags: { "rewrite-html": "perhaps" } }, "--rewrite-html"],
    [{ flags: { "default-settings": "{broken" } }, "--default-settings"],
  ] satisfies [Given, string][])("refuses %j and names the source", (given, source) => {
    const error = errorOf(given);
    expect(error).toMatchObject({ code: "SETTING_INVALID", exit: 2 });
    expect(error.message).toContain(source);
  });

  it("never repeats a secret in an error", () => {
    expect(errorOf({ flags: { auth: "token", token: "tooshort" } }).message).not.toContain("tooshort");
  });

  it.each([
    ["not json", "JSON"],
    ["[1]", "object"],
    ['"text"', "object"],
    ["", "it is empty"],
    [" \n", "it is empty"],
    ['{"port": 1, "port": 2}', "twice"],
    ['{"port": 1', "JSON"],
    [`{"a": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "nested too deeply"],
  ])("refuses a configuration file with %j, says why, and leaves it unchanged", (content, reason) => {
    const error = errorOf({ user: content });
    expect(error).toMatchObject({ code: "CONFIG_UNREADABLE", exit: 2 });
    expect(error.message).toContain(reason);
  });

  it("takes a configuration file with a byte order mark, but none in another encoding", () => {
    expect(load({ user: '\ufeff{"log-level": "debug"}' })).toBeDefined();
    expect(() => parseJsonText(Buffer.from('{"a": "\xe9"}', "latin1"))).toThrow("UTF-8");
    expect(() => parseJsonText(Buffer.from('\ufeff{"a": 1}', "utf16le"))).toThrow("UTF-8");
  });

  it("reads lists, switches and objects from text, objects from a file too", () => {
    const file = join(folder, "settings.json");
    writeFileSync(file, '{"editor.fontSize": 15}');
    const config = load({
      environment: { WAIIDE_ALLOWED_HOSTS: " a.example , b.example ", WAIIDE_REWRITE_HTML: "yes" },
      flags: { "default-settings": file, telemetry: true },
    });
    expect(config.allowedHosts).toEqual(["a.example", "b.example"]);
    expect(config.rewriteHtml).toBe(true);
    expect(config.telemetry).toBe(true);
    expect(config.defaultSettings).toEqual({ "editor.fontSize": 15 });
  });

  it("ignores variables that are ours but no settings, and those of others", () => {
    expect(load({ environment: { WAIIDE_CONTROL_SOCKET: "/run/x", OTHER: "1" } }).port).toBe(8070);
  });

  it("gives every setting its own variable", () => {
    expect(new Set(settingNames.map(variableOf)).size).toBe(settingNames.length);
    expect(variableOf("ide-server")).toBe("WAIIDE_SERVER_ROOT");
  });
});

describe("decisions at start", () => {
  it.each(["JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_USER", "JUPYTERHUB_API_TOKEN"])("takes %s for a hub", (name) => {
    expect(errorOf({ environment: { [name]: "/user/alice/" } })).toMatchObject({
      code: "HUB_VARIABLE_MISSING",
      exit: 2,
    });
  });

  it("takes the hub's prefix, folder and default page when told to run standalone", () => {
    mkdirSync(join(folder, "root"));
    const environment = {
      JUPYTERHUB_SERVICE_PREFIX: "/user/alice/",
      JUPYTERHUB_ROOT_DIR: join(folder, "root"),
      JUPYTERHUB_DEFAULT_URL: "/ide",
    };
    const config = load({ environment, flags: { mode: "standalone" } });
    expect(config).toMatchObject({ mode: "standalone", baseUrl: "/user/alice/", defaultUrl: "/ide" });
    expect(config.workspace).toBe(join(folder, "root"));
  });

  it("adds the slash that a base URL ends with", () => {
    expect(load({ flags: { "base-url": "/user/alice" } }).baseUrl).toBe("/user/alice/");
  });

  it("R5: a host that others can reach needs an explicit choice", () => {
    for (const host of ["0.0.0.0", "::", "[::]", "192.0.2.1", "machine.example"]) {
      expect(errorOf({ flags: { host } })).toMatchObject({ code: "AUTH_CHOICE_NEEDED", exit: 2 });
      expect(load({ flags: { host, auth: "none" } }).authentication).toEqual({ kind: "none" });
    }
    expect(load({ flags: { host: "::1" } }).authentication).toEqual({ kind: "none" });
  });

  it("makes a new random token each time, unless one is given", () => {
    const first = load({ flags: { auth: "token" } }).authentication;
    const second = load({ flags: { auth: "token" } }).authentication;
    expect(first.kind === "token" && first.token.length).toBe(48);
    expect(first).not.toEqual(second);
    const given = { auth: "token", token: "0123456789abcdef" };
    expect(load({ flags: given }).authentication).toEqual({ kind: "token", token: given.token });
  });

  it("needs certificate and key together", () => {
    expect(errorOf({ flags: { "tls-cert": "cert.pem" } })).toMatchObject({ code: "TLS_UNREADABLE" });
  });

  it("R23: keeps data per server name", () => {
    const environment = { JUPYTERHUB_SERVER_NAME: "waiide" };
    const flags = { "data-dir": "/data", mode: "standalone" };
    expect(load({ flags }).gatewayFolder).toBe("/data/gateway/_");
    expect(load({ flags, environment }).gatewayFolder).toBe("/data/gateway/waiide");
  });

  it.each([
    ["127.0.0.1", true],
    ["127.1.2.3", true],
    ["::1", true],
    ["localhost", true],
    ["0.0.0.0", false],
    ["10.0.0.1", false],
    ["localhost.example", false],
  ])("knows whether %s is only reachable from this machine: %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});

/** What a hub says to a server. */
const hubEnvironment = {
  JUPYTERHUB_USER: "ada",
  JUPYTERHUB_API_TOKEN: "0123456789abcdef",
  JUPYTERHUB_API_URL: "http://127.0.0.1:8081/hub/api",
  JUPYTERHUB_CLIENT_ID: "jupyterhub-user-ada",
  JUPYTERHUB_BASE_URL: "/",
  JUPYTERHUB_SERVICE_PREFIX: "/user/ada/",
  JUPYTERHUB_OAUTH_CALLBACK_URL: "/user/ada/oauth_callback",
  JUPYTERHUB_PUBLIC_URL: "https://hub.example.org/user/ada/",
};

describe("R32: --proxy-domain", () => {
  const behindHub = (domain: string) => ({ environment: hubEnvironment, flags: { "proxy-domain": domain } });

  it.each([
    ["hub.example.org", "hub.example.org is the hub's own domain"],
    ["{{port}}-ada.example.org", "example.org is a parent domain of the hub's, hub.example.org"],
    ["ada.hub.example.org", "ada.hub.example.org lies below the hub's domain, hub.example.org"],
  ])("behind a hub %s is refused with the reason", (domain, reason) => {
    const error = errorOf(behindHub(domain));
    expect([error.code, error.message]).toEqual(["SETTING_INVALID", expect.stringContaining(reason)]);
  });

  it("a domain apart from the hub's is taken, and one of the same site with a warning", () => {
    expect(
      load(behindHub("https://{{port}}-ada.apps.example")).warnings.filter((one) => one.includes("proxy")),
    ).toEqual([]);
    expect(load(behindHub("apps.example.org")).warnings).toContainEqual(expect.stringContaining("look like one site"));
  });

  it("programs in terminals are told where ports are", () => {
    const variable = (given: Given) => portVariable(load(given)).VSCODE_PROXY_URI;
    expect(variable({})).toBeUndefined();
    expect(variable({ flags: { "proxy-domain": "localhost" } })).toBe("http://{{port}}.localhost:8070/");
    expect(variable(behindHub("{{port}}-ada.apps.example"))).toBe("https://{{port}}-ada.apps.example/");
    const named = { "proxy-domain": "apps.example", "public-url": "https://ide.example:8443" };
    expect(variable({ flags: named })).toBe("https://{{port}}.apps.example:8443/");
  });

  it("what is no domain is refused", () => {
    expect(errorOf({ flags: { "proxy-domain": "127.0.0.1" } })).toMatchObject({ code: "SETTING_INVALID" });
  });
});

describe("R35: --share-app-domain", () => {
  const at = (flags: Given["flags"]) => ({ environment: hubEnvironment, flags: { ...flags } });
  const named = "{{share}}--ada.apps.example.net";

  it.each([
    [
      "the hub's own domain",
      { "share-app-domain": "{{share}}--ada.hub.example.org" },
      "hub.example.org is hub.example.org",
    ],
    ["a name beside the hub", { "share-app-domain": "{{share}}--ada.apps.example.org" }, "both lie below example.org"],
    ["a name without a user", { "share-app-domain": "apps.example.net" }, "whose server it is"],
    ["proxy-domain's", { "share-app-domain": named, "proxy-domain": "ports.example.net" }, "(proxy-domain)"],
    ["webviews'", { "share-app-domain": named, "webview-origin": "https://{{uuid}}.example.net" }, "(webview-origin)"],
    [
      "an allowed origin's",
      { "share-app-domain": named, "allowed-origins": "https://x.example.net" },
      "(allowed-origins)",
    ],
  ])("does not start with %s", (_what, flags, reason) => {
    const error = errorOf(at(flags));
    expect([error.code, error.message]).toEqual(["SETTING_INVALID", expect.stringContaining(reason)]);
  });

  it("needs the address of shares, and is off where it is empty", () => {
    expect(errorOf({ flags: { "share-app-domain": "apps.example.net" } }).message).toContain("set public-url too");
    expect(load(at({ "share-app-domain": "" })).sharing.appDomain).toBeUndefined();
    expect(load(at({})).sharing.appDomain).toBeUndefined();
    expect(load(at({ "share-app-domain": named })).sharing.appDomain?.pattern.domain).toBe("apps.example.net");
    const alone = { "share-app-domain": "apps.example.net", "public-url": "https://ide.example.org" };
    expect(load({ flags: alone }).sharing.appDomain?.pattern.hostOf("x")).toBe("x.apps.example.net");
    expect(errorOf({ flags: { ...alone, "allowed-hosts": "ide.example.net" } }).message).toContain("(allowed-hosts)");
  });
});

describe("where it listens", () => {
  it("a socket that others may open needs a choice of --auth", () => {
    expect(load({ flags: { socket: "/run/w.sock" } })).toMatchObject({
      socketMode: 0o600,
      authentication: { kind: "none" },
    });
    for (const mode of ["660", "0602", "606"]) {
      const flags = { socket: "/run/w.sock", "socket-mode": mode };
      expect(errorOf({ flags }), mode).toMatchObject({ code: "SOCKET_CHOICE_NEEDED", exit: 2 });
      expect(load({ flags: { ...flags, auth: "none" } }).authentication).toEqual({ kind: "none" });
    }
    expect(errorOf({ flags: { "socket-mode": "888" } }).code).toBe("SETTING_INVALID");
  });

  it("a certificate of its own and one of the administrator's exclude each other", () => {
    const flags = { "tls-self-signed": true, "tls-cert": "/c.pem", "tls-key": "/k.pem" };
    expect(errorOf({ flags })).toMatchObject({ code: "TLS_UNREADABLE" });
    expect(load({ flags: { "tls-self-signed": true } }).tlsSelfSigned).toBe(true);
  });
});
