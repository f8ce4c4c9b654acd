import { confined, type Place } from "./paths.ts";

/** Beginnings of the cookie names that never leave the gateway and that no backend may set (RULES R4). */
const ourCookiePrefixes = ["jupyterhub-", "__Host-jupyterhub-", "waiide-", "__Secure-waiide-"];

/**
 * A Cookie header without our secrets; what stays is byte-identical. Split at every semicolon, quoted or not, as
 * RFC 6265 §5.4 has it.
 * @returns an empty string where no cookie is left
 */
export function withoutOurCookies(header: string): string {
  if (!header.includes("jupyterhub-") && !header.includes("waiide-")) return header;
  const pairs = header.split(";");
  const kept = pairs.filter((pair) => !isOurs(pair));
  if (kept.length === pairs.length) return header;
  const rest = kept.join(";");
  return kept[0] === pairs[0] ? rest : rest.trimStart();
}

/**
 * A backend's Set-Cookie with `Domain` removed and `Path` kept inside the prefix; without a Path the browser's default
 * is inside already. A `__Host-` cookie needs Path=/ and so is refused by the browser: it could not be confined.
 * @returns undefined where the cookie has a name of ours
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
  // RFC 6265 §5.2.4: anything that does not begin with a slash means the default.
  if (!path.startsWith("/")) return attribute;
  const inside = confined(path, place);
  return inside === path ? attribute : ` Path=${inside}`;
}

/** A nameless cookie (`=jupyterhub-x=1`) is sent back without its first `=`, and would then read as a cookie of ours. */
function isOurs(pair: string): boolean {
  const text = pair.replace(/^[\s=]+/, "");
  return ourCookiePrefixes.some((prefix) => text.startsWith(prefix));
}
