import { invalid } from "../records/request.ts";

/** Of the hub that this server belongs to. */
export interface CopyHub {
  /** Path of the hub, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Origins of the hub and of this server, as browsers see them. */
  readonly origins: readonly string[];
  /** The hub's own origin where each user has a subdomain of it; undefined: all are on one. */
  readonly parent: string | undefined;
}

/** A server of the hub that a copy goes to. */
export interface CopyTarget {
  /** As it was given. */
  readonly to: string;
  /** Name of the hub user. */
  readonly user: string;
}

const field = "to";

/**
 * Checks the address that a ticket is taken to: the page of a user's server at this hub that takes copies, and nothing else
 * (RULES R30).
 * @param hubUser who the guest is at the hub; null: unknown
 * @throws GatewayError SHARE_INVALID
 */
export function copyTarget(to: string, hub: CopyHub | undefined, hubUser: string | null): CopyTarget {
  if (hub === undefined) throw invalid(field, "this server belongs to no hub");
  const isRelative = to.startsWith("/") && !to.startsWith("//");
  // What a URL parser would mend: another parser may mend it in another way.
  if (/[\p{C}\s\\#]/u.test(to)) throw invalid(field, "it has characters that an address cannot have");
  const base = hub.origins[0] ?? "http://localhost";
  const url = URL.parse(to, base);
  if (url === null || (!isRelative && url.href !== to)) throw invalid(field, "it is no address");
  if (isRelative && `${url.pathname}${url.search}` !== to) throw invalid(field, "it is no address");
  if (url.username !== "" || url.password !== "") throw invalid(field, "it names a user");
  if (!isRelative && !isOfHub(url, hub)) throw invalid(field, "it is not at this hub");
  const user = userIn(url.pathname, hub.baseUrl);
  if (user === undefined) throw invalid(field, "no server of the hub takes copies there");
  if (hubUser !== null && user !== hubUser) throw invalid(field, "it is the server of somebody else");
  return { to, user };
}

function isOfHub({ origin, protocol, port, hostname }: URL, { origins, parent }: CopyHub): boolean {
  if (origins.includes(origin)) return true;
  const hub = parent === undefined ? null : URL.parse(parent);
  if (hub === null || protocol !== hub.protocol || port !== hub.port) return false;
  const [label, ...rest] = hostname.split(".");
  return label !== undefined && label !== "" && rest.join(".") === hub.hostname;
}

/** `<hub>user/<name>/(<server>/)?copy/return` */
function userIn(path: string, hubPath: string): string | undefined {
  const start = `${hubPath}user/`;
  if (!path.startsWith(start)) return undefined;
  const parts = path.slice(start.length).split("/");
  const isPage = parts.at(-2) === "copy" && parts.at(-1) === "return" && (parts.length === 3 || parts.length === 4);
  if (!isPage || parts.some((part) => part === "" || /%2f|%5c|%2e/i.test(part))) return undefined;
  try {
    return decodeURIComponent(parts[0] ?? "");
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
