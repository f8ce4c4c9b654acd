/** Who may call a route. `owner`: the gate must admit them; `guest`: only by that share's cookie; `anyone`: no login. */
export type Who = "anyone" | "owner" | "guest";

/** What a path means. It is decided before the gate and Fastify, for requests and upgrades alike. */
export type Route =
  | { readonly kind: "invalid" | "outside" | "unknown"; readonly who: "anyone" }
  | { readonly kind: "hub"; readonly who: "anyone"; readonly path: string }
  | { readonly kind: "api"; readonly who: Exclude<Who, "guest"> }
  | { readonly kind: "api"; readonly who: "guest" | "anyone"; readonly share: string }
  | {
      readonly kind: "share";
      readonly who: "guest";
      readonly share: string;
      readonly part: "session" | "live" | "files" | "copy" | "repository" | "ide" | "proxy" | "absproxy";
      /** The port, for `proxy` and `absproxy`. */
      readonly authority: string;
      readonly path: string;
    }
  /** A running app for guests: the token in its path is all that authorizes a request (RULES R31). */
  | {
      readonly kind: "shared-app";
      readonly who: "anyone";
      readonly share: string;
      readonly token: string;
      readonly path: string;
    }
  /** On a name of the domain of shared apps, where a cookie of that name authorizes (RULES R35). */
  | { readonly kind: "app-host"; readonly who: "anyone"; readonly label: string; readonly path: string }
  | { readonly kind: "webview"; readonly who: "anyone"; readonly path: string }
  | { readonly kind: "share-asset"; readonly who: "anyone"; readonly path: string }
  | { readonly kind: "redirect"; readonly who: Who; readonly path: string }
  | { readonly kind: "ide"; readonly who: Who; readonly path: string; readonly mount: string }
  | {
      readonly kind: "port";
      readonly who: Who;
      readonly authority: string;
      readonly path: string;
      readonly stripped: boolean;
      /** Set on a name of the port's own, of which every path is the program's. */
      readonly named?: true;
    }
  /** On a port's own name: a login arrives. */
  | { readonly kind: "port-entry"; readonly who: "anyone" }
  /** On the IDE's host: a login is handed out for a port's own name. */
  | { readonly kind: "port-login"; readonly who: "owner" }
  | { readonly kind: "app"; readonly who: Who; readonly name: string; readonly path: string };

interface RouteRow {
  /** First path segment below the base URL; `*` for all others. */
  readonly segment: string;
  readonly who: OwnerOrAnyone;
  readonly meaning: string;
  /** The row applies in this mode only; in the other the path falls to `*`. Default: both modes. */
  readonly mode?: Mode;
  /** @param path below the base URL, beginning with the segment */
  readonly resolve: (path: string, who: OwnerOrAnyone) => Route;
}

type OwnerOrAnyone = Exclude<Who, "guest">;

export type Mode = "standalone" | "jupyterhub";

/** On a port's own name: where a login arrives. Every other path there is the program's. */
export const portEntryPath = "/~waiide/enter";

/** Ports that have always meant the IDE server, wherever it listens now. */
const idePorts = new Set(["8071", "8081"]);

/** Paths under `/api` for probes and hubs, which need no login; all others are the owner's. */
const publicApiPaths = new Set(["/api", "/api/", "/api/health"]);

/** The whole address space below the base URL. A test covers each row. */
export const routeTable: readonly RouteRow[] = [
  {
    segment: "api",
    who: "owner",
    meaning: "The gateway's API; anyone can read /api and /api/health",
    resolve: (path, who) => ({ kind: "api", who: publicApiPaths.has(path) ? "anyone" : who }),
  },
  { segment: "metrics", who: "owner", meaning: "Prometheus metrics", resolve: (_path, who) => ({ kind: "api", who }) },
  {
    segment: "login",
    who: "anyone",
    meaning: "Login with a token",
    mode: "standalone",
    resolve: (_path, who) => ({ kind: "api", who }),
  },
  {
    segment: "port-login",
    who: "owner",
    meaning: "Carries the login over to a port's own name",
    resolve: (path) =>
      path === "/port-login" ? { kind: "port-login", who: "owner" } : { kind: "unknown", who: "anyone" },
  },
  {
    segment: "oauth_callback",
    who: "anyone",
    meaning: "The hub's login returns here",
    mode: "jupyterhub",
    resolve: (_path, who) => ({ kind: "api", who }),
  },
  {
    segment: "hub",
    who: "anyone",
    meaning: "Redirects to the hub's own pages",
    mode: "jupyterhub",
    resolve: (path) => ({ kind: "hub", who: "anyone", path: path.slice("/hub".length) }),
  },
  { segment: "logout", who: "anyone", meaning: "Ends the login", resolve: (_path, who) => ({ kind: "api", who }) },
  { segment: "healthz", who: "anyone", meaning: "Liveness", resolve: (_path, who) => ({ kind: "api", who }) },
  { segment: "ide", who: "owner", meaning: "The IDE server, without the prefix", resolve: resolveIde },
  {
    segment: "proxy",
    who: "owner",
    meaning: "A local port, without the prefix",
    resolve: (path, who) => resolvePort(path, who, "/proxy/", true),
  },
  {
    segment: "absproxy",
    who: "owner",
    meaning: "A local port, with the prefix",
    resolve: (path, who) => resolvePort(path, who, "/absproxy/", false),
  },
  { segment: "apps", who: "owner", meaning: "Configured apps; /apps/ lists them", resolve: resolveApp },
  {
    segment: "server-proxy",
    who: "owner",
    meaning: "The list of apps as jupyter-server-proxy answers it",
    resolve: (_path, who) => ({ kind: "api", who }),
  },
  {
    segment: "git-pull",
    who: "owner",
    meaning: "Links of nbgitpuller: a page that asks, then clones or pulls",
    resolve: (_path, who) => ({ kind: "api", who }),
  },
  {
    segment: "share",
    who: "anyone",
    meaning: "Shares: anyone can open a link's page; everything else is only for the share's guests",
    resolve: resolveShare,
  },
  {
    segment: "copy",
    who: "owner",
    meaning: "A copy of what another user of the hub shares: the question, and the way back",
    mode: "jupyterhub",
    resolve: (_path, who) => ({ kind: "api", who }),
  },
  {
    segment: "webviews",
    who: "anyone",
    meaning: "VS Code's own webview files, the same for everyone; webview origins serve nothing else",
    resolve: (path) => ({ kind: "webview", who: "anyone", path: path.slice("/webviews".length) }),
  },
  {
    segment: "*",
    who: "owner",
    meaning: "The IDE server",
    mode: "standalone",
    resolve: (path, who) => ide(path, who, "/"),
  },
];

const rowsBySegment = {
  standalone: rowsOf("standalone"),
  jupyterhub: rowsOf("jupyterhub"),
} as const;

function rowsOf(mode: Mode): ReadonlyMap<string, RouteRow> {
  return new Map(
    routeTable.filter((row) => row.mode === undefined || row.mode === mode).map((row) => [row.segment, row]),
  );
}

/**
 * @param path below the base URL, begins with `/`, not decoded
 * @param defaultUrl where `/` leads; `/` itself means the IDE
 */
export function matchRoute(path: string, defaultUrl: string, mode: Mode = "standalone"): Route {
  if (path === "/" && defaultUrl !== "/") {
    // Saves the redirect from /ide to /ide/.
    return { kind: "redirect", who: "anyone", path: defaultUrl === "/ide" ? "/ide/" : defaultUrl };
  }
  const end = path.indexOf("/", 1);
  const rows = rowsBySegment[mode];
  const row = rows.get(end === -1 ? path.slice(1) : path.slice(1, end)) ?? rows.get("*");
  return row === undefined ? { kind: "unknown", who: "anyone" } : row.resolve(path, row.who);
}

/** @param path on a port's own name, begins with `/`. @param port as digits */
export function matchNamedPort(path: string, port: string): Route {
  if (path === portEntryPath) return { kind: "port-entry", who: "anyone" };
  return { kind: "port", who: "owner", authority: port, path, stripped: true, named: true };
}

function ide(path: string, who: OwnerOrAnyone, mount: string): Route {
  return { kind: "ide", who, path, mount };
}

function resolveIde(path: string, who: OwnerOrAnyone): Route {
  if (path === "/ide") return { kind: "redirect", who, path: "/ide/" };
  // VS Code's page resolves `../proxy/…` against itself; a link without the `..` means the port too.
  if (path.startsWith("/ide/proxy/") || path.startsWith("/ide/absproxy/")) {
    return { kind: "redirect", who, path: path.slice("/ide".length) };
  }
  return ide(path.slice("/ide".length), who, "/ide/");
}

function resolvePort(path: string, who: OwnerOrAnyone, mount: string, stripped: boolean): Route {
  const { name: authority, rest } = splitName(path, mount);
  if (rest === "") return { kind: "redirect", who, path: `${path}/` };
  if (idePorts.has(authority)) return ide(rest, who, `${mount}${authority}/`);
  return { kind: "port", who, authority, path: rest, stripped };
}

function resolveApp(path: string, who: OwnerOrAnyone): Route {
  if (path === "/apps") return { kind: "redirect", who, path: "/apps/" };
  if (path === "/apps/") return { kind: "api", who };
  const { name, rest } = splitName(path, "/apps/");
  if (rest === "" && name !== "") return { kind: "redirect", who, path: `${path}/` };
  return { kind: "app", who, name, path: rest };
}

/** The paths of a share that the API answers; the empty one is its page. */
const shareApi = new Map<string, "anyone" | "guest">([
  ["", "anyone"],
  ["look", "anyone"],
  ["enter", "anyone"],
  ["login", "anyone"],
  ["leave", "guest"],
  ["about", "guest"],
  ["clone-token", "guest"],
  ["copy", "guest"],
  ["copy-ticket", "guest"],
]);

/** What guests can take with them. */
const copies = new Set(["/copy.json", "/archive.zip", "/archive.tar.gz", "/changes.patch", "/repo.bundle"]);

function resolveShare(path: string): Route {
  const { name: share, rest } = splitName(path, "/share/");
  if (share === "") return { kind: "unknown", who: "anyone" };
  if (share === "assets") return { kind: "share-asset", who: "anyone", path: rest };
  if (rest === "") return { kind: "redirect", who: "anyone", path: `${path}/` };
  const api = shareApi.get(rest.slice(1));
  if (api !== undefined) return { kind: "api", who: api, share };
  const guest = { kind: "share", who: "guest", share, authority: "" } as const;
  if (rest === "/api/session") return { ...guest, part: "session", path: rest };
  if (rest === "/api/live") return { ...guest, part: "live", path: rest };
  if (rest.startsWith("/files/")) return { ...guest, part: "files", path: rest.slice("/files/".length) };
  if (copies.has(rest)) return { ...guest, part: "copy", path: rest.slice(1) };
  if (rest.startsWith("/repo.git/")) return { ...guest, part: "repository", path: rest.slice("/repo.git/".length) };
  if (rest === "/ide") return { kind: "redirect", who: "anyone", path: `${path}/` };
  if (rest.startsWith("/ide/")) return { ...guest, part: "ide", path: rest.slice("/ide".length) };
  if (rest.startsWith("/app/")) {
    const { name: token, rest: below } = splitName(rest, "/app/");
    return { kind: "shared-app", who: "anyone", share, token, path: below };
  }
  for (const part of ["proxy", "absproxy"] as const) {
    if (!rest.startsWith(`/${part}/`)) continue;
    const { name: authority, rest: below } = splitName(rest, `/${part}/`);
    if (below === "") return { kind: "redirect", who: "anyone", path: `${path}/` };
    return { ...guest, part, authority, path: below };
  }
  return { kind: "unknown", who: "anyone" };
}

/** `/proxy/3000/a/b` → `3000` and `/a/b`; the rest is empty if no slash follows the name. */
function splitName(path: string, mount: string): { name: string; rest: string } {
  const end = path.indexOf("/", mount.length);
  if (end === -1) return { name: path.slice(mount.length), rest: "" };
  return { name: path.slice(mount.length, end), rest: path.slice(end) };
}
