/** A request target split at the base URL; nothing is decoded. */
export interface RequestTarget {
  /** Below the base URL, begins with `/`. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
}

/** Without user name, and without backslash, which some parsers read as a slash. Only the end of TLS knows the scheme. */
const absoluteForm = /^(https?):\/\/([^/?@\\\s]+)([/?].*)?$/i;

/**
 * `request.url` in origin-form: cuts a fragment, which no request may have (RFC 9112 §3.2), and accepts the absolute form if
 * it names the host that the request was sent to (§3.2.2).
 * @param host the Host header
 * @returns undefined for all other forms, and for another host
 */
export function originForm(url: string, host: string | undefined): string | undefined {
  const mark = url.indexOf("#");
  const target = mark === -1 ? url : url.slice(0, mark);
  if (target.startsWith("/")) return target;
  const [, scheme = "", authority = "", rest = "/"] = absoluteForm.exec(target) ?? [];
  const named = hostOf(scheme, authority);
  if (named === undefined || host === undefined || named !== hostOf(scheme, host)) return undefined;
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** Normalized, without the scheme's default port. */
function hostOf(scheme: string, authority: string): string | undefined {
  const address = `${scheme}://${authority}`;
  return URL.canParse(address) ? new URL(address).host : undefined;
}

/**
 * A path as an address of the same host: `//name/a` alone would mean another one.
 * @param path begins with `/`; a query may follow
 */
export function sameHostAddress(path: string): string {
  return /^\/[/\\]/.test(path) ? `/.${path}` : path;
}

/**
 * Splits a target (origin-form, RFC 9112 §3.2.1) at the base URL.
 * @param baseUrl begins and ends with `/`
 * @returns undefined if the target lies outside the base URL; `"invalid"` for the absolute, authority and asterisk forms
 */
export function splitTarget(url: string, baseUrl: string): RequestTarget | "invalid" | undefined {
  if (url[0] !== "/") return "invalid";
  const mark = url.indexOf("?");
  const fullPath = mark === -1 ? url : url.slice(0, mark);
  if (!fullPath.startsWith(baseUrl)) return undefined;
  return { path: fullPath.slice(baseUrl.length - 1), query: mark === -1 ? "" : url.slice(mark) };
}

/**
 * The part of a target below the base URL, compared after decoding: hubs and browsers escape names such as
 * `bob@example.org` differently, and the hub's proxy routes by the decoded path.
 * @returns path and query below the base URL, not decoded, without the slash before them; undefined if it lies elsewhere
 */
export function respelled(target: string, baseUrl: string): string | undefined {
  const own = baseUrl.split("/").slice(0, -1);
  const mark = target.indexOf("?");
  const segments = (mark === -1 ? target : target.slice(0, mark)).split("/");
  const isBelow = own.every((segment, index) => decoded(segments[index]) === decoded(segment));
  if (!isBelow) return undefined;
  return `${segments.slice(own.length).join("/")}${mark === -1 ? "" : target.slice(mark)}`;
}

/** Malformed percent-encoding stays as it is. */
function decoded(segment: string | undefined): string | undefined {
  try {
    return segment === undefined ? undefined : decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
