import { networkInterfaces } from "node:os";
import { GatewayError, reasonOf } from "../base/errors.ts";

/** Where the hub wants us to listen. */
export interface HubListener {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
}

/** The key pair of `internal_ssl`, as PEM files. The server uses it, and the client shows it to the hub. */
export interface HubTls {
  readonly keyFile: string;
  readonly certificateFile: string;
  /** Signs the certificates of clients that may connect, and the hub's. */
  readonly clientCaFile: string;
}

/** Options of cookies that the administrator sets (`c.JupyterHub.cookie_options`). */
export interface HubCookieOptions {
  readonly secure: boolean;
  readonly sameSite: "Lax" | "Strict" | "None";
  /** Names of options that WAIIDE does not use. */
  readonly ignored: readonly string[];
}

/** What a hub's spawner passes in JUPYTERHUB_* variables. */
export interface HubSettings {
  /** The owner. */
  readonly user: string;
  /** Empty for the default server. */
  readonly serverName: string;
  /** Without a trailing slash. */
  readonly apiUrl: string;
  /** The server's token at the hub, also the secret of its OAuth client. */
  readonly apiToken: string;
  readonly clientId: string;
  /** The hub's public `https://host`; empty where hub and server have the same host. */
  readonly host: string;
  /** The path of the whole deployment; begins and ends with `/`. */
  readonly baseUrl: string;
  /** Begins and ends with `/`. */
  readonly servicePrefix: string;
  /** Sent to the hub byte for byte (RULES R3). */
  readonly oauthCallbackUrl: string;
  /** One of these is enough to get in; undefined before JupyterHub 2, which has no scopes. */
  readonly accessScopes: readonly string[] | undefined;
  readonly activityUrl: string;
  /** Seconds between activity reports; undefined: the default. */
  readonly activityInterval: number | undefined;
  readonly listener: HubListener | undefined;
  /** Where browsers see this server, if the hub knows. */
  readonly publicUrl: string | undefined;
  readonly cookieHostPrefix: boolean;
  readonly cookieOptions: HubCookieOptions;
  /** `JUPYTERHUB_ALLOW_TOKEN_IN_URL`: tokens in URLs count for every request, not only for WebSockets. */
  readonly allowTokenInUrl: boolean;
  /** Before JupyterHub 2: admins may open the server of any user. */
  readonly adminAccess: boolean;
  readonly tls: HubTls | undefined;
}

/** Each of these shows that a hub started the server. */
export const hubVariables = ["JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_USER", "JUPYTERHUB_API_TOKEN"] as const;

/** The required variables and their purpose, for HUB_VARIABLE_MISSING. */
const purposes = {
  JUPYTERHUB_USER: "the name of the user whose server this is",
  JUPYTERHUB_API_TOKEN: "the token with which this server asks the hub who a user is",
  JUPYTERHUB_API_URL: "the address of the hub's API",
  JUPYTERHUB_CLIENT_ID: "the name of this server in the hub's login",
  JUPYTERHUB_BASE_URL: "the path of the hub",
  JUPYTERHUB_SERVICE_PREFIX: "the path of this server",
  JUPYTERHUB_OAUTH_CALLBACK_URL: "where the hub sends browsers after the login",
} as const;

/** The names of the variables that a hub always sets. */
export const requiredHubVariables = Object.keys(purposes) as (keyof typeof purposes)[];

/**
 * Reads the variables that `get_env()` of JupyterHub's spawner.py sets (0.8 to 6).
 * @throws GatewayError HUB_VARIABLE_MISSING, HUB_VARIABLE_INVALID
 */
export function readHubSettings(environment: NodeJS.ProcessEnv): HubSettings {
  const need = (name: keyof typeof purposes): string => {
    const value = environment[name];
    if (value) return value;
    throw new GatewayError("HUB_VARIABLE_MISSING", { name, purpose: purposes[name] });
  };
  const user = need("JUPYTERHUB_USER");
  const apiUrl = readApiUrl(need("JUPYTERHUB_API_URL"));
  return {
    user,
    serverName: environment.JUPYTERHUB_SERVER_NAME ?? "",
    apiUrl,
    apiToken: environment.JUPYTERHUB_API_TOKEN || environment.JPY_API_TOKEN || need("JUPYTERHUB_API_TOKEN"),
    clientId: need("JUPYTERHUB_CLIENT_ID"),
    host: (environment.JUPYTERHUB_HOST ?? "").replace(/\/+$/, ""),
    baseUrl: readPath("JUPYTERHUB_BASE_URL", need("JUPYTERHUB_BASE_URL")),
    servicePrefix: readPath("JUPYTERHUB_SERVICE_PREFIX", need("JUPYTERHUB_SERVICE_PREFIX")),
    oauthCallbackUrl: need("JUPYTERHUB_OAUTH_CALLBACK_URL"),
    accessScopes: readScopes(environment),
    activityUrl: environment.JUPYTERHUB_ACTIVITY_URL || `${apiUrl}/users/${encodeURIComponent(user)}/activity`,
    activityInterval: readInterval(environment.JUPYTERHUB_ACTIVITY_INTERVAL),
    listener: readListener(environment.JUPYTERHUB_SERVICE_URL),
    publicUrl: environment.JUPYTERHUB_PUBLIC_URL || undefined,
    cookieHostPrefix: isOn(environment.JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED),
    cookieOptions: readCookieOptions(environment.JUPYTERHUB_COOKIE_OPTIONS),
    allowTokenInUrl: isOn(environment.JUPYTERHUB_ALLOW_TOKEN_IN_URL),
    adminAccess: isOn(environment.JUPYTERHUB_ADMIN_ACCESS),
    tls: readTlsFiles(environment),
  };
}

function invalid(name: string, reason: string): GatewayError {
  return new GatewayError("HUB_VARIABLE_INVALID", { name, reason });
}

/** Address of the hub's API: an origin, or a unix socket. */
export interface HubEndpoint {
  readonly origin: string;
  readonly socketPath: string | undefined;
  /** Without a trailing slash. */
  readonly path: string;
}

/** How a hub writes an address on a unix socket: `http+unix://%2Fsrv%2Fhub.sock/hub/api`, in the past `unix+http`. */
const unixAddress = /^(?:http\+unix|unix\+http):\/\/([^/?#]+)(\/[^?#]*)?$/i;

/** @returns undefined if the URL is not the address of a hub's API */
export function hubEndpoint(url: string): HubEndpoint | undefined {
  const [, socket, socketPath = ""] = unixAddress.exec(url) ?? [];
  if (socket !== undefined) {
    const file = percentDecoded(socket);
    if (file === undefined || !file.startsWith("/")) return undefined;
    return { origin: "http://localhost", socketPath: file, path: socketPath.replace(/\/+$/, "") };
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:") return undefined;
  return { origin: parsed.origin, socketPath: undefined, path: parsed.pathname.replace(/\/+$/, "") };
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Malformed percent-encoding: not a path.
    return undefined;
  }
}

function readApiUrl(text: string): string {
  if (hubEndpoint(text) === undefined) {
    throw invalid("JUPYTERHUB_API_URL", `“${text}” is not an http, https or http+unix address`);
  }
  return text.replace(/\/+$/, "");
}

function readPath(name: string, text: string): string {
  if (!/^\/(?!\/)[^?#\\\s]*$/.test(text)) throw invalid(name, `“${text}” is not a path`);
  return text.endsWith("/") ? text : `${text}/`;
}

/** _OAUTH_ACCESS_SCOPES since JupyterHub 3, _OAUTH_SCOPES in 2. */
function readScopes(environment: NodeJS.ProcessEnv): readonly string[] | undefined {
  const name = environment.JUPYTERHUB_OAUTH_ACCESS_SCOPES
    ? "JUPYTERHUB_OAUTH_ACCESS_SCOPES"
    : "JUPYTERHUB_OAUTH_SCOPES";
  const text = environment[name];
  if (!text) return undefined;
  const scopes = parseJson(name, text);
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === "string")) {
    throw invalid(name, "it is not a JSON list of names");
  }
  return scopes;
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(name, reasonOf(error));
  }
}

/**
 * No URL parser reads these: the host may be missing (all addresses, JupyterHub 5.3), bracketed or bare IPv6, or an
 * asterisk. Port 0 means that the spawner leaves the choice to the server.
 */
export function readListener(text: string | undefined): HubListener | undefined {
  if (!text) return undefined;
  if (unixAddress.test(text)) {
    throw invalid(
      "JUPYTERHUB_SERVICE_URL",
      "it names a unix socket, which neither JupyterHub nor its own server supports for a user's server; use an address and a port",
    );
  }
  const match = /^(https?):\/\/(?:\[([^\]]*)\]|([^/[\]]*?))(?::(\d{1,5}))?(?:\/.*)?$/i.exec(text);
  const secure = match?.[1]?.toLowerCase() === "https";
  const port = Number(match?.[4] ?? (secure ? 443 : 80));
  if (match === null || port > 65535) throw invalid("JUPYTERHUB_SERVICE_URL", `“${text}” is not an address`);
  const host = match[2] ?? match[3] ?? "";
  return { secure, host: host === "" || host === "*" ? everyAddress() : host, port };
}

/** `::` accepts IPv4 as well, but fails on machines without IPv6. */
export function everyAddress(): string {
  const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ family }) => family === "IPv6"),
  );
  return hasIpv6 ? "::" : "0.0.0.0";
}

const sameSites = { lax: "Lax", strict: "Strict", none: "None" } as const;

function readCookieOptions(text: string | undefined): HubCookieOptions {
  const name = "JUPYTERHUB_COOKIE_OPTIONS";
  const options = text ? parseJson(name, text) : {};
  if (typeof options !== "object" || options === null) throw invalid(name, "it is not a JSON object");
  let secure = false;
  let sameSite: HubCookieOptions["sameSite"] = "Lax";
  const ignored: string[] = [];
  for (const [key, value] of Object.entries(options)) {
    const known = sameSites[String(value).toLowerCase() as keyof typeof sameSites];
    if (key.toLowerCase() === "secure") secure = value === true;
    else if (key.toLowerCase() === "samesite" && known !== undefined) sameSite = known;
    else ignored.push(key);
  }
  return { secure, sameSite, ignored };
}

function readTlsFiles(environment: NodeJS.ProcessEnv): HubTls | undefined {
  const files = {
    keyFile: environment.JUPYTERHUB_SSL_KEYFILE ?? "",
    certificateFile: environment.JUPYTERHUB_SSL_CERTFILE ?? "",
    clientCaFile: environment.JUPYTERHUB_SSL_CLIENT_CA ?? "",
  };
  if (Object.values(files).every((file) => file === "")) return undefined;
  const names = { keyFile: "KEYFILE", certificateFile: "CERTFILE", clientCaFile: "CLIENT_CA" } as const;
  for (const [key, file] of Object.entries(files)) {
    if (file !== "") continue;
    const name = `JUPYTERHUB_SSL_${names[key as keyof typeof names]}`;
    throw new GatewayError("HUB_VARIABLE_MISSING", {
      name,
      purpose: "a part of internal_ssl; the other parts are set",
    });
  }
  return files;
}

/** Administrators set it for jupyterhub-singleuser, in whole seconds. */
function readInterval(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw invalid("JUPYTERHUB_ACTIVITY_INTERVAL", `“${text}” is not a number of seconds`);
}

function isOn(text: string | undefined): boolean {
  return /^(1|true|yes|on)$/i.test(text ?? "");
}
