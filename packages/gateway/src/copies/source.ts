import type { HubSettings } from "../config/hub-settings.ts";

/** A share on the same hub, of which the owner of this server wants a copy. */
export interface CopySource {
  /** Path of the share, begins and ends with `/`. */
  readonly path: string;
  /** Origin of the owner's server where it is not that of this server: with a host for each user. */
  readonly origin: string | undefined;
  readonly owner: string;
}

export type CopyHub = Pick<HubSettings, "baseUrl" | "host" | "publicUrl" | "servicePrefix">;

/** Path segments as JupyterHub writes user and server names. */
const name = "[A-Za-z0-9_.!~*'()@%+-]+";
const shareId = "[A-Za-z0-9_-]{1,64}";

/**
 * RULES R30: reads the address of a share, of which nothing but the path of a share on our own hub is accepted.
 * @returns why it is none
 */
export function readSource(from: string, hub: CopyHub): CopySource | string {
  if (from.length > 1_000) return "it is too long";
  const { origin, path } = splitOrigin(from, hub);
  if (!path.startsWith(hub.baseUrl)) return "it does not begin with the path of this hub";
  const match = new RegExp(`^user/(${name})/(?:(${name})/)?share/(${shareId})/$`).exec(path.slice(hub.baseUrl.length));
  if (match === null) return "it is not the path of a share";
  const [, user = "", server = ""] = match;
  const owner = decoded(user);
  const isPlain = (text: string | undefined) => text !== undefined && text !== "." && text !== "..";
  if (owner === undefined || !isPlain(owner) || (server !== "" && !isPlain(decoded(server)))) {
    return "it names no user";
  }
  return { path, owner, origin: hub.host === "" ? undefined : (origin ?? userOrigin(hub.host, user)) };
}

/** Of a hub with a host for each user: an address may name its host, or one directly below it. */
function splitOrigin(from: string, { host }: CopyHub): { readonly origin: string | undefined; readonly path: string } {
  const [scheme = "", name = ""] = host.split("://");
  const [, given = "", label, rest = ""] = /^(https?:\/\/(?:([a-z0-9_-]{1,63})\.)?[^/]*?)(\/.*)?$/.exec(from) ?? [];
  const isOwn = host !== "" && (given === host || given === `${scheme}://${label}.${name}`);
  return isOwn ? { origin: given, path: rest } : { origin: undefined, path: from };
}

/** Where the browser comes back to, and what a ticket is made for. */
export function returnAddress({ host, servicePrefix }: CopyHub, state: string): string {
  return `${host}${servicePrefix}copy/return?state=${state}`;
}

/**
 * Of a hub with a host for each user. JupyterHub takes the name as the host's label where it can be one; of others this server
 * does not know it, and the hub's own host leads browsers there.
 */
function userOrigin(host: string, user: string): string {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(user)) return host;
  return host.replace("://", `://${user}.`);
}

/** No name contains a slash or a control character, in whatever spelling. */
function decoded(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text);
    return /[\p{Cc}/\\]/u.test(plain) ? undefined : plain;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
