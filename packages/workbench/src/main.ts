import "./page/page.css";
import { replaceBlockedStorage } from "@waiide/protocol/site-data";
import { Bar } from "./page/bar.ts";
import { element } from "./page/element.ts";
import { Ends } from "./page/ends.ts";
import { Loading } from "./page/loading.ts";
import { readPageData } from "./page/page-data.ts";
import { Session } from "./session/session.ts";
import { Talk } from "./talk/talk.ts";

// Before the workbench's code loads, which uses both.
replaceBlockedStorage(window);
performance.mark("waiide/start");
// A guest who opens the link again arrives here with the secret in the address.
const dropSecret = () => history.replaceState(history.state, "", `${location.pathname}${location.search}`);
dropSecret();
const data = readPageData(document.body);
const session = new Session(data.base);
const bar = new Bar(session);
const loading = new Loading();
const frame = element("div", { class: "workbench-frame" }, loading.element);
document.body.append(bar.element, frame);
const talk = new Talk(session, bar, frame);
const ends = new Ends({ session, bar, frame, share: data.share });

// The browser loads nothing for a new fragment in the same tab, so the page itself must join again.
window.addEventListener("hashchange", () => (session.link.kind === "ended" ? location.reload() : dropSecret()));

// In parallel: the code loads while the session opens.
loading.watch([...document.head.querySelectorAll<HTMLLinkElement>("link[data-size]")]);
const [{ startWorkbench }] = await Promise.all([import("./workbench/start.ts"), session.open()]);
if (session.link.kind !== "ended") {
  const documents = await startWorkbench({ session, bar, frame, data, talk });
  loading.element.remove();
  ends.watch(documents);
}
