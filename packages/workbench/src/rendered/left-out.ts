import { targetOf } from "./address.ts";

/** What a person looks at: it is named where something of it is left out. */
export type Whole = "output" | "text";

/** Elements that are never shown here, and what a person calls them. */
const players: readonly (readonly [selector: string, name: string])[] = [
  ["audio, bgsound", "An audio player"],
  ["video", "A video"],
  ["iframe, frame, portal", "An embedded page"],
  ["object, embed, applet", "An embedded object"],
];

const controls = "input:not([type=hidden]), button, textarea, select";
/** In SVG these can fetch or hold HTML, so they are taken away, too. */
const pictureParts = "svg use, svg foreignObject, svg animate, svg animateTransform, svg animateMotion, svg set";
/** Elements whose loss nobody sees, or that a word of ours stands for already. */
const unseen = /^(style|link|meta|title|base|head|source|track|param|picture|template|noscript|script|html|body)$/;

const anyOfThem =
  /<(audio|bgsound|video|iframe|frame|portal|object|embed|applet|form|input|button|textarea|select|svg|script)\b/i;

/**
 * HTML of strangers, with words where something stands that the sanitizer takes away. The sanitizer comes after this: it
 * gets a string as if the stranger had written these words.
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
    // In a picture there is no place for words: they come after it.
    (outermostPicture(element) ?? element).after(note);
  };
  for (const [selector, name] of players) {
    for (const element of body.querySelectorAll(selector)) {
      // Replaced by a note with all that is in it.
      if (!body.contains(element)) continue;
      tell(element, `${name}${originOf(element)} of this ${whole} is not shown here.`);
      element.remove();
    }
  }
  for (const form of body.querySelectorAll("form")) tell(form, `A form of this ${whole} cannot be filled in here.`);
  // Once for all: some outputs have a box to tick for each of their lines.
  const control = [...body.querySelectorAll(controls)].find((each) => each.closest("form") === null);
  if (control !== undefined) tell(control, `Buttons and fields of this ${whole} are not shown here.`);
  for (const picture of body.querySelectorAll("svg")) {
    if (picture.parentElement?.closest("svg") === null && isCut(picture)) {
      tell(picture, `Parts of a picture of this ${whole} are not shown here.`);
    }
  }
  const script = tellsScripts ? body.querySelector("script") : null;
  if (script !== null) tell(script, `A script of this ${whole} does not run here.`);
  return body.innerHTML;
}

/** Words for elements that are in none of our lists, such as a new kind of player. @param removed by the sanitizer */
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

/** Where a page or a player comes from tells what it is: a video portal, a map. */
function originOf(element: Element): string {
  const address = element.getAttribute("src") ?? element.getAttribute("data") ?? "";
  const target = targetOf(address, "");
  return target.kind === "outside" ? ` from ${target.host}` : "";
}
