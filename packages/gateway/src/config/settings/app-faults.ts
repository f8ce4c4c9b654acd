import { nearestOf } from "../suggest.ts";

/** An app's name is a segment of its address. */
export const appNamePattern = "^[a-z0-9][a-z0-9_-]{0,62}$";

const appName = new RegExp(appNamePattern);

/** Keys of jupyter-server-proxy that WAIIDE does not have, and what to do instead. */
const foreignKeys: Readonly<Record<string, string>> = {
  launcher_entry: "write “title”, “icon_path” and “open_path” directly into the app (its “path_info” without the name)",
  progressive: "answers are always passed on as they arrive: leave it out",
  raw_socket_proxy: "only HTTP and WebSockets are passed on: the app must use one of them",
  request_headers_override: "use “request_headers”",
  rewrite_response:
    "functions cannot rewrite responses: tell the app its address with {base_url} and “absolute_url”, or use the setting rewrite-html",
  update_last_activity: "people's activity in an app always counts, and a page's own requests do not: leave it out",
};

/** Values of jupyter-server-proxy that WAIIDE writes in another way. */
const foreignValues: readonly [string, (value: unknown) => boolean, string][] = [
  ["port", (value) => value === 0, "must be from 1 to 65535; leave it out to get a free one"],
  ["command", (value) => Array.isArray(value) && value.length === 0, "is empty: if the app runs already, leave it out"],
  ["command", (value) => typeof value === "string", "must be a list: the program and each argument separately"],
];

/**
 * Explains wrong names and keys of `apps` better than the schema can.
 * @param keys the keys that an app may have
 * @returns part of a sentence; undefined leaves the value to the schema
 */
export function appFault(apps: unknown, keys: readonly string[]): string | undefined {
  if (typeof apps !== "object" || apps === null || Array.isArray(apps)) return undefined;
  for (const [name, app] of Object.entries(apps)) {
    const fault = nameFault(name) ?? keyFault(name, app, keys);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function nameFault(name: string): string | undefined {
  if (appName.test(name)) return undefined;
  const rule = "lower-case letters, digits, “-” and “_”, at most 63, a letter or digit first";
  return `“${shown(name)}” is not a name for an app (${rule}); “${nearestName(name)}” would be one`;
}

function keyFault(name: string, app: unknown, keys: readonly string[]): string | undefined {
  if (typeof app !== "object" || app === null || Array.isArray(app)) return undefined;
  for (const [key, value] of Object.entries(app)) {
    if (Object.hasOwn(foreignKeys, key)) {
      return `${name}.${key} is an option of jupyter-server-proxy that does not exist here: ${foreignKeys[key]}`;
    }
    if (!keys.includes(key)) return `${name} has the unknown key “${shown(key)}”${nearestKey(key, keys)}`;
    const wrong = foreignValues.find(([named, is]) => named === key && is(value));
    if (wrong !== undefined) return `${name}.${key} ${wrong[2]}`;
  }
  return undefined;
}

function nearestKey(key: string, keys: readonly string[]): string {
  const nearest = nearestOf(key, keys);
  return nearest === undefined ? "" : `; did you mean “${nearest}”?`;
}

/** A valid name close to this one; `é` becomes `e`. */
function nearestName(name: string): string {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const nearest = plain.replace(/[^a-z0-9_-]+/g, "-").replace(/^[-_]+|-+$/g, "");
  return nearest.slice(0, 63) || "app";
}

function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
