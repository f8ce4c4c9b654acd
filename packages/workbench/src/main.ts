import "./page/page.css";
import { replaceBlockedStorage } from "@waiide/protocol/site-data";
import { Bar } from "./page/bar.ts";
import { element } from "./page/element.ts";
import { Ends } from "./page/ends.ts";
import { readPageData } from "./page/page-data.ts";
import { Session } from "./session/session.ts";

// Before the workbench's code comes: it names both.
replaceBlockedStorage(window);
performance.mark("waiide/start");
// Who is in and opens the link again comes here with its secret in the address.
const dropSecret = () => history.replaceState(history.state, "", `${location.pathname}${location.search}`);
dropSecret();
const data = readPageData(document.body);
const session = new Session(data.base);
const bar = new Bar(session);
const loading = element("p", { class: "loading", role: "status" }, "Opening the workbench …");
const frame = element("div", { class: "workbench-frame" }, loading);
document.body.append(bar.element, frame);
const ends = new Ends({ session, bar, frame, share: data.share });

// In the same tab a browser loads nothing for it: who is out comes in again only by the page's own doing.
window.addEventListener("hashchange", () => (session.link.kind === "ended" ? location.reload() : dropSecret()));

// Both take their time: the code comes while the session opens.
const [{ startWorkbench }] = await Promise.all([import("./workbench/start.ts"), session.open()]);
if (session.link.kind !== "ended") {
  const documents = await startWorkbench({ session, bar, frame, data });
  loading.remove();
  ends.watch(documents);
}
