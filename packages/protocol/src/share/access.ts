import { isBelow } from "./guest-path.ts";
import type { Level } from "./level.ts";

/** Every operation in a share (the rows of DESIGN §3.3). `manage`: shares, audit, settings, the owner's pages. */
export const operations = [
  "list",
  "read",
  "search",
  "watch",
  "presence",
  "talk",
  "comment",
  "propose",
  "watch-terminal",
  "write",
  "create",
  "rename",
  "delete",
  "ide",
  "app",
  "manage",
] as const;
export type Operation = (typeof operations)[number];

/**
 * What guests can see. Paths are as `parseGuestPath` takes them, below the share's root. `show`: dot names at the top of home
 * folders that the owner ticked; all others are hidden (RULES R10).
 */
export type AccessScope =
  | { readonly kind: "app"; readonly show?: readonly string[] }
  | { readonly kind: "workspace"; readonly show?: readonly string[] }
  | { readonly kind: "folder" | "file" | "selection"; readonly path: string; readonly show?: readonly string[] };

/** The state of a share. Only `live` permits anything; `removed`: the owner removed this guest. */
export const shareStates = ["live", "expired", "revoked", "removed"] as const;
export type ShareState = (typeof shareStates)[number];

/** The file or folder of an operation, and whether the lists of R10 and R11 name it. */
export interface AccessTarget {
  /** As `parseGuestPath` takes it. */
  readonly path: string;
  readonly hidden: boolean;
  readonly protected: boolean;
}

export type Actor =
  | { readonly kind: "owner" }
  | { readonly kind: "guest"; readonly level: Level; readonly scope: AccessScope; readonly state: ShareState };

export interface AccessQuestion {
  readonly actor: Actor;
  readonly operation: Operation;
  /** Required for operations on files; a rename is checked twice, for its source and its target. */
  readonly target?: AccessTarget;
}

/**
 * Why not. `ended`: the share has ended, or the owner removed this guest; `level`: the level does not permit it; `scope`: it
 * is outside of what is shared; `hidden`, `protected`: it is on that list; `target`: the question names no file.
 */
export type Refusal = "ended" | "level" | "scope" | "hidden" | "protected" | "target";

export type AccessAnswer = { readonly allowed: true } | { readonly allowed: false; readonly why: Refusal };

type Kind = "look" | "write" | "structure" | "presence" | "ide" | "app" | "manage";

const kinds: Readonly<Record<Operation, Kind>> = {
  list: "look",
  read: "look",
  search: "look",
  watch: "look",
  presence: "presence",
  talk: "presence",
  comment: "look",
  propose: "look",
  "watch-terminal": "presence",
  write: "write",
  create: "structure",
  rename: "structure",
  delete: "structure",
  ide: "ide",
  app: "app",
  manage: "manage",
};

const permitted: Readonly<Record<Level, ReadonlySet<Kind>>> = {
  view: new Set<Kind>(["look", "presence"]),
  edit: new Set<Kind>(["look", "presence", "write", "structure"]),
  terminal: new Set<Kind>(["look", "presence", "write", "structure", "ide"]),
  app: new Set<Kind>(["presence", "app"]),
};

/**
 * The one authority on rights (DESIGN §3.3): level × operation × scope × state → allowed, or why not. Pure; denies by
 * default.
 */
export function computeAccess({ actor, operation, target }: AccessQuestion): AccessAnswer {
  if (actor.kind === "owner") return allowed;
  if (actor.kind !== "guest" || actor.state !== "live") return refused("ended");
  const kind = Object.hasOwn(kinds, operation) ? kinds[operation] : undefined;
  const rights = Object.hasOwn(permitted, actor.level) ? permitted[actor.level] : undefined;
  if (kind === undefined || !rights?.has(kind)) return refused("level");
  if (kind === "presence" || kind === "ide" || kind === "app") return allowed;
  if (target === undefined) return refused("target");
  return onFile(kind, operation, actor.scope, target);
}

function onFile(kind: Kind, operation: Operation, scope: AccessScope, target: AccessTarget): AccessAnswer {
  if (!isInside(scope, target.path)) return refused("scope");
  const isFolderScope = scope.kind === "workspace" || scope.kind === "folder";
  if (operation === "list" && !isFolderScope) return refused("scope");
  if (kind === "structure" && !(isFolderScope && target.path !== folderOf(scope))) return refused("scope");
  if (target.hidden) return refused("hidden");
  if (target.protected && kind !== "look") return refused("protected");
  return allowed;
}

function isInside(scope: AccessScope, path: string): boolean {
  switch (scope.kind) {
    case "workspace":
      return true;
    case "folder":
      return isBelow(path, scope.path);
    case "file":
    case "selection":
      return path === scope.path;
    default:
      return false;
  }
}

/** The shared folder itself: guests can look into it, but not create, rename or delete it. */
function folderOf(scope: AccessScope): string {
  return "path" in scope ? scope.path : "";
}

const allowed: AccessAnswer = { allowed: true };

function refused(why: Refusal): AccessAnswer {
  return { allowed: false, why };
}
