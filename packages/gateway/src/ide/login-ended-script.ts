import { loginEnded } from "../server/socket-watch.ts";

const words = {
  said: "Your login has ended. What you see here is not lost, but nothing is saved until you are logged in again.",
  link: "Log in again",
  after: "(in a new tab; this window then goes on by itself)",
};

/**
 * Offers the owner a login as soon as the gateway closes a socket because theirs has ended (RULES R1). The IDE itself would
 * try to come back for a minute without a word, and then ask to be loaded again. The offer is a link to a new tab, since
 * this one holds what is not saved; it goes once a socket opens, as none does without a login. Runs before the IDE.
 */
export const loginEndedScript = `"use strict";
{
  const words = ${JSON.stringify(words)};
  const notice = document.createElement("div");
  notice.setAttribute("role", "alert");
  notice.style.cssText = \`position: fixed; top: 0; left: 50%; transform: translateX(-50%); z-index: 10000; box-sizing: border-box;
    width: max-content; max-width: 100%; padding: 10px 16px; font: 13px/1.5 system-ui, sans-serif; border-radius: 0 0 6px 6px;
    color: var(--vscode-notifications-foreground, CanvasText); background: var(--vscode-notifications-background, Canvas);
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-notificationCenter-border, GrayText)); border-top: none;
    box-shadow: 0 2px 8px rgb(0 0 0 / 30%);\`;
  const link = document.createElement("a");
  link.textContent = words.link;
  link.target = "_blank";
  link.rel = "noopener";
  link.style.cssText = "color: var(--vscode-notificationLink-foreground, LinkText); text-decoration: underline";
  const show = () => {
    link.href = location.href;
    // Inside of the workbench are the colours of its theme. A screen reader reads what is put into an alert that is there.
    (document.querySelector(".monaco-workbench") ?? document.body).append(notice);
    notice.replaceChildren(words.said, " ", link, " ", words.after);
  };
  window.WebSocket = class extends WebSocket {
    constructor(...parameters) {
      super(...parameters);
      this.addEventListener("open", () => notice.remove());
      this.addEventListener("close", ({ code }) => {
        if (code === ${loginEnded.code}) show();
      });
    }
  };
}
`;
