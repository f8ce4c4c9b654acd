import type { SurvivorsEvent } from "@waiide/protocol";
import { commands, window, workspace } from "vscode";
import { t } from "../text/translation.ts";
import { guestInWords, harmless, kindInWords, recipientInWords, sharesInWords } from "../text/words.ts";
import type { ShareNews } from "./news.ts";

/** Notifies of what happened elsewhere. VS Code shows links in messages: of other people's texts, only restricted names are used (RULES R17). */
export async function tellNews(news: ShareNews): Promise<void> {
  const setting = news.kind === "created" ? "notifications.shares" : "notifications.guests";
  if (!workspace.getConfiguration("waiide").get(setting, true)) return;
  if (news.kind === "outlived") return offerToRevoke(news);
  const show = t("Manage Shares");
  const revoke = t("Revoke");
  // People in a hurry click the first button: it must not revoke a share.
  const buttons = news.kind === "left" ? [show] : [show, revoke];
  const tell = news.kind === "created" ? window.showWarningMessage : window.showInformationMessage;
  const answer = await tell(newsInWords(news), ...buttons);
  if (answer === show) await commands.executeCommand("waiide.manageShares");
  if (answer === revoke) await commands.executeCommand("waiide.share.revoke", { kind: "share", share: news.share });
}

/** A Terminal Access share has ended, but not by a decision in this window (RULES R16). */
async function offerToRevoke({ made }: Extract<ShareNews, { kind: "outlived" }>): Promise<void> {
  const revoke = t("Revoke Them");
  const show = t("Manage Shares");
  const message = t(
    "A Terminal Access share has ended. While it was in use, its guests may have made {0}, still active.",
    sharesInWords(made.length),
  );
  const answer = await window.showWarningMessage(message, revoke, show);
  if (answer === show) await commands.executeCommand("waiide.manageShares");
  if (answer === revoke) await commands.executeCommand("waiide.shares.revokeMade", made);
}

/** The gateway could not end all processes of guests of a Terminal Access share. */
export function tellSurvivors({ left, unjudged }: SurvivorsEvent): void {
  const message = t(
    "A Terminal Access share has ended, but {0} of its processes could not be ended, and {1} more may belong to it. The gateway's log lists them.",
    left,
    unjudged,
  );
  void window.showWarningMessage(message);
}

function newsInWords(news: Exclude<ShareNews, { kind: "outlived" }>): string {
  const { share } = news;
  const what = kindInWords(share.scope);
  if (news.kind === "entered") return t("{0} joined {1} ({2}).", guestInWords(news.guest), what, share.permission);
  if (news.kind === "left") return t("{0} left {1} ({2}).", guestInWords(news.guest), what, share.permission);
  const made = t(
    "A share of {0} ({1}) was created outside this window, for {2}.",
    what,
    share.permission,
    harmless(recipientInWords(share)),
  );
  return share.made_during === null
    ? made
    : `${made} ${t("A Terminal Access share was in use: its guests may have made it.")}`;
}
