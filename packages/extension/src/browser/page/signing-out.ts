import { type SignOutMessage, signOutChannel } from "@waiide/protocol";

/** Lets the extension in this page end the login: only the page can leave for the address that does it. */
export function answerSigningOut(page: string, path: string): void {
  const channel = new BroadcastChannel(signOutChannel(page));
  const possible = () => channel.postMessage({ kind: "possible" } satisfies SignOutMessage);
  channel.addEventListener("message", ({ data }: MessageEvent<SignOutMessage>) => {
    if (data.kind === "ask") possible();
    else if (data.kind === "sign-out") location.assign(path);
  });
  // The extension may have asked before.
  possible();
}
