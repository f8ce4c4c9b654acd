import type { UnsavedText } from "../documents/documents.ts";
import type { Ending } from "../session/closing.ts";
import { button, element } from "./element.ts";

interface Words {
  readonly title: string;
  readonly text: string;
}

const words: Readonly<Record<Ending, Words>> = {
  login: {
    title: "You are no longer in",
    text: "Open the link that you were given again to come back, if it still holds.",
  },
  expired: { title: "This share has ended", text: "Its time is over. Ask its owner for a new link if you need one." },
  revoked: { title: "This share has ended", text: "Its owner has ended it." },
  removed: { title: "You were removed", text: "The owner has ended your part in this share." },
  version: { title: "WAIIDE was updated", text: "This page is of another version. Load it again to go on." },
};

/** Says why it is over; what was not saved can still be copied or downloaded. */
export function endPage(why: Ending, unsaved: readonly UnsavedText[]): HTMLElement {
  const { title, text } = words[why];
  const heading = element("h1", { tabindex: "-1" }, title);
  const page = element("main", { class: "end end-page", "aria-live": "polite" }, heading, element("p", {}, text));
  if (why === "version") page.append(button("Load again", () => location.reload()));
  if (unsaved.length > 0) page.append(unsavedSection(unsaved));
  page.append(element("p", { class: "soft" }, "Nothing of this share is kept in your browser."));
  // The focus was in what is gone now.
  queueMicrotask(() => heading.focus());
  return page;
}

/** What was typed and not saved, each with ways to keep it. */
export function unsavedSection(unsaved: readonly UnsavedText[]): HTMLElement {
  const items = unsaved.map(({ path, text }) => {
    const done = element("span", { role: "status", class: "soft" });
    const copy = button("Copy", () => {
      void navigator.clipboard.writeText(text).then(
        () => done.replaceChildren("Copied."),
        () => done.replaceChildren("The browser does not let this page copy: use Download."),
      );
    });
    const save = button("Download", () => downloadText(path, text));
    copy.setAttribute("aria-label", `Copy ${path}`);
    save.setAttribute("aria-label", `Download ${path}`);
    const preview = element("details", {}, element("summary", {}, "Show"), element("pre", { tabindex: "0" }, text));
    return element("li", {}, element("span", { class: "path" }, path), " ", copy, " ", save, " ", done, preview);
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
  // The browser has taken it by then; at once would be too early.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
