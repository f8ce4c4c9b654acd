import { commands, window, workspace } from "vscode";
import type { ShareNews } from "./share-news.ts";
import { t } from "./translation.ts";
import { guestInWords, harmless, kindInWords, recipientInWords } from "./words.ts";

/** Tells what happened elsewhere. Messages read links: nothing that others wrote goes into them but restricted names (RULES R17). */
export async function tellNews(news: ShareNews): Promise<void> {
  const setting = news.kind === "created" ? "notifications.shares" : "notifications.guests";
  if (!workspace.getConfiguration("waiide").get(setting, true)) return;
  const show = t("Manage Shares");
  const revoke = t("Revoke");
  const buttons = news.kind === "left" ? [show] : [revoke, show];
  const tell = news.kind === "created" ? window.showWarningMessage : window.showInformationMessage;
  const answer = await tell(newsInWords(news), ...buttons);
  if (answer === show) await commands.executeCommand("waiide.manageShares");
  if (answer === revoke) await commands.executeCommand("waiide.share.revoke", { kind: "share", share: news.share });
}

function newsInWords(news: ShareNews): string {
  const { share } = news;
  const what = kindInWords(share.scope);
  if (news.kind === "entered") return t("{0} came in: {1} of {2}.", guestInWords(news.guest), share.permission, what);
  if (news.kind === "left") return t("{0} left: {1} of {2}.", guestInWords(news.guest), share.permission, what);
  const made = t(
    "A share was made outside this window: {0} of {1}, with {2}.",
    share.permission,
    what,
    harmless(recipientInWords(share)),
  );
  return share.made_during === null ? made : `${made} ${t("A Terminal Access guest was in meanwhile.")}`;
}
