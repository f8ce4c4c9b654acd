import type { Scope } from "../share/scope.ts";
import type { Guest, Share } from "../share/shares.ts";

/** What texts say about the scope of a share. Each surface has its own words for it. */
export interface ScopeFacts {
  /** What people call it: the name of the file or folder alone, or of the app. */
  readonly name: string;
  /** Relative to the root; empty: all of it. */
  readonly path: string;
  /** The lines of a selection. */
  readonly lines: { readonly first: number; readonly last: number; readonly isOne: boolean } | undefined;
  /** The file that guests see first; undefined: the README, or what is shared itself. */
  readonly opens: string | undefined;
}

/** @param rootName the name of the shared folder */
export function scopeFacts(scope: Scope, rootName = ""): ScopeFacts {
  if (scope.kind === "app") return { name: scope.name, path: "", lines: undefined, opens: undefined };
  const path = "path" in scope ? scope.path : "";
  const name = path === "" ? rootName : (path.split("/").at(-1) ?? "");
  const opens = "opens" in scope ? scope.opens : undefined;
  if (scope.kind !== "selection") return { name, path, lines: undefined, opens };
  const { line: first, end_line: last } = scope;
  return { name, path, lines: { first, last, isOne: first === last }, opens };
}

/** Who can open a share. */
export type RecipientFacts = { readonly kind: "link" } | { readonly kind: "user" | "group"; readonly name: string };

export function recipientFacts({ with: recipient }: { readonly with?: Share["with"] | undefined }): RecipientFacts {
  if (recipient === null || recipient === undefined) return { kind: "link" };
  return "user" in recipient ? { kind: "user", name: recipient.user } : { kind: "group", name: recipient.group };
}

/** The guests who have a page open. */
export function guestsOnline(...shares: readonly { readonly guests: readonly Guest[] }[]): Guest[] {
  return shares.flatMap(({ guests }) => guests).filter(({ present }) => present);
}
