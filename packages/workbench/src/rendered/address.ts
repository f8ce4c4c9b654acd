/** Target of a picture or link in a text. */
export type Target =
  | { readonly kind: "share"; readonly path: string; readonly fragment: string }
  | { readonly kind: "here"; readonly fragment: string }
  | { readonly kind: "outside"; readonly address: string; readonly host: string }
  | { readonly kind: "data"; readonly address: string }
  | { readonly kind: "nowhere" };

/** A placeholder origin whose paths are the share's. */
const site = "https://share.invalid/";

/**
 * @param address as it stands in the text
 * @param from path of the file that the text is in
 */
export function targetOf(address: string, from: string): Target {
  if (address.startsWith("#")) return { kind: "here", fragment: decoded(address.slice(1)) ?? "" };
  if (/^data:image\//i.test(address)) return { kind: "data", address };
  const folder = from.split("/").slice(0, -1).map(encodeURIComponent);
  const base = new URL(`${[...folder, ""].join("/")}`.replace(/^\/+/, ""), site);
  const url = URL.parse(address, base);
  if (url === null) return { kind: "nowhere" };
  if (url.origin !== new URL(site).origin) {
    const isWeb = url.protocol === "https:" || url.protocol === "http:" || url.protocol === "mailto:";
    return isWeb ? { kind: "outside", address: url.href, host: url.host || url.href } : { kind: "nowhere" };
  }
  const path = decoded(url.pathname.slice(1));
  return path === undefined
    ? { kind: "nowhere" }
    : { kind: "share", path: path.replace(/\/$/, ""), fragment: decoded(url.hash.slice(1)) ?? "" };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
