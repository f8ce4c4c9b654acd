import type { CopyChoice } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { PolicySettings } from "../records/policy.ts";
import { invalid } from "../records/request.ts";
import type { StoredShare } from "../store/stored.ts";

/** Why nothing can be copied of such a share; undefined: it can. */
function whyNoCopy({ level, scope }: Pick<StoredShare, "level" | "scope">): string | undefined {
  if (level === "app") return "an app is shared, and no files";
  if (scope.kind === "workspace" || scope.kind === "folder") return undefined;
  return "only folders can be copied";
}

/**
 * Checks what the owner asks for.
 * @throws GatewayError SHARE_INVALID, SHARE_CEILING
 */
export function requireCopyable(share: Pick<StoredShare, "level" | "scope" | "copy">, policy: PolicySettings): void {
  if (share.copy === null) return;
  const why = whyNoCopy(share);
  if (why !== undefined) throw invalid("copy", why);
  if (policy.copies) return;
  throw new GatewayError("SHARE_CEILING", { reason: "an administrator has turned copies off" });
}

/** What others may copy now: the ceiling may have been lowered since (RULES R19). */
export function copyOf(
  share: Pick<StoredShare, "level" | "scope" | "copy">,
  { copies }: Pick<PolicySettings, "copies">,
): CopyChoice | null {
  return copies && whyNoCopy(share) === undefined ? share.copy : null;
}
