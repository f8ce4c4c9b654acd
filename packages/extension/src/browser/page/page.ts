import type { IdePageSettings } from "@waiide/protocol";
import { replaceBlockedStorage } from "@waiide/protocol/site-data";
import { Connection, type ConnectionState } from "./connection.ts";
import { type Kept, Leaving } from "./leaving.ts";
import { Notice } from "./notice.ts";
import { probe } from "./probe.ts";
import { Proof } from "./proof.ts";
import { ShareBar } from "./share-bar.ts";
import { leaveWithShare } from "./share-ended.ts";
import { answerSigningOut } from "./signing-out.ts";
import { type SocketListener, watchSockets } from "./sockets.ts";
import { noticeOf } from "./words.ts";

// VS Code uses the browser's storage while it starts, and would fail if it is blocked.
replaceBlockedStorage(window);

// The gateway's script in the IDE's page. It runs before VS Code; its file is directly below the IDE's mount.
const script = document.currentScript as HTMLScriptElement;
const settings = JSON.parse(script.dataset.settings ?? "{}") as IdePageSettings;
const mount = new URL(".", script.src).href;

const notice = new Notice();
let state: ConnectionState = "connected";
let kept: Kept | undefined;

const leaving = new Leaving(settings.page, (told) => {
  kept = told;
  show();
});
const connection = new Connection({
  run: settings.run,
  probe: () => probe(`${mount}waiide-state`),
  onState: enter,
  clock: () => performance.now(),
  later: (callback, milliseconds) => setTimeout(callback, milliseconds),
});

function enter(next: ConnectionState): void {
  state = next;
  // Another IDE server: VS Code cannot continue, and would ask. If nothing can be lost, the page reloads without a question.
  if (state === "restarted" && leaving.isClean) location.reload();
  show();
}

function show(): void {
  const content = noticeOf(state, {
    hub: settings.hub,
    isGuest: settings.share !== null,
    kept,
    reload: () => void leaving.reload(),
  });
  if (content === undefined) notice.hide();
  else notice.show(content);
}

const listeners: SocketListener[] = [connection.listener];
if (settings.share !== null) {
  const at = (address: string) => new URL(address, new URL(settings.share?.page ?? "", script.src)).href;
  const bar = new ShareBar({ about: at("about"), leave: at("leave"), left: at("#left"), proof: settings.proof });
  bar.start();
  listeners.push(
    leaveWithShare(new URL(settings.share.page, script.src).href, settings.share.endCodes, () => bar.isLeaving),
  );
}
answerSigningOut(settings.page, settings.sign_out);
const proof = new Proof(mount, settings.proof);
proof.showWithFetch();
watchSockets(mount, (address) => proof.inAddress(address), listeners);
for (const event of ["online", "offline"]) window.addEventListener(event, () => connection.look());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) connection.look();
});
connection.start();
