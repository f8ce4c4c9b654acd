/**
 * Whether one of a person's scopes is sufficient, with filters (RULES R2), as JupyterHub's own `check_scopes()` decides: a
 * scope without a filter covers every filter, and a user covers their servers; only the hub can resolve groups.
 * `access:servers!server=alice/other` does not cover `access:servers!user=alice`.
 */
export function holdsOne(required: readonly string[], held: readonly string[]): boolean {
  const owned = new Set(held);
  return required.some((scope) => coveringScopes(scope).some((covering) => owned.has(covering)));
}

/** The scope itself and the wider ones that contain it. */
function coveringScopes(scope: string): string[] {
  const end = scope.indexOf("!");
  if (end === -1) return [scope];
  const name = scope.slice(0, end);
  const filter = scope.slice(end + 1);
  const server = /^server=([^/]*)\//.exec(filter);
  return [scope, name, ...(server === null ? [] : [`${name}!user=${server[1]}`])];
}
