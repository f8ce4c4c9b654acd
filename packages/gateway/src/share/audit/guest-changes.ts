import type { GuestChange, GuestChanges, Original } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { isText } from "../../workspace/documents/content.ts";
import type { ShareStore } from "../store/store.ts";
import type { StoredChanges } from "../store/stored.ts";
import type { GuestVersions } from "./guest-versions.ts";
import type { Originals } from "./originals.ts";

/** What was kept of files that guests changed. */
export interface KeptContents {
  readonly originals: Originals;
  readonly versions: GuestVersions;
}

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
  { originals, versions }: KeptContents,
  offset = 0,
): Promise<GuestChanges> {
  const { root, total, changes } = await store.changes({ share, offset, limit: page });
  if (root === undefined) throw new GatewayError("SHARE_UNKNOWN", { id: share });
  const rows = changes.map(async (change) => {
    const row = rowOf(change);
    const kept = await versions.list({ share, path: row.path });
    const original = originals.has(share, row.to ?? row.path);
    return { ...row, original, ...(kept.length > 0 && { versions: kept }) };
  });
  return { root, changes: await Promise.all(rows), total };
}

/**
 * The bytes of a file before guests of the share changed it.
 * @param version of a guest; default: the content before guests changed it
 * @throws GatewayError SHARE_FILE_MISSING where nothing was kept
 */
export async function originalContent(
  share: string,
  path: string,
  version: string | undefined,
  { originals, versions }: KeptContents,
): Promise<Original> {
  const bytes =
    version === undefined ? await originals.find(share, path) : await versions.find({ share, path }, version);
  if (bytes === undefined) throw new GatewayError("SHARE_FILE_MISSING");
  return isText(bytes) ? { text: bytes.toString("utf8") } : { text: null, base64: bytes.toString("base64") };
}

/**
 * A file that was created and then written to is a created one; one that was there, was deleted and created again is a changed one; one
 * that was renamed stands under both names.
 */
function rowOf({ details, at, who, isNew }: StoredChanges["changes"][number]): Omit<GuestChange, "original"> {
  const what = whats[String(details.what)] ?? "changed";
  const target = typeof details.to === "string" ? { to: details.to } : {};
  const path = String(details.path);
  const isWritten = what === "changed" || what === "created";
  return {
    path,
    what: isWritten ? (isNew ? "created" : "changed") : what,
    ...target,
    at: new Date(at).toISOString(),
    who,
  };
}
