import type { IdePageHub } from "@waiide/protocol";
import type { ConnectionState } from "./connection.ts";
import type { Kept } from "./leaving.ts";
import type { NoticeAction, NoticeContent } from "./notice.ts";

export interface NoticeFacts {
  readonly hub: IdePageHub | null;
  readonly isGuest: boolean;
  /** Unsaved text that this browser keeps; undefined: nothing keeps it. */
  readonly kept: Kept | undefined;
  readonly reload: () => void;
}

/** A sentence about unsaved text that would be lost with the page. */
function keptInWords({ kept }: NoticeFacts): string {
  if (kept === undefined) return "";
  if (kept.everything) return " Your unsaved text is kept in this browser.";
  if (kept.without.length === 0) return " This browser cannot keep your unsaved text: do not close this page.";
  return ` Too large to be kept in this browser, so do not close this page: ${kept.without.join(", ")}.`;
}

/** The notice about the connection; undefined: none. */
export function noticeOf(state: ConnectionState, facts: NoticeFacts): NoticeContent | undefined {
  const reload: NoticeAction = { title: "Reload", action: facts.reload };
  const text = (sentence: string) => `${sentence}${keptInWords(facts)}`;
  switch (state) {
    case "connected":
      return undefined;
    case "lost":
      return { text: text("Connection to the server lost. Reconnecting…") };
    case "starting":
      return { text: text("The server is starting. This page continues automatically.") };
    case "restarted":
      return { text: text("The server was restarted. Reload this page to continue."), actions: [reload] };
    case "failed":
      return { text: text("The IDE does not start. Reload this page to see why."), actions: [reload] };
    case "stopped":
      return stoppedNotice("Server stopped.", facts);
    case "unused":
      return stoppedNotice("Server stopped because nobody used it.", facts);
    case "login":
      return {
        text: "Your login has ended. Nothing here is lost, but nothing is saved until you log in again.",
        actions: [{ title: "Log in again", action: location.href, newTab: true }],
        after: "(in a new tab; this window then continues automatically)",
      };
  }
}

function stoppedNotice(sentence: string, facts: NoticeFacts): NoticeContent {
  const { hub, isGuest } = facts;
  const text = `${sentence}${keptInWords(facts)}`;
  if (isGuest) return { text: `${text} The owner can start it again; this page then continues automatically.` };
  if (hub === null)
    return { text, after: "Start WAIIDE again as you did before; this page then continues automatically." };
  return {
    text,
    actions: [
      { title: "Start again", action: hub.start, newTab: true },
      { title: "Hub home", action: hub.home, newTab: true },
    ],
  };
}
