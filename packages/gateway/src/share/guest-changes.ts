import type { GuestChange, GuestChanges, Original } from "@waiide/protocol";
import { GatewayError } from "../server/errors.ts";
import { isText } from "../workspace/content.ts";
import type { Originals } from "./originals.ts";
import type { ShareStore } from "./store.ts";
import type { StoredAuditEntry } from "./stored.ts";

/** Entries of the audit that are read at once, and in all. */
const page = 1_000;
const mostEntries = 20_000;

const whats: Readonly<Record<string, GuestChange["what"]>> = {
  write: "changed",
  create: "created",
  rename: "renamed",
  delete: "deleted",
};

/**
 * What the guests of a share, live or ended, have done to files: a row for each path, newest first (RULES R11).
 * @throws GatewayError SHARE_UNKNOWN
 */
export async function guestChanges(
  share: string,
  store: Pick<ShareStore, "audit">,
  originals: Originals,
): Promise<GuestChanges> {
  const entries = await entriesOf(share, store);
  const root = entries.findLast(({ event }) => event === "create")?.details.root;
  if (typeof root !== "string") throw new GatewayError("SHARE_UNKNOWN", { id: share });
  const changes = newestOfEach(entries).map((change) => ({
    ...change,
    original: originals.has(share, change.to ?? change.path),
  }));
  return { root, changes };
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

async function entriesOf(share: string, store: Pick<ShareStore, "audit">): Promise<StoredAuditEntry[]> {
  const entries: StoredAuditEntry[] = [];
  while (entries.length < mostEntries) {
    const before = entries.at(-1)?.id;
    const next = await store.audit({ share, limit: page, ...(before === undefined ? {} : { before }) });
    entries.push(...next);
    if (next.length < page) break;
  }
  return entries;
}

/** A file that was created and then written to is a created one; one that was renamed stands under both names. */
function newestOfEach(entries: readonly StoredAuditEntry[]): Omit<GuestChange, "original">[] {
  const changes = new Map<string, Omit<GuestChange, "original">>();
  for (const { event, details, at, who } of entries) {
    if (event !== "write") continue;
    const { path, to } = details;
    const what = whats[String(details.what)] ?? "changed";
    if (typeof path !== "string") continue;
    const known = changes.get(path);
    if (known === undefined) {
      const target = typeof to === "string" ? { to } : {};
      changes.set(path, { path, what, ...target, at: new Date(at).toISOString(), who });
    } else if (known.what === "changed" && what === "created") changes.set(path, { ...known, what });
  }
  return [...changes.values()];
}
