import type { Forward } from "./forward.ts";

/** The part of a Forward that says where things belong, and where the backend was told that it is. */
export type Place = Pick<Forward, "prefix" | "prefixStripped" | "hubPrefix" | "requestHeaders"> & {
  readonly context: Pick<Forward["context"], "baseUrl" | "host" | "scheme">;
};

/**
 * Puts the prefix before a path that a backend wrote without knowing of it. Only root-relative paths are touched, and
 * never those under our own prefix or the hub's (RULES R6): a doubled prefix there breaks every login.
 * @returns the path itself where nothing is to be done
 */
export function prefixed(path: string, place: Place): string {
  if (!place.prefixStripped || place.prefix === "/" || !isRootRelative(path) || isKnown(path, place)) return path;
  return place.prefix + path.slice(1);
}

/** An absolute or protocol-relative address. Its authority holds no user name: such an address is never ours. */
const absolute = /^(?:(https?):)?\/\/([^/?#\\@\s]+)([/?#].*)?$/is;

/**
 * What `prefixed` does, also for addresses that name the very origin which the backend was told: FastAPI, for one, makes
 * its redirects of Host and X-Forwarded-Proto. An address elsewhere, another scheme or port included, stays as it is.
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

/** Compared as browsers do: letter case, the default port and the spellings of an IPv6 address make no difference. */
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

/** The path that a cookie or service worker gets so that it stays inside the prefix (RULES R4). */
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

/** Dot segments, encoded or not, which a browser resolves after our check. */
function leavesItsFolder(path: string): boolean {
  return /(^|[/\\])(\.|%2e){2}($|[/\\?#])|[\t\r\n\\]/i.test(path);
}
