import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Level } from "@waiide/protocol";
import ipaddr from "ipaddr.js";
import Value from "typebox/value";
import { GatewayError } from "../base/errors.ts";
import { bracketed } from "../proxy/backend.ts";
import { homeFolder } from "../system/home-folder.ts";
import { type HubListener, type HubSettings, hubVariables, readHubSettings, readListener } from "./hub-settings.ts";
import {
  type AppSettings,
  type SettingName,
  type SettingValues,
  type ShareLimits,
  ShareLimitsSchema,
} from "./schema.ts";
import { type ConfigInputs, readSources, type Source, type SourcedSettings } from "./sources.ts";

/** What the gateway runs with: every setting decided, paths absolute. */
export interface Config {
  readonly mode: "standalone" | "jupyterhub";
  /** Why this mode, in words for `waiide doctor`. */
  readonly modeReason: string;
  /** What the hub said; undefined without one, or where it could not be read. */
  readonly hub: HubSettings | undefined;
  /** Why what the hub said could not be read; only with `tolerant` inputs. */
  readonly hubError: GatewayError | undefined;
  readonly host: string;
  readonly port: number;
  /** Begins and ends with `/`. */
  readonly baseUrl: string;
  /** Below the base URL; `/` serves the IDE itself, never behind a hub. */
  readonly defaultUrl: string;
  readonly workspace: string;
  readonly ideServer: string;
  readonly ideListen: "unix" | { readonly host: string; readonly port: number };
  readonly authentication: AuthenticationChoice;
  readonly hubShareLevel: "none" | "terminal";
  readonly allowAnyHubUser: boolean;
  /** Of pages that wait: that of the error they stand for, or 200. */
  readonly waitingPageStatus: "error" | "200";
  readonly passHubToken: boolean;
  readonly allowExposedHubToken: boolean;
  readonly tls: TlsFiles | undefined;
  readonly webviewOrigin: string;
  readonly webviewPort: number;
  readonly dataFolder: string;
  /** The gateway's own data, one folder per server name (RULES R23). */
  readonly gatewayFolder: string;
  readonly cacheFolder: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** Whether programs on ports answer CORS preflights without a login. */
  readonly skipAuthPreflight: boolean;
  readonly trustedProxies: readonly string[];
  readonly proxyHosts: readonly string[];
  readonly rewriteHtml: boolean;
  /** URL of the gallery, or undefined for none. */
  readonly extensionGallery: string | undefined;
  readonly extensions: readonly string[];
  readonly defaultSettings: Readonly<Record<string, unknown>>;
  readonly telemetry: boolean;
  readonly workspaceTrust: boolean;
  readonly aiFeatures: boolean;
  readonly apps: Readonly<Record<string, AppSettings>>;
  readonly sharing: SharingConfig;
  readonly metricsPort: number | undefined;
  /** Seconds without a person's activity after which the gateway ends itself; 0: never. */
  readonly shutdownNoActivityTimeout: number;
  /** Whether running programs count as activity. */
  readonly workCountsAsActivity: boolean;
  readonly logLevel: string;
  readonly logFormat: "text" | "json";
  /** To be logged at start, and shown by `waiide doctor`. */
  readonly warnings: readonly string[];
  /** For `waiide config`: every effective value with its source. */
  readonly explained: readonly ExplainedSetting[];
}

/** Everything about shares that an administrator decides (RULES R10, R11, R14, R19). */
export interface SharingConfig {
  readonly enabled: boolean;
  /** Origin of links, without a slash at its end; undefined: learned from the owner's browser. */
  readonly publicOrigin: string | undefined;
  /** Absolute paths in which something may be shared, the home folder first. */
  readonly roots: readonly string[];
  readonly level: Level;
  readonly linkLevel: Level;
  readonly links: boolean;
  readonly hubUsersOnly: boolean;
  /** Seconds; 0: no limit. */
  readonly maxLife: number;
  readonly terminalMaxLife: number;
  readonly maxShares: number;
  /** Of the administrator's page. */
  readonly adminKeys: readonly string[];
  readonly hidden: readonly string[];
  readonly protected: readonly string[];
  readonly limits: ShareLimits;
}

export type AuthenticationChoice =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "hub" };

export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Set: only who shows a certificate signed by it may connect (the hub's `internal_ssl`). */
  readonly clientCaFile?: string;
}

export interface ExplainedSetting {
  readonly name: SettingName;
  readonly value: unknown;
  readonly source: Source | "decided at start";
  readonly origin: string;
}

/**
 * Reads all sources and decides what they leave open.
 * @throws GatewayError with an exit code, naming the setting and its source
 */
export function loadConfig(inputs: ConfigInputs): Config {
  const sourced = readSources(inputs);
  const { environment } = inputs;
  const read = <Name extends SettingName>(name: Name) => sourced.get(name)?.value as SettingValues[Name];
  const required = <Name extends SettingName>(name: Name) => read(name) as NonNullable<SettingValues[Name]>;

  const mode = decideMode(required("mode"), environment);
  const behindHub = mode.mode === "jupyterhub";
  const { hub, hubError } = behindHub ? readHub(inputs) : {};
  const address = { host: unbracketed(required("host")), port: required("port") };
  const { host, port } = (behindHub ? readListener(environment.JUPYTERHUB_SERVICE_URL) : undefined) ?? address;
  const baseUrl = hub?.servicePrefix ?? withSlash(read("base-url") ?? environment.JUPYTERHUB_SERVICE_PREFIX ?? "/");
  const defaultUrl = decideDefaultUrl(read("default-url"), environment.JUPYTERHUB_DEFAULT_URL, behindHub);
  const dataFolder = expandHome(read("data-dir") ?? "~/.WAIIDE-server");
  const gallery = required("extension-gallery");
  const logFormat = required("log-format");

  const decided = {
    ...mode,
    hub,
    hubError,
    host,
    port,
    baseUrl,
    defaultUrl: defaultUrl.path,
    workspace: expandHome(read("workspace") ?? (environment.JUPYTERHUB_ROOT_DIR || defaultWorkspace())),
    ideServer: expandHome(read("ide-server") ?? defaultIdeServer(environment)),
    ideListen: parseIdeListen(required("ide-listen")),
    authentication: behindHub ? { kind: "hub" } : decideAuthentication(host, read("auth"), read("token")),
    hubShareLevel: required("hub-share-level"),
    allowAnyHubUser: required("allow-any-hub-user"),
    waitingPageStatus: required("waiting-page-status"),
    passHubToken: required("pass-hub-token"),
    allowExposedHubToken: required("allow-exposed-hub-token"),
    webviewOrigin: required("webview-origin"),
    webviewPort: required("webview-port"),
    tls: hub?.tls ?? decideTls(read("tls-cert"), read("tls-key")),
    dataFolder,
    gatewayFolder: join(dataFolder, "gateway", folderOf(environment.JUPYTERHUB_SERVER_NAME ?? "")),
    cacheFolder: expandHome(read("cache-dir") ?? join(environment.XDG_CACHE_HOME || "~/.cache", "waiide")),
    allowedHosts: required("allowed-hosts"),
    allowedOrigins: checkOrigins(required("allowed-origins"), sourced),
    skipAuthPreflight: required("skip-auth-preflight"),
    trustedProxies: checkNetworks(required("trusted-proxies"), sourced),
    proxyHosts: required("proxy-hosts"),
    rewriteHtml: required("rewrite-html"),
    extensionGallery: gallery === "none" ? undefined : gallery,
    extensions: required("extensions"),
    defaultSettings: required("default-settings"),
    telemetry: required("telemetry"),
    workspaceTrust: required("workspace-trust"),
    aiFeatures: required("ai-features"),
    apps: required("apps"),
    sharing: {
      enabled: required("sharing"),
      publicOrigin: publicOriginOf(read("public-url"), hub),
      roots: [homeFolder(), ...required("share-roots").map(expandHome)],
      level: required("share-level"),
      linkLevel: read("share-link-level") ?? (behindHub ? "edit" : "terminal"),
      links: required("share-links") && (behindHub || !required("share-hub-users-only")),
      hubUsersOnly: required("share-hub-users-only"),
      maxLife: required("share-longest-life"),
      terminalMaxLife: required("share-terminal-longest-life"),
      maxShares: required("share-most"),
      adminKeys: required("share-admin-keys"),
      hidden: required("share-hidden"),
      protected: required("share-protected"),
      limits: { ...shareLimitDefaults, ...required("share-limits") },
    },
    metricsPort: read("metrics-port"),
    shutdownNoActivityTimeout: required("shutdown-no-activity-timeout"),
    workCountsAsActivity: required("work-counts-as-activity"),
    logLevel: required("log-level"),
    logFormat: logFormat === "auto" ? (process.stderr.isTTY ? "text" : "json") : logFormat,
    warnings: [
      ...(inputs.warnings ?? []),
      ...defaultUrl.warnings,
      ...userFileWarnings(required("disable-user-config"), inputs.userFile),
      ...(hub === undefined ? [] : hubWarnings(hub, sourced, address)),
    ],
  } satisfies Omit<Config, "explained">;
  if (hub?.listener?.secure && decided.tls === undefined) {
    throw new GatewayError("TLS_UNREADABLE", { reason: "JUPYTERHUB_SERVICE_URL asks for https, and there is none" });
  }
  return { ...decided, explained: explain(sourced, decided) };
}

function userFileWarnings(isKeptOut: boolean, file: string): string[] {
  return isKeptOut && existsSync(file) ? [`${file} is not read: disable-user-config is on.`] : [];
}

const shareLimitDefaults = Value.Create(ShareLimitsSchema);

/** Where browsers reach us, as far as somebody has said so: it must not be guessed from a request's Host. */
function publicOriginOf(set: string | undefined, hub: HubSettings | undefined): string | undefined {
  const known = [set, hub?.publicUrl, hub?.host].find((address) => address !== undefined && URL.canParse(address));
  return known === undefined ? undefined : new URL(known).origin;
}

function decideMode(
  mode: "auto" | "jupyterhub" | "standalone",
  environment: NodeJS.ProcessEnv,
): Pick<Config, "mode" | "modeReason"> {
  const found = hubVariables.filter((name) => environment[name]);
  if (mode === "jupyterhub") return { mode, modeReason: "set by --mode" };
  if (mode === "auto" && found.length > 0) return { mode: "jupyterhub", modeReason: `${found.join(", ")} is set` };
  const modeReason = mode === "standalone" ? "set by --mode" : `none of ${hubVariables.join(", ")} is set`;
  return { mode: "standalone", modeReason };
}

/** In the IDE's terminal what the hub said is incomplete on purpose (RULES R4), and commands there must work all the same. */
function readHub({ environment, tolerant }: ConfigInputs): { hub?: HubSettings; hubError?: GatewayError } {
  try {
    return { hub: readHubSettings(environment) };
  } catch (error) {
    if (tolerant === true && error instanceof GatewayError) return { hubError: error };
    throw error;
  }
}

/** Jupyter's own pages, which hubs that were made for it often name as every server's default. */
const jupyterPages = /^\/(lab|tree|doc|notebooks|nbclassic|retro|edit|consoles)(\/|\?|$)/;

function decideDefaultUrl(
  set: string | undefined,
  hubs: string | undefined,
  behindHub: boolean,
): { path: string; warnings: string[] } {
  if (!behindHub) return { path: set ?? hubs ?? "/", warnings: [] };
  const path = set ?? (hubs || "/ide");
  if (path === "/" || !path.startsWith("/")) return { path: "/ide", warnings: [] };
  if (set !== undefined || !jupyterPages.test(path)) return { path, warnings: [] };
  const warning = `The hub's default URL ${path} is a page of JupyterLab; /ide is used instead. An app's address is /apps/<name>/.`;
  return { path: "/ide", warnings: [warning] };
}

function hubWarnings(hub: HubSettings, sourced: SourcedSettings, wanted: Omit<HubListener, "secure">): string[] {
  const warnings: string[] = [];
  const isSet = (name: SettingName) => sourced.get(name)?.source !== "default" && sourced.has(name);
  const { listener } = hub;
  const moved = (isSet("host") && wanted.host !== listener?.host) || (isSet("port") && wanted.port !== listener?.port);
  if (listener !== undefined && moved) {
    warnings.push(`JUPYTERHUB_SERVICE_URL decides where to listen: ${bracketed(listener.host)}:${listener.port}.`);
  }
  for (const name of ["base-url", "auth", "token", "allowed-hosts"] as const) {
    if (isSet(name)) warnings.push(`--${name} has no effect behind JupyterHub: the hub decides.`);
  }
  if (sourced.get("allow-any-hub-user")?.value === true) {
    warnings.push("--allow-any-hub-user is on: every user of the hub can run programs as the owner.");
  }
  if (sourced.get("pass-hub-token")?.value === true) {
    warnings.push("--pass-hub-token is on: everyone who can use the IDE can act as the owner at the hub.");
  }
  if (hub.allowTokenInUrl) {
    warnings.push("JUPYTERHUB_ALLOW_TOKEN_IN_URL is on: tokens in addresses end up in histories and proxy logs.");
  }
  for (const name of hub.cookieOptions.ignored) warnings.push(`The cookie option “${name}” of the hub is not used.`);
  return warnings;
}

/** One folder a server name (RULES R23). Old hubs let names be anything; `_` is the default server's. */
function folderOf(serverName: string): string {
  if (serverName === "") return "_";
  return encodeURIComponent(serverName).replace(/^[._]/, (first) => (first === "." ? "%2E" : "%5F"));
}

function decideAuthentication(
  host: string,
  auth: "none" | "token" | undefined,
  token: string | undefined,
): AuthenticationChoice {
  if (auth === undefined && !isLoopback(host)) throw new GatewayError("AUTH_CHOICE_NEEDED", { host });
  if (auth !== "token") return { kind: "none" };
  return { kind: "token", token: token ?? randomBytes(24).toString("hex") };
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === "loopback";
}

function decideTls(certificateFile: string | undefined, keyFile: string | undefined): TlsFiles | undefined {
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  if (certificateFile === undefined || keyFile === undefined) {
    throw new GatewayError("TLS_UNREADABLE", { reason: "only one of --tls-cert and --tls-key is set" });
  }
  return { certificateFile: expandHome(certificateFile), keyFile: expandHome(keyFile) };
}

function parseIdeListen(text: string): Config["ideListen"] {
  if (text === "unix") return "unix";
  const colon = text.lastIndexOf(":");
  const port = Number(text.slice(colon + 1));
  if (port < 1 || port > 65535) {
    throw new GatewayError("SETTING_INVALID", {
      name: "ide-listen",
      source: text,
      reason: "the port must be from 1 to 65535",
    });
  }
  return { host: unbracketed(text.slice(0, colon)), port };
}

function checkNetworks(networks: readonly string[], sourced: SourcedSettings): readonly string[] {
  for (const network of networks) {
    if (!ipaddr.isValid(network) && !ipaddr.isValidCIDR(network)) {
      const source = sourced.get("trusted-proxies")?.origin ?? "";
      throw new GatewayError("SETTING_INVALID", {
        name: "trusted-proxies",
        source,
        reason: `“${network}” is neither an address nor a network such as 10.0.0.0/8`,
      });
    }
  }
  return networks;
}

/** As browsers write them into Origin. What never matches would only look as if it let somebody in. */
function checkOrigins(origins: readonly string[], sourced: SourcedSettings): readonly string[] {
  for (const origin of origins) {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
    if (isWeb && url?.origin === origin) continue;
    const nearest = isWeb && url !== undefined ? `; write “${url.origin}”` : "";
    const reason =
      origin === "none"
        ? "“none” is not an origin, and not needed: programs that send no Origin are accepted without it"
        : `“${origin}” is not an origin such as https://ide.example.org${nearest}`;
    const source = sourced.get("allowed-origins")?.origin ?? "";
    throw new GatewayError("SETTING_INVALID", { name: "allowed-origins", source, reason });
  }
  return origins;
}

function defaultWorkspace(): string {
  const workspace = join(homeFolder(), "workspace");
  return existsSync(workspace) ? workspace : process.cwd();
}

const imageIdeServer = "/opt/calliope/WAIIDE-server";

/** Where `waiide ide install` puts an IDE server unless told otherwise. */
export function installedIdeServer(environment: NodeJS.ProcessEnv): string {
  return expandHome(join(environment.XDG_DATA_HOME || "~/.local/share", "waiide", "ide-server"));
}

function defaultIdeServer(environment: NodeJS.ProcessEnv): string {
  return existsSync(imageIdeServer) ? imageIdeServer : installedIdeServer(environment);
}

function expandHome(path: string): string {
  return resolve(path === "~" || path.startsWith("~/") ? join(homeFolder(), path.slice(1)) : path);
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}

function unbracketed(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

function explain(sourced: SourcedSettings, decided: Omit<Config, "explained">): ExplainedSetting[] {
  const effective: Record<SettingName, unknown> = {
    mode: decided.mode,
    "disable-user-config": sourced.get("disable-user-config")?.value,
    host: decided.host,
    port: decided.port,
    "base-url": decided.baseUrl,
    "default-url": decided.defaultUrl,
    workspace: decided.workspace,
    "ide-server": decided.ideServer,
    "ide-listen":
      decided.ideListen === "unix" ? "unix" : `${bracketed(decided.ideListen.host)}:${decided.ideListen.port}`,
    auth: decided.authentication.kind,
    token: decided.authentication.kind === "token" ? "***" : undefined,
    "hub-share-level": decided.hubShareLevel,
    "allow-any-hub-user": decided.allowAnyHubUser,
    "waiting-page-status": decided.waitingPageStatus,
    "pass-hub-token": decided.passHubToken,
    "allow-exposed-hub-token": decided.allowExposedHubToken,
    "tls-cert": decided.tls?.certificateFile,
    "tls-key": decided.tls?.keyFile,
    "webview-origin": decided.webviewOrigin,
    "webview-port": decided.webviewPort,
    "data-dir": decided.dataFolder,
    "cache-dir": decided.cacheFolder,
    "allowed-hosts": decided.allowedHosts,
    "allowed-origins": decided.allowedOrigins,
    "skip-auth-preflight": decided.skipAuthPreflight,
    "trusted-proxies": decided.trustedProxies,
    "proxy-hosts": decided.proxyHosts,
    "rewrite-html": decided.rewriteHtml,
    "extension-gallery": decided.extensionGallery ?? "none",
    extensions: decided.extensions,
    "default-settings": decided.defaultSettings,
    telemetry: decided.telemetry,
    "workspace-trust": decided.workspaceTrust,
    "ai-features": decided.aiFeatures,
    apps: decided.apps,
    sharing: decided.sharing.enabled,
    "public-url": decided.sharing.publicOrigin,
    "share-roots": decided.sharing.roots.slice(1),
    "share-level": decided.sharing.level,
    "share-link-level": decided.sharing.linkLevel,
    "share-links": decided.sharing.links,
    "share-hub-users-only": decided.sharing.hubUsersOnly,
    "share-longest-life": decided.sharing.maxLife,
    "share-terminal-longest-life": decided.sharing.terminalMaxLife,
    "share-most": decided.sharing.maxShares,
    "share-admin-keys": decided.sharing.adminKeys,
    "share-hidden": decided.sharing.hidden,
    "share-protected": decided.sharing.protected,
    "share-limits": decided.sharing.limits,
    "metrics-port": decided.metricsPort,
    "shutdown-no-activity-timeout": decided.shutdownNoActivityTimeout,
    "work-counts-as-activity": decided.workCountsAsActivity,
    "log-level": decided.logLevel,
    "log-format": decided.logFormat,
  };
  return Object.entries(effective).map(([key, value]) => {
    const name = key as SettingName;
    const origin = sourced.get(name);
    return { name, value, source: origin?.source ?? "decided at start", origin: origin?.origin ?? "decided at start" };
  });
}
