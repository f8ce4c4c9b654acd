/** A request target split at the base URL; nothing is decoded. */
export interface RequestTarget {
  /** Below the base URL, begins with `/`. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
}

/** No user name, and no backslash, which some readers take for a slash. The scheme is for whoever ends TLS to know. */
const absoluteForm = /^(https?):\/\/([^/?@\\\s]+)([/?].*)?$/i;

/**
 * `request.url` in origin-form: a fragment, which no request may have, is cut (RFC 9112 §3.2), and the absolute form is
 * understood where it names the host that the request was sent to anyway (§3.2.2).
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

/** In one spelling, without the scheme's default port. */
function hostOf(scheme: string, authority: string): string | undefined {
  const address = `${scheme}://${authority}`;
  return URL.canParse(address) ? new URL(address).host : undefined;
}

/**
 * Splits a target (origin-form, RFC 9112 §3.2.1) at the base URL.
 * @param baseUrl begins and ends with `/`
 * @returns undefined where the target lies outside the base URL; `"invalid"` for the absolute, authority and asterisk forms
 */
export function splitTarget(url: string, baseUrl: string): RequestTarget | "invalid" | undefined {
  if (url[0] !== "/") return "invalid";
  const mark = url.indexOf("?");
  const fullPath = mark === -1 ? url : url.slice(0, mark);
  if (!fullPath.startsWith(baseUrl)) return undefined;
  return { path: fullPath.slice(baseUrl.length - 1), query: mark === -1 ? "" : url.slice(mark) };
}

/**
 * The rest of a target that lies below the base URL when both are decoded: hubs and browsers escape names such as
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

/** Percent-encoding that means nothing stays as it is. */
function decoded(segment: string | undefined): string | undefined {
  try {
    return segment === undefined ? undefined : decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
