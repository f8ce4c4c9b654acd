import type { Status } from "@waiide/protocol";
import { commands, extensions, Uri, window } from "vscode";
import { type Gateway, reasonOf } from "../gateway/gateway.ts";
import { offerUntilAnswered } from "../text/lasting-offer.ts";
import { t } from "../text/translation.ts";
import { plainText } from "../text/words.ts";
import { installRemedy } from "./install-remedy.ts";

type Failed = NonNullable<Status["ide"]["failed_extensions"]>[number];

/** Says which extensions of the settings are missing and why, until the owner has answered. */
export async function tellFailedExtensions(gateway: Pick<Gateway, "ask">): Promise<void> {
  const { ide } = await gateway.ask<Status>("/api/status");
  // Somebody may have installed it since the server started.
  const isMissing = ({ name }: Failed) => extensions.getExtension(name.replace(/@.*$/, "")) === undefined;
  const failed = (ide.failed_extensions ?? []).filter(isMissing);
  const first = failed[0];
  if (first === undefined) return;
  const why = t("{0} could not be installed: {1}", plainText(first.name), plainText(first.reason));
  const more = failed.length === 1 ? "" : ` ${t("{0} more could not be installed either.", failed.length - 1)}`;
  const again = t("Try Again");
  const help = t("What to Do");
  const answer = await offerUntilAnswered(`${why}${more}`, again, help);
  if (answer === again) await installAll(failed.map(({ name }) => name));
  if (answer === help) await tellRemedy(failed);
}

/** In this window, so that nothing restarts. @param names ids, or paths of .vsix files */
export async function installAll(names: readonly string[]): Promise<void> {
  const failed: Failed[] = [];
  for (const name of names) {
    const what = isFile(name) ? Uri.file(name) : name;
    try {
      await commands.executeCommand("workbench.extensions.installExtension", what);
    } catch (error) {
      failed.push({ name, reason: reasonOf(error) });
    }
  }
  if (failed.length > 0) await tellRemedy(failed);
}

async function tellRemedy(failed: readonly Failed[]): Promise<void> {
  const lines = failed.map(({ name, reason }) => `${plainText(name)}: ${plainText(reason)}`);
  const remedy = failed.every(({ name }) => isFile(name))
    ? t("Check that the file is there and complete. In a terminal: waiide extensions install FILE.vsix")
    : installRemedy(process.env.EXTENSIONS_GALLERY, lines.join(" "));
  const detail = [...lines, "", remedy].join("\n");
  const again = t("Try Again");
  const message = t("These extensions could not be installed.");
  if ((await window.showWarningMessage(message, { modal: true, detail }, again)) !== again) return;
  await installAll(failed.map(({ name }) => name));
}

function isFile(name: string): boolean {
  return name.toLowerCase().endsWith(".vsix");
}
