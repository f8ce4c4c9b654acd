import type { PausedEvent, Share, SurvivorsEvent } from "@waiide/protocol";
import { commands, window, workspace } from "vscode";
import { offerUntilAnswered } from "../text/lasting-offer.ts";
import { t } from "../text/translation.ts";
import { guestInWords, harmless, kindInWords, recipientInWords, sharesInWords } from "../text/words.ts";
import type { ShareNews } from "./news.ts";

/** Messages about people who wait: more of them are only in the view, so that nobody can flood the owner. */
const maxOpen = 3;

/** Notifies of what happened elsewhere. VS Code shows links in messages: of other people's texts, only restricted names are used (RULES R17). */
export async function tellNews(news: ShareNews): Promise<void> {
  // Somebody waits: no setting turns this off.
  if (news.kind === "asked") return askAbout(news);
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

/** Requests that this window asks about now: of many, one message speaks for all. */
const open = new Set<string>();

/** Asks whether to let somebody in. */
async function askAbout({ share, request }: Extract<ShareNews, { kind: "asked" }>): Promise<void> {
  if (open.size >= maxOpen) return;
  open.add(request.request);
  const accept = t("Accept");
  const decline = t("Decline");
  const show = t("Manage Shares");
  const account = request.hub_user === null ? t("name not verified") : t("logged in at the hub");
  const message = t(
    "{0} ({1}) asks to join {2} ({3}).",
    guestInWords(request),
    account,
    kindInWords(share.scope),
    share.permission,
  );
  const answer = await window.showWarningMessage(message, accept, decline, show);
  open.delete(request.request);
  if (answer === show) await commands.executeCommand("waiide.manageShares");
  if (answer === accept) await commands.executeCommand("waiide.request.accept", { request });
  if (answer === decline) await commands.executeCommand("waiide.request.decline", { request });
}

/** A Terminal Access share has ended, but not by a decision in this window (RULES R16). */
async function offerToRevoke({ made }: Extract<ShareNews, { kind: "outlived" }>): Promise<void> {
  const revoke = t("Revoke Them");
  const show = t("Manage Shares");
  const message = t(
    "A Terminal Access share has ended. While it was in use, its guests may have made {0}, still active.",
    sharesInWords(made.length),
  );
  const answer = await offerUntilAnswered(message, revoke, show);
  if (answer === show) await commands.executeCommand("waiide.manageShares");
  if (answer === revoke) await commands.executeCommand("waiide.shares.revokeMade", made);
}

/** Another program has taken the port of a shared app: only the owner can say whether it is meant. */
export async function tellPaused({ id }: PausedEvent, shares: readonly Share[]): Promise<void> {
  const share = shares.find((one) => one.id === id);
  if (share === undefined) return;
  const resume = t("Resume");
  const show = t("Manage Shares");
  const message = t("A shared app is paused: another program has taken its port.");
  const answer = await window.showWarningMessage(message, show, resume);
  if (answer === show) await commands.executeCommand("waiide.manageShares");
  if (answer === resume) await commands.executeCommand("waiide.share.resume", { kind: "share", share });
}

/** The gateway could not end all processes of guests of a Terminal Access share. */
export async function tellSurvivors({ left, unjudged }: SurvivorsEvent): Promise<void> {
  const message = t(
    "A Terminal Access share has ended, but {0} of its processes could not be ended, and {1} more may belong to it. The gateway's log lists them.",
    left,
    unjudged,
  );
  const log = t("Open Log");
  if ((await offerUntilAnswered(message, log)) === log) await commands.executeCommand("waiide.openLog");
}

function newsInWords(news: Exclude<ShareNews, { kind: "outlived" | "asked" }>): string {
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
