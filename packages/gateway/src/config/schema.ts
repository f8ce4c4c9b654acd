import { LevelSchema, WholeNumber } from "@waiide/protocol";
import { type Static, type TSchema, Type } from "typebox";
import { appNamePattern } from "./app-faults.ts";
import { defaultHidden } from "./names/hidden-names.ts";
import { defaultProtected } from "./names/protected-names.ts";
import { limitDefaults } from "./share-limits.ts";

/**
 * Every setting of the gateway, once: its type, default, meaning and who may set it. Flags (`--ide-server`), variables
 * (`WAIIDE_IDE_SERVER`) and keys of the configuration files (`ide-server`) all derive from the names here.
 */
export interface Setting {
  readonly schema: TSchema;
  /** `undefined`: nothing, or decided at start as the description says. */
  readonly default: unknown;
  readonly description: string;
  /** The user's own configuration file may only set what is the user's. Administrators may set everything. */
  readonly setBy: "administrator" | "user";
  /** Shown as `***` by `waiide config`, never logged. */
  readonly secret?: true;
  /** Another name of the environment variable, where history wants one. */
  readonly variable?: string;
}

const list = Type.Array(Type.String({ minLength: 1 }));

/** An app under `/apps/<name>/`; the options are those of jupyter-server-proxy, durations in seconds. See docs/apps.md. */
export const AppSchema = Type.Object(
  {
    command: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description:
          "Program and arguments; {port}, {unix_socket} and {base_url} are filled in, {{ and }} are braces. Without it, the app must already run, at port or unix_socket.",
      }),
    ),
    title: Type.Optional(Type.String({ description: "Shown in lists. Default: the app's name." })),
    environment: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: "Added to its environment; filled in like command." }),
    ),
    port: Type.Optional(
      WholeNumber({ minimum: 1, maximum: 65535, description: "Loopback port it listens on. Default: a free one." }),
    ),
    unix_socket: Type.Optional(
      Type.Union([Type.Boolean(), Type.String({ pattern: "^/" })], {
        description:
          "Listens on a unix socket: true (a private one) or its path. Default: true if {unix_socket} is used and {port} is not.",
      }),
    ),
    absolute_url: Type.Optional(
      Type.Boolean({ description: "Keep the prefix in requests to the app. Default false." }),
    ),
    mappath: Type.Optional(
      Type.Record(Type.String({ pattern: "^/" }), Type.String({ pattern: "^/" }), {
        description: "Other paths for paths below the app's prefix, such as /index.html for /.",
      }),
    ),
    timeout: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: "Seconds until it must answer. Default 30." }),
    ),
    request_headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: "Headers added to each request to the app; filled in like command.",
      }),
    ),
    ready_path: Type.Optional(
      Type.String({
        pattern: "^/",
        description: "The app is ready when this path answers with a status below 500. Default /.",
      }),
    ),
    idle_timeout: Type.Optional(
      Type.Number({
        minimum: 0,
        description: "Seconds without a request or open socket until it is stopped; 0: never. Default 0.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type AppSettings = Static<typeof AppSchema>;

/** RULES R14: what guests may use of the machine, each with its default. Sizes in bytes (decimal: 1 MB is 1,000,000), times in seconds. */
export const ShareLimitsSchema = Type.Object(
  {
    file: WholeNumber({
      minimum: 1,
      default: limitDefaults.file,
      description: "Largest file that guests read, download or write.",
    }),
    read: WholeNumber({
      minimum: 1,
      default: limitDefaults.read,
      description: "Largest file sent over the session's socket.",
    }),
    free: WholeNumber({
      minimum: 0,
      default: limitDefaults.free,
      description: "Guests cannot write with less free space.",
    }),
    free_percent: Type.Number({
      minimum: 0,
      maximum: 100,
      default: limitDefaults.free_percent,
      description: "Guests cannot write with a smaller free part of the disk.",
    }),
    sessions: WholeNumber({ minimum: 1, default: 50, description: "Guests in one share at once." }),
    requests: WholeNumber({ minimum: 1, default: 8, description: "Requests of one guest at once." }),
    watched_folders: WholeNumber({
      minimum: 1,
      default: limitDefaults.watched_folders,
      description: "Folders watched for all guests.",
    }),
    searches: WholeNumber({
      minimum: 1,
      default: limitDefaults.searches,
      description: "Searches at once in one share.",
    }),
    search_time: Type.Number({
      exclusiveMinimum: 0,
      default: limitDefaults.search_time,
      description: "Time of one search.",
    }),
    idle: Type.Number({
      exclusiveMinimum: 0,
      default: 900,
      description: "Time after which a guest's page that is hidden or without input is paused.",
    }),
  },
  { additionalProperties: false },
);
export type ShareLimits = Static<typeof ShareLimitsSchema>;

export const settings = {
  mode: {
    schema: Type.Union([Type.Literal("auto"), Type.Literal("jupyterhub"), Type.Literal("standalone")]),
    default: "auto",
    description:
      "jupyterhub or standalone; auto: jupyterhub if JUPYTERHUB_SERVICE_PREFIX, JUPYTERHUB_USER or JUPYTERHUB_API_TOKEN is set.",
    setBy: "administrator",
  },
  "disable-user-config": {
    schema: Type.Boolean(),
    default: false,
    description:
      "Do not read the user's own configuration file (~/.config/waiide/config.json). Default behind a hub: JUPYTERHUB_DISABLE_USER_CONFIG.",
    setBy: "administrator",
  },
  host: {
    schema: Type.String({ minLength: 1 }),
    default: "127.0.0.1",
    description: "Address to listen on. Behind a hub JUPYTERHUB_SERVICE_URL decides, if it is set.",
    setBy: "administrator",
  },
  port: {
    schema: WholeNumber({ minimum: 0, maximum: 65535 }),
    default: 8070,
    description: "Port to listen on; 0: any free one. Behind a hub JUPYTERHUB_SERVICE_URL decides, if it is set.",
    setBy: "administrator",
  },
  "base-url": {
    schema: Type.String({ pattern: "^/(?!/)[^?#\\\\\\s]*$" }),
    default: undefined,
    description: "Path prefix of everything. Default: JUPYTERHUB_SERVICE_PREFIX, else /.",
    setBy: "administrator",
  },
  "default-url": {
    schema: Type.String({ pattern: "^/" }),
    default: undefined,
    description:
      "Page that the prefix itself opens. Default behind a hub: JUPYTERHUB_DEFAULT_URL, else /ide; without one: / (the IDE itself).",
    setBy: "administrator",
  },
  workspace: {
    schema: Type.String({ minLength: 1 }),
    default: undefined,
    description:
      "Folder that the IDE opens. Default: JUPYTERHUB_ROOT_DIR, else ~/workspace if it exists, else the current folder.",
    setBy: "user",
  },
  "ide-server": {
    schema: Type.String({ minLength: 1 }),
    default: undefined,
    description:
      "Folder of the VS Code server. Default: /opt/calliope/WAIIDE-server if it exists, else the one that “waiide ide install” installed.",
    setBy: "administrator",
    variable: "WAIIDE_SERVER_ROOT",
  },
  "ide-listen": {
    schema: Type.String({ pattern: "^(unix|(127\\.0\\.0\\.1|localhost|\\[::1\\]):[0-9]{1,5})$" }),
    default: "unix",
    description: "Where the IDE server listens: unix (a private socket) or a loopback address such as 127.0.0.1:8071.",
    setBy: "administrator",
  },
  "waiting-page-status": {
    schema: Type.Union([Type.Literal("error"), Type.Literal("200")]),
    default: "error",
    description:
      "HTTP status of the pages that people see while the IDE, an app or a port is starting: error (503, or 502 for a port), or 200, for ingresses that replace errors with their own pages. Programs always get the error.",
    setBy: "administrator",
  },
  auth: {
    schema: Type.Union([Type.Literal("none"), Type.Literal("token")]),
    default: undefined,
    description:
      "Who gets in without a hub: none or token. Default none on loopback; other hosts need an explicit choice.",
    setBy: "administrator",
  },
  token: {
    schema: Type.String({ minLength: 16 }),
    default: undefined,
    description: "The token of --auth token, at least 16 characters. Default: random, printed.",
    setBy: "administrator",
    secret: true,
  },
  "hub-share-level": {
    schema: Type.Union([Type.Literal("none"), Type.Literal("terminal")]),
    default: "none",
    description:
      "What users may do who have access to this server from the hub (a share made at the hub, or a role with access:servers): none, or terminal (use the IDE, and so run anything as the owner).",
    setBy: "administrator",
  },
  "allow-any-hub-user": {
    schema: Type.Boolean(),
    default: false,
    description: "Let any hub user in, with or without access to this server: they can run anything as the owner.",
    setBy: "administrator",
  },
  "pass-hub-token": {
    schema: Type.Boolean(),
    default: false,
    description:
      "Leave the hub's token in the environment of the IDE and apps. Anyone who can use the IDE can then act as the owner at the hub.",
    setBy: "administrator",
  },
  "allow-exposed-hub-token": {
    schema: Type.Boolean(),
    default: false,
    description:
      "Create hub tokens for share links even if programs of the IDE can read the hub's token, and so do whatever the owner may at the hub.",
    setBy: "administrator",
  },
  "tls-cert": {
    schema: Type.String({ minLength: 1 }),
    default: undefined,
    description: "PEM certificate; with --tls-key, serves HTTPS.",
    setBy: "administrator",
  },
  "tls-key": {
    schema: Type.String({ minLength: 1 }),
    default: undefined,
    description: "PEM key of --tls-cert.",
    setBy: "administrator",
  },
  "webview-origin": {
    schema: Type.String({ pattern: "^(auto|same|https?://(\\{\\{?uuid\\}?\\}\\.)?[^/?#\\s{}]+(/[^?#\\s]*)?)$" }),
    default: "auto",
    description:
      "Origin of webviews (notebook outputs, previews), which separates their scripts from the IDE: auto (another origin on this machine, if the browser reaches one), same (the IDE's own origin), or https://{{uuid}}.webviews.example.org; see docs/ide.md.",
    setBy: "administrator",
  },
  "webview-port": {
    schema: WholeNumber({ minimum: 0, maximum: 65535 }),
    default: 0,
    description:
      "Standalone: second port on --host, only for webview files, if webview-origin is auto; 0: a free one, the same at each start.",
    setBy: "administrator",
  },
  "data-dir": {
    schema: Type.String({ minLength: 1 }),
    default: undefined,
    description:
      "Data of the IDE; the gateway's own data is in gateway/<server name or _>/ below it. Default ~/.WAIIDE-server.",
    setBy: "administrator",
  },
  "cache-dir": {
    schema: Type.String({ minLength: 1 }),
    default: undefined,
    description:
      "Compressed static files, if the IDE's folder is read-only. Default: XDG_CACHE_HOME/waiide or ~/.cache/waiide.",
    setBy: "user",
  },
  "allowed-hosts": {
    schema: list,
    default: [],
    description: "Host names to which this server answers, besides localhost and its own addresses.",
    setBy: "administrator",
  },
  "allowed-origins": {
    schema: list,
    default: [],
    description:
      "Other origins (https://host[:port]) whose pages may send requests and open WebSockets. If a proxy in front changes Host: the origin that browsers see.",
    setBy: "administrator",
  },
  "skip-auth-preflight": {
    schema: Type.Boolean(),
    default: false,
    description:
      "Let CORS preflights, which browsers send without a login, reach programs on ports: pages of other origins can then use them with a token.",
    setBy: "administrator",
  },
  "trusted-proxies": {
    schema: list,
    default: [],
    description: "Addresses or networks (10.0.0.0/8) of reverse proxies whose X-Forwarded-* headers are trusted.",
    setBy: "administrator",
  },
  "proxy-hosts": {
    schema: list,
    default: [],
    description: "Hosts besides this machine that /proxy/<host>:<port>/ may reach.",
    setBy: "administrator",
  },
  "rewrite-html": {
    schema: Type.Boolean(),
    default: false,
    description: "Rewrite root-relative src, href and action in HTML up to 5 MB from the IDE, ports and apps.",
    setBy: "administrator",
  },
  "extension-gallery": {
    schema: Type.String({ pattern: "^(none|https?://.+)$" }),
    default: "https://open-vsx.org/vscode",
    description: "Extension gallery of the IDE: its URL, or none.",
    setBy: "administrator",
  },
  extensions: {
    schema: list,
    default: [],
    description: "Extensions (ids or .vsix files) installed before the page opens.",
    setBy: "user",
  },
  "default-settings": {
    schema: Type.Record(Type.String(), Type.Unknown()),
    default: {},
    description:
      "Defaults for the IDE's settings; users' own settings override them. A JSON object, or a file with one.",
    setBy: "user",
  },
  telemetry: {
    schema: Type.Boolean(),
    default: false,
    description: "Let the IDE send telemetry to its vendor.",
    setBy: "user",
  },
  "workspace-trust": {
    schema: Type.Boolean(),
    default: false,
    description: "Let the IDE ask whether to trust the workspace.",
    setBy: "user",
  },
  "ai-features": {
    schema: Type.Boolean(),
    default: false,
    description: "Show the IDE's chat panel, which needs an external service.",
    setBy: "user",
  },
  apps: {
    schema: Type.Record(Type.String({ pattern: appNamePattern }), AppSchema, { additionalProperties: false }),
    default: {},
    description: "Other programs under /apps/<name>/, as a JSON object or a file with one; see docs/apps.md.",
    setBy: "user",
  },
  sharing: {
    schema: Type.Boolean(),
    default: true,
    description: "Let the owner share files and the workspace with others.",
    setBy: "administrator",
  },
  "public-url": {
    schema: Type.String({ pattern: "^https?://[^/?#\\s]+/?$" }),
    default: undefined,
    description:
      "Origin of share links (https://host[:port]). Default: JUPYTERHUB_PUBLIC_URL's, else JUPYTERHUB_HOST, else the origin at which the owner last opened the IDE.",
    setBy: "administrator",
  },
  "share-roots": {
    schema: list,
    default: [],
    description: "Folders outside the home folder that may be shared.",
    setBy: "administrator",
  },
  "share-level": {
    schema: LevelSchema,
    default: "terminal",
    description: "Highest level that may be shared: view, edit or terminal.",
    setBy: "administrator",
  },
  "share-link-level": {
    schema: LevelSchema,
    default: undefined,
    description:
      "Highest level of shares that anyone with the link can open. Default: edit behind a hub, else terminal.",
    setBy: "administrator",
  },
  "share-links": {
    schema: Type.Boolean(),
    default: true,
    description: "Allow shares that anyone with the link can open.",
    setBy: "administrator",
  },
  "share-hub-users-only": {
    schema: Type.Boolean(),
    default: false,
    description:
      "Guests need a login at the hub, and the hub lets in only users with access to this server. Without a hub this allows no links.",
    setBy: "administrator",
  },
  "share-longest-life": {
    schema: WholeNumber({ minimum: 0 }),
    default: 0,
    description: "Longest life of a share in seconds; 0: no limit.",
    setBy: "administrator",
  },
  "share-terminal-longest-life": {
    schema: WholeNumber({ minimum: 0 }),
    default: 604_800,
    description: "Longest life of a Terminal Access share in seconds; 0: no limit.",
    setBy: "administrator",
  },
  "share-most": {
    schema: WholeNumber({ minimum: 0 }),
    default: 100,
    description: "Highest number of shares at once.",
    setBy: "administrator",
  },
  "share-admin-keys": {
    schema: Type.Array(Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" })),
    default: [],
    description:
      "Public keys of the administrator's page (“waiide hub-service key” prints one), which may list and end the shares of this server; see docs/sharing-admin.md.",
    setBy: "administrator",
  },
  "share-hidden": {
    schema: list,
    default: defaultHidden,
    description:
      "Names (globs) of files and folders that guests never see, in place of the default list; see docs/sharing-files.md.",
    setBy: "administrator",
  },
  "share-protected": {
    schema: list,
    default: defaultProtected,
    description: "Names (globs) that guests never write, in place of the default list; see docs/sharing-files.md.",
    setBy: "administrator",
  },
  "share-limits": {
    schema: Type.Partial(ShareLimitsSchema),
    default: {},
    description: "What guests may use of the machine, as a JSON object or a file with one; see docs/sharing-admin.md.",
    setBy: "administrator",
  },
  "metrics-port": {
    schema: WholeNumber({ minimum: 1, maximum: 65535 }),
    default: undefined,
    description: "Also serve Prometheus metrics on this port of --host, without a login.",
    setBy: "administrator",
  },
  "shutdown-no-activity-timeout": {
    schema: WholeNumber({ minimum: 0 }),
    default: 0,
    description:
      "Stop after so many seconds without activity, with a warning a minute (or a tenth of that time) before; 0: never.",
    setBy: "administrator",
  },
  "work-counts-as-activity": {
    schema: Type.Boolean(),
    default: true,
    description: "Count running programs in terminals, tasks, debug sessions and notebook cells as activity.",
    setBy: "administrator",
  },
  "log-level": {
    schema: Type.Union([
      Type.Literal("trace"),
      Type.Literal("debug"),
      Type.Literal("info"),
      Type.Literal("warn"),
      Type.Literal("error"),
    ]),
    default: "info",
    description: "Lowest severity of logged messages: trace, debug, info, warn or error.",
    setBy: "user",
  },
  "log-format": {
    schema: Type.Union([Type.Literal("auto"), Type.Literal("text"), Type.Literal("json")]),
    default: "auto",
    description: "text or json; auto: text on a terminal.",
    setBy: "user",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** Parsed values by name, before defaults that depend on the machine are filled in. */
export type SettingValues = {
  [Name in SettingName]: Static<(typeof settings)[Name]["schema"]> | undefined;
};

export const settingNames = Object.keys(settings) as SettingName[];

/** `ide-server` → `WAIIDE_IDE_SERVER`, or the name it has always had. */
export function variableOf(name: SettingName): string {
  return (settings[name] as Setting).variable ?? `WAIIDE_${name.replaceAll("-", "_").toUpperCase()}`;
}
