import type { Shared } from "@waiide/protocol";
import type { UnsavedText } from "../documents/documents.ts";
import type { Ending } from "../session/closing.ts";
import { button, element } from "./element.ts";
import { shareName } from "./share-name.ts";

interface Words {
  readonly title: string;
  /** `owner` can begin a sentence; `what` is a quoted name, or words for it. */
  text(owner: string, what: string): string;
}

const words: Readonly<Record<Ending, Words>> = {
  login: {
    title: "You are no longer in this share",
    text: () => "Open your link again to come back. If it no longer works, ask the person who sent it for a new one.",
  },
  expired: {
    title: "This share has ended",
    text: (_owner, what) => `The link to ${what} has expired. Ask the person who sent it for a new one if you need it.`,
  },
  revoked: { title: "This share has ended", text: (owner, what) => `${owner} has stopped sharing ${what}.` },
  administrator: {
    title: "This share has ended",
    text: (_owner, what) => `An administrator has stopped sharing ${what}.`,
  },
  hub: { title: "This share has ended", text: (_owner, what) => `The link to ${what} was revoked at JupyterHub.` },
  over: { title: "This share has ended", text: (_owner, what) => `Nobody shares ${what} with you any longer.` },
  removed: { title: "You were removed", text: (owner, what) => `${owner} has removed you from ${what}.` },
  version: {
    title: "WAIIDE was updated",
    text: () => "This page is from another version. Reload it to continue.",
  },
};

export interface EndPageContent {
  readonly why: Ending;
  /** The share as the page last knew it; undefined: the page never learned it. */
  readonly share: Shared | undefined;
  readonly unsaved: readonly UnsavedText[];
  /** Whether an app could keep things on a host of its own. Default: no. */
  readonly mayBeKept?: boolean;
}

const nothingKept = "Nothing of this share is kept in your browser.";
const keptByApp = "The app may have kept cookies and data in your browser, which only it can read.";

/** Explains why the share has ended; unsaved text can still be copied or downloaded. */
export function endPage({ why, share, unsaved, mayBeKept = false }: EndPageContent): HTMLElement {
  const { title, text } = words[why];
  const owner = share?.owner ?? "The owner";
  const what = share === undefined ? "what was shared" : `“${shareName(share)}”`;
  // Screen readers read the reason with the heading, which gets the focus.
  const heading = element("h1", { tabindex: "-1", "aria-describedby": "end-why" }, title);
  const page = element(
    "main",
    { class: "end end-page" },
    element("header", {}, ...icon(), heading),
    element("p", { id: "end-why" }, text(owner, what)),
  );
  if (why === "version") page.append(button("Reload", () => location.reload(), { class: "primary" }));
  if (unsaved.length > 0) page.append(unsavedSection(unsaved));
  page.append(element("p", { class: "soft" }, mayBeKept ? keptByApp : nothingKept));
  // The focused element is gone.
  queueMicrotask(() => heading.focus());
  return page;
}

/** The page's own colors, which are loaded already. */
function icon(): HTMLElement[] {
  const address = document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href;
  return address === undefined ? [] : [element("img", { src: address, alt: "" })];
}

/** Unsaved texts, each with ways to keep it. */
export function unsavedSection(unsaved: readonly UnsavedText[]): HTMLElement {
  const items = unsaved.map(({ path, text }) => {
    const done = element("span", { role: "status", class: "soft" });
    const copy = button("Copy", () => {
      void navigator.clipboard.writeText(text).then(
        () => done.replaceChildren("Copied."),
        () => done.replaceChildren("The browser does not let this page copy. Use Download instead."),
      );
    });
    const save = button("Download", () => downloadText(path, text));
    copy.setAttribute("aria-label", `Copy ${path}`);
    save.setAttribute("aria-label", `Download ${path}`);
    const show = element("summary", { "aria-label": `Show ${path}` }, "Show");
    const content = element("pre", { tabindex: "0", role: "region", "aria-label": `What was typed in ${path}` }, text);
    const named = element("span", { class: "path" }, path);
    return element("li", {}, named, " ", copy, " ", save, " ", done, element("details", {}, show, content));
  });
  return element(
    "section",
    { class: "unsaved", "aria-labelledby": "unsaved-title" },
    element("h2", { id: "unsaved-title" }, "Not saved"),
    element("p", {}, "These changes were not saved. They are gone when you leave this page."),
    element("ul", {}, ...items),
  );
}

function downloadText(path: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  const link = element("a", { href: address, download: path.split("/").at(-1) ?? "file" });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has started the download by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
