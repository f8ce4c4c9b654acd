import { type SignOutMessage, signOutChannel } from "@waiide/protocol";

/**
 * Ends the login for the extension in this page: only the page can leave for the address that does it.
 * @param path that address; null where there is no login
 */
export function answerSigningOut(page: string, path: string | null): void {
  const channel = new BroadcastChannel(signOutChannel(page));
  channel.addEventListener("message", ({ data }: MessageEvent<SignOutMessage>) => {
    if (data.kind !== "sign-out") return;
    if (path !== null) location.assign(path);
    else channel.postMessage({ kind: "no-login" } satisfies SignOutMessage);
  });
}
