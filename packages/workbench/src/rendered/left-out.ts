import { targetOf } from "./address.ts";

/** Visible elements: a note names each one that is left out. */
export type Whole = "output" | "text";

/** Elements that are never shown here, and what a person calls them. */
const players: readonly (readonly [selector: string, name: string])[] = [
  ["audio, bgsound", "An audio player"],
  ["video", "A video"],
  ["iframe, frame, portal", "An embedded page"],
  ["object, embed, applet", "An embedded object"],
];

const controls = "input:not([type=hidden]), button, textarea, select";
/** In SVG these can fetch, or contain HTML, so they are removed, too. */
const pictureParts = "svg use, svg foreignObject, svg animate, svg animateTransform, svg animateMotion, svg set";
/** The styles that pandas puts into each of its tables: the page has its own instead. */
const tableLook = /^\s*(\.dataframe\s[^{}]*\{[^{}]*\}\s*)*$/;
/** Elements that are invisible, or have a note of ours already. */
const unseen = /^(style|link|meta|title|base|head|source|track|param|picture|template|noscript|script|html|body)$/;

const anyOfThem =
  /<(audio|bgsound|video|iframe|frame|portal|object|embed|applet|form|input|button|textarea|select|svg|script|style|noscript)\b/i;

/**
 * Untrusted HTML, with a note in place of each element that the sanitizer removes. The sanitizer runs after this, on a string
 * as if its author had written these notes.
 *
 * @param tellsScripts false where a button already says that there is a script
 */
export function withWordsForLeftOut(html: string, whole: Whole, tellsScripts: boolean): string {
  if (!anyOfThem.test(html)) return html;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const tell = (element: Element, text: string) => {
    const note = body.ownerDocument.createElement("span");
    note.className = "not-fetched";
    note.textContent = `[${text}]`;
    // A picture has no space for words: the note follows it.
    (outermostPicture(element) ?? element).after(note);
  };
  // Scripts do not run here: what stands there for that case is shown, and looked through as the rest.
  for (const instead of body.querySelectorAll("noscript")) instead.replaceWith(...instead.childNodes);
  for (const [selector, name] of players) {
    for (const element of body.querySelectorAll(selector)) {
      // A note replaces the element and its content.
      if (!body.contains(element)) continue;
      tell(element, `${name}${originOf(element)} of this ${whole} is not shown here.`);
      element.remove();
    }
  }
  for (const form of body.querySelectorAll("form")) tell(form, `A form of this ${whole} cannot be filled in here.`);
  // Once for all: some outputs have a checkbox in each line.
  const control = [...body.querySelectorAll(controls)].find((each) => each.closest("form") === null);
  if (control !== undefined) tell(control, `Buttons and fields of this ${whole} are not shown here.`);
  for (const picture of body.querySelectorAll("svg")) {
    if (picture.parentElement?.closest("svg") === null && isCut(picture)) {
      tell(picture, `Parts of a picture of this ${whole} are not shown here.`);
    }
  }
  const style = [...body.querySelectorAll("style")].find(
    (each) => each.closest("svg") === null && !tableLook.test(each.textContent ?? ""),
  );
  if (style !== undefined) tell(style, `Styles of this ${whole} are not applied here.`);
  const script = tellsScripts ? body.querySelector("script") : null;
  if (script !== null) tell(script, `A script of this ${whole} does not run here.`);
  return body.innerHTML;
}

/** Words for elements in none of our lists, such as a new kind of player. @param removed by the sanitizer */
export function wordsForOthers(removed: readonly object[], whole: Whole): string | undefined {
  const names = removed.flatMap((each) =>
    "element" in each && each.element instanceof Element ? [each.element.localName] : [],
  );
  const others = [...new Set(names)].filter((name) => !unseen.test(name) && !toldAlready(name));
  if (others.length === 0) return undefined;
  const list = others.slice(0, 5).map((name) => `<${name.slice(0, 40)}>`);
  return `Not all of this ${whole} is shown here: ${list.join(", ")}`;
}

function toldAlready(name: string): boolean {
  const parts = pictureParts.replaceAll("svg ", "").toLowerCase().split(", ");
  return anyOfThem.test(`<${name}>`) || parts.includes(name.toLowerCase());
}

function isCut(picture: Element): boolean {
  if (picture.querySelector(pictureParts) !== null) return true;
  return [...picture.querySelectorAll("image")].some((image) => {
    const address = image.getAttribute("href") ?? image.getAttribute("xlink:href") ?? "";
    return targetOf(address, "").kind !== "data";
  });
}

function outermostPicture(element: Element): Element | undefined {
  let outermost: Element | undefined;
  for (let each: Element | null | undefined = element; each != null; each = each.parentElement) {
    if (each.localName === "svg" || each.localName === "math") outermost = each;
  }
  return outermost;
}

/** The origin of an embedded page tells what it is: a video portal, a map. */
function originOf(element: Element): string {
  const address = element.getAttribute("src") ?? element.getAttribute("data") ?? "";
  const target = targetOf(address, "");
  return target.kind === "outside" ? ` from ${target.host}` : "";
}
