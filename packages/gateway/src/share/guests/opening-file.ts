import type { GuestWorkspace } from "../../workspace/guest-workspace.ts";
import type { StoredShare } from "../store/stored.ts";

/** Milliseconds. A slow disk must not keep a guest out: then the page begins without the file. */
const timeout = 10_000;

/**
 * The file that a guest's page opens first, checked with the guest's own rights: since the owner chose it, it may have been
 * deleted, hidden, or replaced by a folder or a link. Then the guest does not learn its name.
 */
export async function openingFile(
  { scope }: Pick<StoredShare, "scope">,
  files: Pick<GuestWorkspace, "handle">,
): Promise<string | undefined> {
  const path = scope.kind === "workspace" || scope.kind === "folder" ? scope.opens : undefined;
  if (path === undefined) return undefined;
  const isFile = await files.handle("stat", { path }, AbortSignal.timeout(timeout)).then(
    ({ kind }) => kind === "file",
    () => false,
  );
  return isFile ? path : undefined;
}
