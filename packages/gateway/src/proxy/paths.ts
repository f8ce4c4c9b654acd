import type { Forward } from "./forward.ts";

/** The part of a Forward about the place of the backend. */
export type Place = Pick<Forward, "prefix" | "prefixStripped" | "hubPrefix" | "requestHeaders"> & {
  readonly context: Pick<Forward["context"], "baseUrl" | "host" | "scheme">;
};

/**
 * Puts the prefix before a path that a backend wrote without it. Changes only root-relative paths, and never those under our
 * own prefix or the hub's (RULES R6): a doubled prefix there breaks every login.
 * @returns the path itself if nothing changes
 */
export function prefixed(path: string, place: Place): string {
  if (!place.prefixStripped || place.prefix === "/" || !isRootRelative(path) || isKnown(path, place)) return path;
  return place.prefix + path.slice(1);
}

/** An absolute or protocol-relative address. One with a user name is never ours. */
const absolute = /^(?:(https?):)?\/\/([^/?#\\@\s]+)([/?#].*)?$/is;

/**
 * Does the same for addresses with the origin that the backend sees: FastAPI, for example, builds redirects from Host and
 * X-Forwarded-Proto. All other addresses stay, also those with another scheme or port.
 */
export function redirected(address: string, place: Place): string {
  if (!place.prefixStripped || place.prefix === "/") return address;
  const match = absolute.exec(address);
  if (match === null) return prefixed(address, place);
  const [, scheme = place.context.scheme, authority = "", rest = ""] = match;
  if (!isToldOrigin(`${scheme}://${authority}`, place)) return address;
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  return isKnown(path, place) ? address : place.prefix + path.slice(1);
}

/** Compares as browsers do: letter case, the default port and the spelling of an IPv6 address do not matter. */
function isToldOrigin(origin: string, { context, requestHeaders = {} }: Place): boolean {
  const told = new Map(Object.entries(requestHeaders).map(([name, value]) => [name.toLowerCase(), value]));
  const hosts = [told.get("x-forwarded-host") ?? context.host, told.get("host") ?? context.host];
  const scheme = told.get("x-forwarded-proto") ?? context.scheme;
  const asked = originOf(origin);
  return asked !== undefined && hosts.some((host) => originOf(`${scheme}://${host}`) === asked);
}

function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined;
}

/** The path of a cookie or service worker, moved inside the prefix (RULES R4). */
export function confined(path: string, place: Place): string {
  const { prefix } = place;
  if (!isRootRelative(path) || leavesItsFolder(path)) return prefix;
  if (isUnder(path, prefix)) return path;
  if (!place.prefixStripped || isUnder(prefix, path)) return prefix;
  return prefix + path.slice(1);
}

/** `/a`, but not `//host/a` nor `/\host/a`: browsers read both as another host (WHATWG URL, “special authority slashes”). */
function isRootRelative(path: string): boolean {
  if (path.charCodeAt(0) !== 47) return false;
  const second = path.charCodeAt(1);
  return second !== 47 && second !== 92;
}

function isKnown(path: string, place: Place): boolean {
  const { baseUrl } = place.context;
  const hub = place.hubPrefix ?? "/hub/";
  return (
    isUnder(path, place.prefix) || (baseUrl !== "/" && isUnder(path, baseUrl)) || (hub !== "" && isUnder(path, hub))
  );
}

/** Whether the path (a query or fragment may follow) is the folder itself, with or without its slash, or lies in it. */
function isUnder(path: string, folder: string): boolean {
  const bare = folder.endsWith("/") ? folder.slice(0, -1) : folder;
  if (!path.startsWith(bare)) return false;
  const next = path.charAt(bare.length);
  return next === "" || next === "/" || next === "?" || next === "#";
}

/** Dot segments, encoded or not: browsers resolve them after our check. */
function leavesItsFolder(path: string): boolean {
  return /(^|[/\\])(\.|%2e){2}($|[/\\?#])|[\t\r\n\\]/i.test(path);
}
