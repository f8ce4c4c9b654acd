import katex from "@vscode/markdown-it-katex";
import createDOMPurify from "dompurify";
import MarkdownIt from "markdown-it";
import type { Attachments } from "../notebook/notebook.ts";
import { targetOf } from "./address.ts";
import { type Whole, withWordsForLeftOut, wordsForOthers } from "./left-out.ts";
import { pictureType } from "./picture.ts";
import type { Surroundings } from "./surroundings.ts";

const purify = createDOMPurify(window);
const markdown = new MarkdownIt({ html: true, linkify: true });
// A CommonJS module: the bundler decides where its function is.
markdown.use("default" in katex ? (katex.default as typeof katex) : katex, { throwOnError: false });

/**
 * Markdown as nodes without scripts that fetch nothing: the session loads pictures of the share; other pictures are named and
 * not fetched.
 */
export function renderMarkdown(
  text: string,
  surroundings: Surroundings,
  attachments: Attachments = {},
): DocumentFragment {
  const nodes = sanitizedWithWords(markdown.render(text), "text", true);
  nameHeadings(nodes);
  markTasks(nodes);
  for (const picture of nodes.querySelectorAll("img")) {
    if (picture.dataset.attachment === undefined) void showPicture(picture, surroundings);
    else showAttachment(picture, picture.dataset.attachment, attachments);
  }
  for (const code of nodes.querySelectorAll("pre > code")) void colourCode(code, surroundings);
  return nodes;
}

/** `attachment:name` is a picture in the cell itself; left as an address, a browser would try to fetch it. */
purify.addHook("uponSanitizeAttribute", (node, attribute) => {
  const [, name] = /^attachment:(.*)$/s.exec(attribute.attrValue) ?? [];
  if (attribute.attrName !== "src" || name === undefined || node.localName !== "img") return;
  node.setAttribute("data-attachment", name);
});

/** Untrusted HTML without anything that runs, fetches, submits or covers the page. */
export function sanitized(html: string): DocumentFragment {
  return purify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    // For screen readers: maths as MathML.
    ADD_TAGS: ["semantics", "annotation"],
    FORBID_TAGS: [
      "style",
      "form",
      "input",
      "button",
      "textarea",
      "select",
      "video",
      "audio",
      "source",
      "picture",
      "use",
    ],
    FORBID_ATTR: ["srcset", "background", "ping", "target", "autofocus", "poster"],
  });
}

/** A note stands in place of what is left out. */
function sanitizedWithWords(html: string, whole: Whole, tellsScripts: boolean): DocumentFragment {
  const nodes = sanitized(withWordsForLeftOut(html, whole, tellsScripts));
  const others = wordsForOthers(purify.removed, whole);
  if (others !== undefined) nodes.append(placeholder(others, ""));
  return nodes;
}

/** After sanitizing, which removes names that could shadow the document's own. */
function nameHeadings(nodes: DocumentFragment): void {
  const used = new Map<string, number>();
  for (const heading of nodes.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const slug = slugOf(heading.textContent ?? "");
    const count = used.get(slug) ?? 0;
    used.set(slug, count + 1);
    heading.id = count === 0 ? slug : `${slug}-${count}`;
  }
}

/** `- [x] done` as a task list; the box is text, since nobody can tick it here. */
function markTasks(nodes: DocumentFragment): void {
  for (const item of nodes.querySelectorAll("li")) {
    const first =
      item.firstElementChild?.localName === "p" && item.firstChild?.nodeType !== Node.TEXT_NODE
        ? item.firstElementChild.firstChild
        : item.firstChild;
    const text = first?.nodeType === Node.TEXT_NODE ? (first.textContent ?? "") : "";
    const [mark, state] = /^\s*\[([ xX])\]\s/.exec(text) ?? [];
    if (first == null || mark === undefined) continue;
    const isDone = state !== " ";
    const box = document.createElement("span");
    box.className = "task-box";
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", isDone ? "Done" : "To do");
    box.textContent = isDone ? "\u2611" : "\u2610";
    first.textContent = ` ${text.slice(mark.length)}`;
    first.parentNode?.insertBefore(box, first);
    item.classList.add("task");
  }
}

/**
 * HTML of an output as text again, for another frame: external pictures are named there, too, and not fetched.
 *
 * @param tellsScripts false where a button already says that there is a script
 */
export function sanitizedText(html: string, tellsScripts: boolean): string {
  const nodes = sanitizedWithWords(html, "output", tellsScripts);
  for (const picture of nodes.querySelectorAll("img")) {
    const target = targetOf(picture.getAttribute("src") ?? "", "");
    if (target.kind === "data") continue;
    picture.removeAttribute("src");
    picture.replaceWith(
      placeholder(`Picture from ${target.kind === "outside" ? target.host : "a file"}: not fetched`, picture.alt),
    );
  }
  const box = document.createElement("div");
  box.append(nodes);
  return box.innerHTML;
}

async function showPicture(picture: HTMLImageElement, surroundings: Surroundings): Promise<void> {
  const target = targetOf(picture.getAttribute("src") ?? "", surroundings.path);
  if (target.kind === "data") return;
  picture.removeAttribute("src");
  if (target.kind !== "share") {
    const host = target.kind === "outside" ? target.host : "an unknown place";
    picture.replaceWith(placeholder(`Picture from ${host}: not fetched`, picture.alt));
    return;
  }
  try {
    const bytes = await surroundings.read(target.path);
    const address = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: pictureType(target.path) }));
    picture.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
    picture.src = address;
  } catch {
    // Whatever the reason, one picture is missing.
    picture.replaceWith(placeholder(`Picture ${target.path}: not found`, picture.alt));
  }
}

/** Media types that a browser shows and in which nothing runs. */
const attachable = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];

function showAttachment(picture: HTMLImageElement, name: string, attachments: Attachments): void {
  const kinds = attachments[name] ?? attachments[decodedName(name)] ?? {};
  const type = attachable.find((mime) => kinds[mime] !== undefined);
  if (type === undefined) {
    picture.replaceWith(placeholder(`Picture ${name}: not in this cell`, picture.alt));
    return;
  }
  const content = (kinds[type] ?? "").replace(/\s/g, "");
  // Notebooks store SVG as text and all other pictures as base64.
  const isText = type === "image/svg+xml" && content.startsWith("<");
  picture.src = isText
    ? `data:${type};charset=utf-8,${encodeURIComponent(kinds[type] ?? "")}`
    : `data:${type};base64,${content}`;
}

/** Markdown encodes a space in a name as `%20`. */
function decodedName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    // Not a percent-encoding: the plain name was tried already.
    return name;
  }
}

function placeholder(text: string, description: string): HTMLElement {
  const made = document.createElement("span");
  made.className = "not-fetched";
  made.textContent = description === "" ? `[${text}]` : `[${description} – ${text}]`;
  return made;
}

async function colourCode(code: Element, { colour }: Surroundings): Promise<void> {
  const language = /\blanguage-(\S+)/.exec(code.className)?.[1];
  if (language !== undefined) code.replaceChildren(sanitized(await colour(code.textContent ?? "", language)));
}

/** As GitHub and VS Code name headings. */
function slugOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s+/g, "-");
}
