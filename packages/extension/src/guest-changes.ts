import { basename, join } from "node:path";
import { commands, type Disposable, Uri, window, workspace } from "vscode";
import { BeforeFiles, beforeScheme, beforeUri } from "./before-files.ts";
import { contentOf, type ShareApi } from "./share-api.ts";
import type { ShareNode } from "./shares-tree.ts";
import { tellFailure } from "./sharing.ts";
import { t } from "./translation.ts";

type ChangeRow = Extract<ShareNode, { kind: "change" }>;

/** Serves what files held before guests changed them, for comparing. */
export function registerBefore(api: Pick<ShareApi, "original">): Disposable {
  return workspace.registerFileSystemProvider(beforeScheme, new BeforeFiles(api), { isReadonly: true });
}

/** Shows a file as it was before the first guest's change beside what it is now. */
export async function openChange({ share, change }: ChangeRow): Promise<void> {
  const { path, to, what, original } = change;
  const file = to ?? path;
  const now = what === "deleted" ? beforeUri(share.id, undefined, file) : Uri.file(join(share.root, file));
  const before = beforeUri(share.id, original ? path : undefined, file);
  const title = t("{0}: before guests ↔ now", basename(file));
  await commands.executeCommand("vscode.diff", before, now, title);
}

/** Puts back what a file held before guests changed it, byte by byte. */
export async function restoreChange(api: Pick<ShareApi, "original">, { share, change }: ChangeRow): Promise<void> {
  const file = change.to ?? change.path;
  const yes = t("Restore");
  const detail = t("What is in the file now is replaced by what it held before guests changed it.");
  const message = t("Restore {0}?", basename(file));
  if ((await window.showWarningMessage(message, { modal: true, detail }, yes)) !== yes) return;
  try {
    await workspace.fs.writeFile(
      Uri.file(join(share.root, file)),
      contentOf(await api.original(share.id, change.path)),
    );
  } catch (error) {
    await tellFailure(error);
  }
}
