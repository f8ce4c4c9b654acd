import type { GuestChange, GuestChanges, Original } from "@waiide/protocol";
import { GatewayError } from "../server/errors.ts";
import { isText } from "../workspace/content.ts";
import type { Originals } from "./originals.ts";
import type { ShareStore } from "./store.ts";
import type { StoredChanges } from "./stored.ts";

/** Files of one page. */
const page = 1_000;

const whats: Readonly<Record<string, GuestChange["what"]>> = {
  write: "changed",
  create: "created",
  rename: "renamed",
  delete: "deleted",
};

/**
 * What the guests of a share, live or ended, have done to files: a row for each path (RULES R11). What was there before they
 * came is first, so that no number of new files hides it; the newest first.
 * @param offset of the page
 * @throws GatewayError SHARE_UNKNOWN
 */
export async function guestChanges(
  share: string,
  store: Pick<ShareStore, "changes">,
  originals: Originals,
  offset = 0,
): Promise<GuestChanges> {
  const { root, total, changes } = await store.changes({ share, offset, limit: page });
  if (root === undefined) throw new GatewayError("SHARE_UNKNOWN", { id: share });
  const rows = changes.map((change) => {
    const row = rowOf(change);
    return { ...row, original: originals.has(share, row.to ?? row.path) };
  });
  return { root, changes: rows, total };
}

/**
 * What a file held before guests of the share changed it, whatever bytes they were.
 * @throws GatewayError SHARE_FILE_MISSING where nothing was kept
 */
export async function originalContent(share: string, path: string, originals: Originals): Promise<Original> {
  const bytes = await originals.find(share, path);
  if (bytes === undefined) throw new GatewayError("SHARE_FILE_MISSING");
  return isText(bytes) ? { text: bytes.toString("utf8") } : { text: null, base64: bytes.toString("base64") };
}

/** A file that was created and then written to is a created one; one that was renamed stands under both names. */
function rowOf({ details, at, who, isNew }: StoredChanges["changes"][number]): Omit<GuestChange, "original"> {
  const what = whats[String(details.what)] ?? "changed";
  const target = typeof details.to === "string" ? { to: details.to } : {};
  const path = String(details.path);
  return { path, what: what === "changed" && isNew ? "created" : what, ...target, at: new Date(at).toISOString(), who };
}
