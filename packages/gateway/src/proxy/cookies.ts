import { confined, type Place } from "./paths.ts";

/** Prefixes of cookie names that no backend gets or sets (RULES R4). */
const ourCookiePrefixes = ["jupyterhub-", "__Host-jupyterhub-", "waiide-", "__Secure-waiide-", "__Host-waiide-"];

/**
 * A Cookie header without our secrets; the rest is byte-identical. Splits at every semicolon, quoted or not (RFC 6265 §5.4).
 * @returns an empty string if no cookie is left
 */
export function withoutOurCookies(header: string): string {
  if (!header.includes("jupyterhub-") && !header.includes("waiide-")) return header;
  const pairs = header.split(";");
  const kept = pairs.filter((pair) => !isOurs(pair));
  if (kept.length === pairs.length) return header;
  const rest = kept.join(";");
  return kept[0] === pairs[0] ? rest : rest.trimStart();
}

/** Only our secrets of a Cookie header, among them every login; empty if there is none. */
export function ourCookies(header: string | undefined): string {
  const pairs = header?.split(";") ?? [];
  return pairs
    .filter(isOurs)
    .map((pair) => pair.trim())
    .join("; ");
}

/**
 * A backend's Set-Cookie without `Domain` and with `Path` inside the prefix; without a Path the browser's default is inside
 * already. A `__Host-` cookie needs Path=/, so the browser refuses it: it could not be confined.
 * @returns undefined if the cookie has a name of ours
 */
export function confinedSetCookie(header: string, place: Place): string | undefined {
  if (isOurs(header)) return undefined;
  if (!header.includes(";")) return header;
  const [pair, ...attributes] = header.split(";");
  let result = pair as string;
  for (const attribute of attributes) {
    const kept = confinedAttribute(attribute, place);
    if (kept !== undefined) result += `;${kept}`;
  }
  return result;
}

function confinedAttribute(attribute: string, place: Place): string | undefined {
  const equals = attribute.indexOf("=");
  const name = (equals === -1 ? attribute : attribute.slice(0, equals)).trim().toLowerCase();
  if (name === "domain") return undefined;
  if (name !== "path" || equals === -1) return attribute;
  const path = attribute.slice(equals + 1).trim();
  // RFC 6265 §5.2.4: a path without a leading slash means the default.
  if (!path.startsWith("/")) return attribute;
  const inside = confined(path, place);
  return inside === path ? attribute : ` Path=${inside}`;
}

/** Browsers send a nameless cookie (`=jupyterhub-x=1`) back without its first `=`, which would read as a cookie of ours. */
function isOurs(pair: string): boolean {
  const text = pair.replace(/^[\s=]+/, "");
  return ourCookiePrefixes.some((prefix) => text.startsWith(prefix));
}
