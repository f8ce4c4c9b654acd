import { basename, join } from "node:path";
import { commands, type Disposable, Uri, window, workspace } from "vscode";
import { tellFailure } from "../create/sharing.ts";
import { contentOf, type ShareApi } from "../shares/api.ts";
import { t } from "../text/translation.ts";
import { harmless } from "../text/words.ts";
import type { ShareNode } from "../views/shares-tree.ts";
import { BeforeFiles, beforeScheme, beforeUri } from "./before-files.ts";

type ChangeRow = Extract<ShareNode, { kind: "change" }>;
type VersionRow = Extract<ShareNode, { kind: "version" }>;

/** Lets the owner compare files with their content before guests changed them. */
export function registerBefore(api: Pick<ShareApi, "original">): Disposable {
  return workspace.registerFileSystemProvider(beforeScheme, new BeforeFiles(api), { isReadonly: true });
}

/** Shows a file as it was before the first change by a guest, beside its current content. */
export async function openChange({ share, change }: ChangeRow): Promise<void> {
  const { what, original } = change;
  const file = fileOf(change);
  const now = what === "deleted" ? beforeUri(share.id, undefined, file) : Uri.file(join(share.root, file));
  // The kept content follows a file that is renamed.
  const before = beforeUri(share.id, original ? file : undefined, file);
  const title = t("{0}: before guests ↔ now", basename(file));
  await commands.executeCommand("vscode.diff", before, now, title);
}

/** Shows what guests wrote in lines that the owner also changed, beside the file's current content. */
export async function openVersion({ share, change, version: { version, who } }: VersionRow): Promise<void> {
  const file = fileOf(change);
  const now = change.what === "deleted" ? beforeUri(share.id, undefined, file) : Uri.file(join(share.root, file));
  const title = t("{0}: {1} ↔ now", basename(file), harmless(who));
  await commands.executeCommand("vscode.diff", beforeUri(share.id, change.path, file, version), now, title);
}

/** Restores what guests wrote. */
export async function restoreVersion(
  api: Pick<ShareApi, "original">,
  { share, change, version: { version, who } }: VersionRow,
): Promise<void> {
  const detail = t("This replaces the file's content with what {0} wrote.", harmless(who));
  await restore({ share, change }, detail, () => api.original(share.id, change.path, version));
}

/** Restores the content of a file before guests changed it, byte by byte. */
export async function restoreChange(api: Pick<ShareApi, "original">, row: ChangeRow): Promise<void> {
  const detail = t("This replaces the file's content with what it was before guests changed it.");
  await restore(row, detail, () => api.original(row.share.id, fileOf(row.change)));
}

async function restore(
  { share, change }: Pick<ChangeRow, "share" | "change">,
  detail: string,
  kept: () => ReturnType<ShareApi["original"]>,
): Promise<void> {
  const file = fileOf(change);
  const yes = t("Restore");
  const message = t("Restore {0}?", basename(file));
  if ((await window.showWarningMessage(message, { modal: true, detail }, yes)) !== yes) return;
  try {
    await workspace.fs.writeFile(Uri.file(join(share.root, file)), contentOf(await kept()));
  } catch (error) {
    await tellFailure(error);
  }
}

/** The current path, relative to the share's root. */
function fileOf({ path, to }: ChangeRow["change"]): string {
  return to ?? path;
}
