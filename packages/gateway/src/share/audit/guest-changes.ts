import { join } from "node:path";
import type { GuestChange, GuestChanges, Original, WithoutGuests, WithoutGuestsQuestion } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { isText } from "../../workspace/documents/content.ts";
import type { ShareStore } from "../store/store.ts";
import type { StoredChanges } from "../store/stored.ts";
import type { EditSide } from "./edit-sides.ts";
import type { FileVersions } from "./file-versions.ts";
import type { KeptContents } from "./kept-contents.ts";

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
  { originals, versions, sides, now }: KeptContents,
  offset = 0,
): Promise<GuestChanges> {
  const { root, total, changes } = await store.changes({ share, offset, limit: page });
  if (root === undefined) throw new GatewayError("SHARE_UNKNOWN", { id: share });
  const rows = changes.map(async (change) => {
    const row = rowOf(change);
    const kept = await versions.list({ share, path: row.path });
    const path = row.to ?? row.path;
    const original = originals.has(share, path);
    const edits = await editsOf(await sides.find({ share, path }), now, join(root, path));
    return { ...row, original, ...edits, ...(kept.length > 0 && { versions: kept }) };
  });
  return { root, changes: await Promise.all(rows), total };
}

/** Whose changes a file has had. @param file absolute */
async function editsOf(
  side: EditSide | undefined,
  now: FileVersions,
  file: string,
): Promise<Pick<GuestChange, "edits" | "changed_since">> {
  if (side === undefined) return { edits: "unknown", changed_since: false };
  const isChanged = (await now.of(file)) !== side.guests;
  const edits = side.lost ?? (side.isBoth || isChanged ? "both" : "guests");
  return { edits, changed_since: isChanged };
}

/**
 * The bytes of a file before guests of the share changed it, or another state that was kept.
 * @param version of a guest; `guests` and `others`: of the file as guests left it; default: before guests changed it
 * @throws GatewayError SHARE_FILE_MISSING where nothing was kept
 */
export async function originalContent(
  share: string,
  path: string,
  version: string | undefined,
  { originals, versions, sides }: KeptContents,
): Promise<Original> {
  const under = { share, path };
  const find = (): Promise<Buffer | undefined> => {
    if (version === undefined) return originals.find(share, path);
    const isSide = version === "guests" || version === "others";
    return isSide ? sides.contentOf(under, version) : versions.find(under, version);
  };
  const bytes = await find();
  if (bytes === undefined) throw new GatewayError("SHARE_FILE_MISSING");
  return viewOf(bytes);
}

/**
 * What a file would hold if guests had changed nothing; nothing is written.
 * @throws GatewayError SHARE_UNKNOWN
 */
export async function withoutGuests(
  share: string,
  { path, now }: WithoutGuestsQuestion,
  store: Pick<ShareStore, "changes">,
  { sides }: Pick<KeptContents, "sides">,
): Promise<WithoutGuests> {
  const { root } = await store.changes({ share, offset: 0, limit: 1 });
  if (root === undefined) throw new GatewayError("SHARE_UNKNOWN", { id: share });
  const apart = await sides.without({ share, path }, now && bytesOf(now));
  if (apart.kind !== "apart") return apart;
  return { kind: "apart", content: viewOf(apart.content ?? Buffer.alloc(0)) };
}

function viewOf(bytes: Buffer): Original {
  return isText(bytes) ? { text: bytes.toString("utf8") } : { text: null, base64: bytes.toString("base64") };
}

function bytesOf({ text, base64 }: Original): Buffer {
  return base64 === undefined ? Buffer.from(text ?? "", "utf8") : Buffer.from(base64, "base64");
}

/**
 * A file that was created and then written to is a created one; one that was there, was deleted and created again is a changed one; one
 * that was renamed stands under both names.
 */
function rowOf({
  details,
  at,
  who,
  isNew,
}: StoredChanges["changes"][number]): Omit<GuestChange, "original" | "edits" | "changed_since"> {
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
