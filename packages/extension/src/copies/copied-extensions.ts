import type { Copies } from "@waiide/protocol";
import { extensions, window, workspace } from "vscode";
import { type Gateway, reasonOf } from "../gateway/gateway.ts";
import { galleryFrom } from "../server/install-remedy.ts";
import { installAll } from "../server/missing-extensions.ts";
import { t } from "../text/translation.ts";
import { harmless } from "../text/words.ts";

type Copy = Copies["copies"][number];
type Ask = Pick<Gateway, "ask">;

/**
 * RULES R29: offers what the owner of a copied folder has installed and this window has not. Only what the recipient ticked is
 * installed, from the recipient's own gallery.
 */
export async function offerExtensions(gateway: Ask): Promise<void> {
  try {
    const { copies } = await gateway.ask<Copies>("/api/copies");
    const open = new Set((workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath));
    for (const copy of copies) if (open.has(copy.folder)) await offer(gateway, copy);
  } catch (error) {
    console.warn("WAIIDE cannot say which extensions the owner of a copy uses", error);
  }
}

async function offer(gateway: Ask, copy: Copy): Promise<void> {
  const missing = copy.extensions.filter((id) => extensions.getExtension(id) === undefined);
  if (missing.length === 0) return;
  const choose = t("Choose…");
  const none = t("Install None");
  const message =
    missing.length === 1
      ? t("{0}, who shared this folder, uses an extension that you do not have.", harmless(copy.owner))
      : t(
          "{0}, who shared this folder, uses {1} extensions that you do not have.",
          harmless(copy.owner),
          missing.length,
        );
  const answer = await window.showInformationMessage(message, choose, none);
  // Closed without an answer, it is offered again when the folder opens.
  if (answer === undefined) return;
  const chosen = answer === choose ? await choice(missing) : [];
  if (chosen === undefined) return;
  try {
    await gateway.ask(`/api/copies/${encodeURIComponent(copy.id)}/extensions`, { method: "DELETE" });
  } catch (error) {
    void window.showErrorMessage(t("The answer could not be kept: {0}", reasonOf(error)));
  }
  await installAll(chosen);
}

/** @returns undefined: the recipient left without a choice */
async function choice(missing: readonly string[]): Promise<readonly string[] | undefined> {
  const gallery = galleryFrom(process.env.EXTENSIONS_GALLERY);
  return window.showQuickPick([...missing], {
    title: gallery === undefined ? t("Install Extensions") : t("Install Extensions from {0}", new URL(gallery).host),
    placeHolder: t("Tick those that you want. They run as you, in every folder."),
    canPickMany: true,
    ignoreFocusOut: true,
  });
}
