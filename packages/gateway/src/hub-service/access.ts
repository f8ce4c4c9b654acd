import type { Access, HubUser } from "../hub/access.ts";
import { holdsOne } from "../hub/scopes.ts";

/**
 * Who may use the administrator's page: a scope of its own, which means nothing to the hub. `access:services`, which lets log in
 * here, is not enough: many hubs give that to everybody.
 */
export const adminScope = "custom:waiide:admin";

/** A server, as far as scopes can name it. */
export interface Manageable {
  readonly user: string;
  /** Empty for the default server. */
  readonly name: string;
  /** Groups of its owner. */
  readonly groups: readonly string[];
}

/** What the bearer of a valid token may do at the page. Pure. @param accessScopes one of these lets log in here */
export function decideVisit(user: HubUser, accessScopes: readonly string[]): Access {
  const { name, scopes = [] } = user;
  const isHeld = scopes.some((scope) => scope === adminScope || scope.startsWith(`${adminScope}!`));
  if (user.kind === "user" && isHeld && holdsOne(accessScopes, scopes)) {
    return { kind: "admitted", identity: { kind: "admin", name } };
  }
  return { kind: "denied", name, reason: "no access" };
}

/** Whether somebody with these scopes sees and ends shares of this server: filters count (RULES R2). */
export function mayManage(scopes: readonly string[], { user, name, groups }: Manageable): boolean {
  if (holdsOne([`${adminScope}!server=${user}/${name}`], scopes)) return true;
  return groups.some((group) => scopes.includes(`${adminScope}!group=${group}`));
}
