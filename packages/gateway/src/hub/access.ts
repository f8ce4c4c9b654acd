import { Type } from "typebox";
import Value from "typebox/value";
import type { HubSettings } from "../config/hub-settings.ts";
import { holdsOne } from "./scopes.ts";

/** The hub's answer to `GET /user` with a token. */
export interface HubUser {
  readonly kind: "user" | "service";
  readonly name: string;
  readonly admin: boolean;
  readonly groups: readonly string[];
  /** Expanded; undefined on hubs before 2. */
  readonly scopes: readonly string[] | undefined;
}

/**
 * What a person or service may do here. `owner`: everything. `admin`, `service`: the IDE and the read-only API, under their
 * own name. `guest`: only the IDE, by a share of the hub's or because every hub user may.
 */
export interface Identity {
  readonly kind: "owner" | "admin" | "service" | "guest";
  readonly name: string;
}

export type Access =
  | { readonly kind: "admitted"; readonly identity: Identity }
  | { readonly kind: "denied"; readonly name: string; readonly reason: "no access" }
  /** `holds`: the scopes that give access at the hub, but not here. */
  | { readonly kind: "denied"; readonly name: string; readonly reason: "share level"; readonly holds: string };

/** The administrator's settings about people besides the owner. */
export interface AccessPolicy {
  readonly hubShareLevel: "none" | "terminal";
  readonly allowAnyHubUser: boolean;
}

export interface AccessOptions extends AccessPolicy {
  readonly hub: Pick<HubSettings, "user" | "serverName" | "accessScopes" | "adminAccess">;
}

const HubUserSchema = Type.Object({
  kind: Type.Optional(Type.String()),
  name: Type.String({ minLength: 1 }),
  admin: Type.Optional(Type.Boolean()),
  groups: Type.Optional(Type.Array(Type.String())),
  scopes: Type.Optional(Type.Array(Type.String())),
});

/** Parses the answer of `GET /user`; undefined if it is malformed. */
export function asHubUser(body: unknown): HubUser | undefined {
  if (!Value.Check(HubUserSchema, body)) return undefined;
  const { kind, name, admin = false, groups = [], scopes } = body;
  return { kind: kind === "service" ? "service" : "user", name, admin, groups, scopes };
}

/** RULES R2: what the bearer of a valid token may do here. Pure: asks nobody and reads no clock. */
export function decideAccess(user: HubUser, settings: AccessOptions): Access {
  const { hub, hubShareLevel, allowAnyHubUser } = settings;
  const { name } = user;
  const admit = (kind: Identity["kind"]): Access => ({ kind: "admitted", identity: { kind, name } });
  const isOwner = user.kind === "user" && name === hub.user;
  if (hub.accessScopes === undefined && user.scopes === undefined) {
    // Before JupyterHub 2 every user's login succeeds here: only the name decides.
    if (isOwner) return admit("owner");
    if (user.admin && hub.adminAccess) return admit(user.kind === "service" ? "service" : "admin");
  } else if (holdsOne(hub.accessScopes ?? accessScopesOf(hub), user.scopes ?? [])) {
    if (isOwner) return admit("owner");
    if (user.kind === "service") return admit("service");
    if (user.admin) return admit("admin");
    if (hubShareLevel === "terminal" || allowAnyHubUser) return admit("guest");
    return { kind: "denied", name, reason: "share level", holds: accessAmong(user.scopes ?? []) };
  }
  // A token of the owner that lacks the scope was narrowed on purpose.
  if (allowAnyHubUser && user.kind === "user" && !isOwner) return admit("guest");
  return { kind: "denied", name, reason: "no access" };
}

function accessAmong(scopes: readonly string[]): string {
  return scopes.filter((scope) => /^access:servers\b/.test(scope)).join(", ");
}

/** The scopes of a hub that has scopes, but did not tell us ours. */
function accessScopesOf({ user, serverName }: AccessOptions["hub"]): string[] {
  return [`access:servers!server=${user}/${serverName}`, `access:servers!user=${user}`];
}
