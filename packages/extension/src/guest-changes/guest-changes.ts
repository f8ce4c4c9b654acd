import { basename, join } from "node:path";
import { commands, type Disposable, Uri, window, workspace } from "vscode";
import { reasonOf } from "../gateway/gateway.ts";
import type { ShareApi } from "../shares/api.ts";
import { t } from "../text/translation.ts";
import { harmless } from "../text/words.ts";
import type { ChangeRow, VersionRow } from "../views/shares-tree.ts";
import { BeforeFiles, beforeScheme, beforeUri } from "./before-files.ts";
import { TargetFile } from "./target-file.ts";

/** Lets the owner compare files with their content before guests changed them. */
export function registerBefore(api: Pick<ShareApi, "original">): Disposable {
  return workspace.registerFileSystemProvider(beforeScheme, new BeforeFiles(api), { isReadonly: true });
}

/** Shows what guests changed: without their changes, beside what they left. */
export async function openChange(row: ChangeRow): Promise<void> {
  const { edits } = row.change;
  const isApart = edits === "guests" || edits === "both";
  if (!isApart) return openOriginal(row);
  const name = basename(fileOf(row.change));
  const right = row.change.changed_since ? sideOf(row, "guests") : nowOf(row);
  const title =
    edits === "guests" ? t("{0}: before guests ↔ now", name) : t("{0}: without guests ↔ as guests left it", name);
  await commands.executeCommand("vscode.diff", sideOf(row, "others"), right, title);
}

/** Shows what others changed in a file since guests left it. */
export async function openSince(row: ChangeRow): Promise<void> {
  const title = t("{0}: as guests left it ↔ now", basename(fileOf(row.change)));
  await commands.executeCommand("vscode.diff", sideOf(row, "guests"), nowOf(row), title);
}

/** Shows a file as it was before the first change by a guest, beside its current content. */
async function openOriginal(row: ChangeRow): Promise<void> {
  const file = fileOf(row.change);
  // The kept content follows a file that is renamed.
  const before = beforeUri(row.share.id, row.change.original ? file : undefined, file);
  await commands.executeCommand("vscode.diff", before, nowOf(row), t("{0}: before guests ↔ now", basename(file)));
}

function sideOf({ share, change }: ChangeRow, side: "guests" | "others"): Uri {
  // Another change by guests makes it another file, which VS Code reads anew.
  return beforeUri(share.id, fileOf(change), fileOf(change), side).with({ fragment: change.at });
}

function nowOf({ share, change }: Pick<ChangeRow, "share" | "change">): Uri {
  const file = fileOf(change);
  const isGone = change.what === "deleted" && !change.changed_since;
  return isGone ? beforeUri(share.id, undefined, file) : Uri.file(join(share.root, file));
}

/** Shows what guests wrote in lines that the owner also changed, beside the file's current content. */
export async function openVersion({ share, change, version: { version, who } }: VersionRow): Promise<void> {
  const file = fileOf(change);
  const title = t("{0}: {1} ↔ now", basename(file), harmless(who));
  const theirs = beforeUri(share.id, change.path, file, version);
  await commands.executeCommand("vscode.diff", theirs, nowOf({ share, change }), title);
}

/** Restores what guests wrote. */
export async function restoreVersion(
  api: Pick<ShareApi, "original">,
  { share, change, version: { version, who } }: VersionRow,
): Promise<void> {
  const detail = t("This replaces the file's content with what {0} wrote.", harmless(who));
  if (!(await isSure(change, detail))) return;
  await tellIfFailed(async () => {
    const target = await TargetFile.read(join(share.root, fileOf(change)));
    await target.replace(await api.original(share.id, change.path, version));
  });
}

/** Takes back what guests changed in a file, byte by byte where nobody else changed it; what others changed stays. */
export async function restoreChange(api: Pick<ShareApi, "original" | "withoutGuests">, row: ChangeRow): Promise<void> {
  const { share, change } = row;
  const file = fileOf(change);
  if (change.edits === "guests" || change.edits === "both") {
    const detail =
      change.edits === "both"
        ? t("This takes back what guests changed. Other changes to the file stay.")
        : t("This replaces the file's content with what it was before guests changed it.");
    if (!(await isSure(change, detail))) return;
  }
  await tellIfFailed(async () => {
    const target = await TargetFile.read(join(share.root, file));
    const answer = await api.withoutGuests(share.id, { path: file, now: target.now });
    if (answer.kind === "apart") await target.replace(answer.content);
    else await offerOriginal(api, row, answer.kind);
  });
}

/** Nothing is written until the owner has chosen. */
async function offerOriginal(api: Pick<ShareApi, "original">, row: ChangeRow, why: "mixed" | "unknown"): Promise<void> {
  const file = fileOf(row.change);
  const reason =
    why === "mixed"
      ? t("Guests and others changed the same lines.")
      : t("What guests left was not kept, so that their changes and others' cannot be told apart.");
  const detail = `${reason} ${t("You can compare the file with what it was before guests changed it, and take back single lines there. Restoring all of it also takes back what others changed since.")}`;
  const [compare, all] = [t("Compare"), t("Restore All of It")];
  const message = t("Guests' changes to {0} cannot be taken back alone.", basename(file));
  const choice = await window.showWarningMessage(message, { modal: true, detail }, compare, all);
  if (choice === compare) await openOriginal(row);
  if (choice !== all) return;
  const target = await TargetFile.read(join(row.share.root, file));
  await target.replace(await api.original(row.share.id, file));
}

async function isSure(change: ChangeRow["change"], detail: string): Promise<boolean> {
  const yes = t("Restore");
  const message = t("Restore {0}?", basename(fileOf(change)));
  return (await window.showWarningMessage(message, { modal: true, detail }, yes)) === yes;
}

async function tellIfFailed(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await window.showErrorMessage(t("The file was not restored: {0}", reasonOf(error)));
  }
}

/** The current path, relative to the share's root. */
function fileOf({ path, to }: ChangeRow["change"]): string {
  return to ?? path;
}
