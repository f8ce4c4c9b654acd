import { hostnameOf } from "../http/hosts.ts";

/** The parsed setting `webview-origin`. */
export type WebviewOrigin =
  | { readonly kind: "auto" | "same" }
  | {
      readonly kind: "fixed";
      /** `https://host[:port]`; begins with `{{uuid}}.` where each webview has an origin of its own. */
      readonly origin: string;
      /** The folder of the files; undefined if this gateway serves that origin too. May contain `{{commit}}` and `{{quality}}`. */
      readonly path: string | undefined;
    };

/** VS Code replaces it by a hash of the page's origin and the webview: 52 digits of base 32. */
export const uuid = "{{uuid}}";

/** Replaces the hash in the page that checks whether the browser reaches such an origin. */
export const probeLabel = "waiide-webview-probe";

/** Below this name each webview has an origin of its own: browsers resolve every name below `localhost` to this machine. */
const localDomain = "webview.localhost";

const hashLabel = new RegExp(`^([0-9a-v]{52}|${probeLabel})\\.`);

/**
 * The schema has already checked its pattern. Spawners that treat environment variables as templates of Python's `str.format`
 * (KubeSpawner) turn `{{uuid}}` into `{uuid}`.
 */
export function parseWebviewOrigin(given: string): WebviewOrigin {
  if (given === "auto" || given === "same") return { kind: given };
  const text = given.replace(/\{?\{(uuid|commit|quality)\}\}?/g, "{{$1}}");
  const [origin = "", rest = ""] = /^(https?:\/\/[^/]+)(.*)$/i.exec(text)?.slice(1) ?? [];
  const path = rest === "" || rest === "/" ? undefined : rest;
  return { kind: "fixed", origin: origin.toLowerCase(), path: path?.endsWith("/") === false ? `${path}/` : path };
}

/** `http://{{uuid}}.webview.localhost:8070` for a page at `localhost:8070`. */
export function localOrigin(port: string): string {
  return `http://${uuid}.${localDomain}${port}`;
}

/** Whether a Host begins with the hash of a page. VS Code's script compares it with the page that frames the webview. */
export function namesHash(host: string): boolean {
  return hashLabel.test(hostnameOf(host) ?? "");
}

/**
 * Whether a Host is an origin of webviews. Untrusted scripts may run there, so only the webviews' own files are served under such
 * a name.
 */
export function isWebviewHost(host: string, setting: WebviewOrigin): boolean {
  const name = hostnameOf(host);
  if (name === undefined) return false;
  if (name === localDomain || name.endsWith(`.${localDomain}`)) return true;
  if (setting.kind !== "fixed") return false;
  const authority = setting.origin.replace(/^https?:\/\//, "");
  if (!authority.startsWith(`${uuid}.`)) return host.toLowerCase() === authority;
  const domain = hostnameOf(authority.slice(`${uuid}.`.length));
  return hashLabel.test(name) && name.slice(name.indexOf(".") + 1) === domain;
}
