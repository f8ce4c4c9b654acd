import type { Guest, Scope, Share } from "@waiide/protocol";
import { type DurationPart, type DurationUnit, setDuration, timeLeft } from "@waiide/protocol/duration";
import { recipientFacts, scopeFacts } from "@waiide/protocol/share-facts";
import { t } from "./translation.ts";

/** What is shared, with its path. Only where VS Code shows plain text, such as the label of a tree's row. */
export function scopeInWords(scope: Scope): string {
  const { name, path, lines, opens } = scopeFacts(scope);
  if (scope.kind === "app") return t("App {0}", name);
  if (scope.kind === "workspace") return opens === undefined ? t("Workspace") : t("Workspace, opens {0}", opens);
  if (scope.kind === "folder") return t("Folder {0}", path);
  if (lines === undefined) return path;
  return linesInWords(path, lines.first, lines.last);
}

/** Lines of a file, from 1. */
export function linesInWords(file: string, first: number, last: number): string {
  return first === last ? t("{0}, line {1}", file, first) : t("{0}, lines {1}–{2}", file, first, last);
}

/** The same without names: in messages, VS Code could show a name as a link (RULES R17). */
export function kindInWords({ kind }: Scope, commit?: Share["commit"]): string {
  if (commit) return commit.branch === null ? t("a commit") : t("a branch");
  const words = {
    workspace: t("your workspace"),
    folder: t("a folder"),
    file: t("a file"),
    selection: t("a selection"),
    app: t("an app"),
  };
  return words[kind];
}

/** The row of a share. At Terminal Access, a shared file opens the workspace, so that the row names the file. */
export function shareInWords({
  scope,
  level,
  commit,
}: Pick<Share, "scope" | "level"> & Partial<Pick<Share, "commit">>): string {
  if (commit) return commit.branch === null ? t("Commit {0}", commit.name) : branchInWords(commit);
  return scope.kind === "workspace" && level !== "terminal" ? t("Workspace") : scopeInWords(scope);
}

function branchInWords({ name, state }: NonNullable<Share["commit"]>): string {
  if (state === "gone") return t("Branch {0}, deleted", name);
  return state === "held" ? t("Branch {0}, not at its newest commit", name) : t("Branch {0}", name);
}

/** The file that guests see first; undefined: the README, or the shared file itself. */
export function firstFileInWords({ scope }: Pick<Share, "scope">): string | undefined {
  const { opens } = scopeFacts(scope);
  return opens === undefined ? undefined : t("Opens {0} first", opens);
}

const units: Readonly<Record<DurationUnit, { readonly one: () => string; readonly many: () => string }>> = {
  day: { one: () => t("day"), many: () => t("days") },
  hour: { one: () => t("hour"), many: () => t("hours") },
  minute: { one: () => t("minute"), many: () => t("minutes") },
  second: { one: () => t("second"), many: () => t("seconds") },
};

function partInWords({ count, unit }: DurationPart): string {
  const { one, many } = units[unit];
  return `${count} ${count === 1 ? one() : many()}`;
}

/** A duration that somebody has set, such as a limit. */
export function durationInWords(seconds: number): string {
  return partInWords(setDuration(seconds * 1_000));
}

/** The time left, as guests see it in their bar. @param now milliseconds since 1970 */
export function timeLeftInWords({ expires_at }: Pick<Share, "expires_at">, now: number): string {
  if (expires_at === null) return t("never expires");
  const left = Date.parse(expires_at) - now;
  if (left <= 0) return t("expires now");
  const parts = timeLeft(left);
  if (parts.length === 0) return t("less than a minute left");
  return t("{0} left", parts.map(partInWords).join(" "));
}

/** When it expires, to the minute; undefined: never. */
export function endInWords({ expires_at }: Pick<Share, "expires_at">): string | undefined {
  if (expires_at === null) return undefined;
  return t("until {0}", new Date(expires_at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }));
}

export function guestsInWords(count: number): string {
  return count === 1 ? t("1 guest") : t("{0} guests", count);
}

export function sharesInWords(count: number): string {
  return count === 1 ? t("1 share") : t("{0} shares", count);
}

/** A guest's name: at the hub, or the one that they chose. */
export function guestInWords({ name, hub_user }: Pick<Guest, "name" | "hub_user">): string {
  return harmless(hub_user ?? name);
}

/** The people with whom something is shared. */
export function recipientInWords(share: Pick<Share, "with">): string {
  const recipient = recipientFacts(share);
  if (recipient.kind === "link") return t("anyone with the link");
  return recipient.kind === "user" ? recipient.name : t("group {0}", recipient.name);
}

/**
 * Text of other people, for places where VS Code shows icons, links or Markdown (RULES R17): without the characters of that
 * syntax, and without control and direction characters.
 */
export function harmless(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N} \-_.'@]/gu, "").slice(0, 80);
}

/**
 * A sentence of the gateway, which may contain text of other people, for the same places (RULES R17): like `harmless`, but
 * with punctuation.
 */
export function plainText(text: string): string {
  return text
    .replace(/[^\p{L}\p{M}\p{N} \-_.,;:!?'"“”‘’«»–—…@/()=%&+#~]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim()
    .slice(0, 600);
}
