import "../page/page.css";
import "./app.css";
import { Bar } from "../page/bar.ts";
import { element } from "../page/element.ts";
import { endPage } from "../page/end-page.ts";
import { Presence } from "../session/presence.ts";
import { Session } from "../session/session.ts";
import { Talk } from "../talk/talk.ts";
import { aboutApp } from "./about-app.ts";
import { namesPlace } from "./app-address.ts";
import { AppView } from "./app-view.ts";
import { onFrameInput } from "./frame-input.ts";

// The page around a shared app. It is all that guests see of WAIIDE; the app never fills a window of its own.
const { base } = document.body.dataset;
if (base === undefined) throw new Error("the page lacks its data: base");
const { pathname } = location;

/** A guest who opens the link again arrives here with the secret in the address. */
const dropSecret = () => {
  if (!namesPlace(location.hash)) history.replaceState(history.state, "", pathname);
};
dropSecret();

const session = new Session(base);
const bar = new Bar(session, { away: "No connection. Trying again." });
const view = new AppView(session, (text) => bar.announce(text));
const frame = element("div", { class: "workbench-frame" }, view.element);
document.body.append(bar.element, frame);
bar.warn(({ owner }) => `This is ${owner}’s program: never type your passwords in it.`);
bar.addTool("About", () => {
  const dialog = aboutApp(session.share?.owner ?? "the owner", view.hasOwnHost);
  document.body.append(dialog);
  dialog.showModal();
});
new Talk(session, bar, frame);
bar.addTool("Reload", () => view.reload());
const fullScreen = bar.addTool("Full Screen", () => {
  if (document.fullscreenElement === null) void document.documentElement.requestFullscreen();
  else void document.exitFullscreen();
});
fullScreen.classList.add("full-screen");
fullScreen.hidden = !document.fullscreenEnabled;
document.addEventListener("fullscreenchange", () => {
  fullScreen.textContent = document.fullscreenElement === null ? "Full Screen" : "Exit Full Screen";
});

let isLeaving = false;
bar.addTool("Leave", async () => {
  // The gateway closes the session before it answers.
  isLeaving = true;
  const answer = await fetch(`${base}leave`, { method: "POST" }).catch(() => undefined);
  isLeaving = answer?.ok === true;
  if (!isLeaving) return bar.remark("The server does not answer. Try again in a moment.");
  history.replaceState(null, "", `${pathname}#left`);
  location.reload();
});

session.onLink.listen((link) => {
  if (link.kind !== "ended" || isLeaving) return;
  // The app's frame goes first: nothing of the share stays visible.
  frame.replaceWith(endPage({ why: link.why, share: session.share, unsaved: [], mayBeKept: view.hasOwnHost }));
  bar.close();
  document.title = "Ended – WAIIDE";
});
const presence = new Presence(session);
onFrameInput(() => presence.noteInput());

// The browser loads nothing for a new fragment in the same tab.
window.addEventListener("hashchange", () => {
  if (session.link.kind === "ended") return location.reload();
  if (namesPlace(location.hash)) view.reload();
  else dropSecret();
});
void session.open();
