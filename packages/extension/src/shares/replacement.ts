import type { CreateShare, Level, Share, ShareInfo } from "@waiide/protocol";
import type { Draft } from "../create/draft.ts";

/** Seconds; the same as `minLife` of the protocol. */
const minLife = 60;

/** Whether guests could do more at a level than at another one. */
export function isHigher({ levels }: ShareInfo, level: Level, than: Level): boolean {
  const order = levels.map((one) => one.level);
  return order.indexOf(level) > order.indexOf(than);
}

/** A request for the same files, for others or at another level, until the same time as far as that level permits. */
export function requestLike(
  share: Share,
  info: ShareInfo,
  { level = share.level, recipient, approve }: Draft,
): CreateShare {
  return {
    ...sameAs(share),
    permission: level,
    expires_in: lifeLeft(share, info, level),
    approve: approve ?? share.approve,
    ...(recipient ? { with: recipient } : {}),
    // The question about the level has asked for it.
    ...(level === "terminal" ? { confirm: true } : {}),
  };
}

function lifeLeft({ expires_at }: Share, { levels }: ShareInfo, level: Level): number | null {
  const longest = levels.find((one) => one.level === level)?.longest_life ?? null;
  if (expires_at === null) return longest;
  const left = Math.max(minLife, Math.round((Date.parse(expires_at) - Date.now()) / 1_000));
  return longest === null ? left : Math.min(left, longest);
}

function sameAs({ scope, root, note }: Share): Partial<CreateShare> {
  const { show } = scope;
  return { root, note, ...filesOf(scope), ...(show === undefined ? {} : { show }) };
}

function filesOf(scope: Share["scope"]): Partial<CreateShare> {
  switch (scope.kind) {
    case "app":
      return {};
    case "workspace":
      return scope.opens === undefined ? {} : { opens: scope.opens };
    case "folder":
      return { file: scope.path, ...(scope.opens === undefined ? {} : { opens: scope.opens }) };
    case "file":
      return { file: scope.path };
    case "selection": {
      const { path, line, col, end_line, end_col } = scope;
      return { file: path, line, col, end_line, ...(end_col === null ? {} : { end_col }) };
    }
  }
}
