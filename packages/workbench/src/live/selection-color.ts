/** Rules for the colors that occurred, which decorations can only name by class. */
const sheet = new CSSStyleSheet();
const classes = new Map<string, string>();

/** A class for the selections of a person with this color. */
export function selectionClass(color: string): string {
  const known = classes.get(color);
  if (known !== undefined) return known;
  if (classes.size === 0) document.adoptedStyleSheets.push(sheet);
  const made = `waiide-live-selection waiide-live-selection-${classes.size}`;
  classes.set(color, made);
  // The gateway chooses colors; whatever it sends, it can only be a color here.
  if (CSS.supports("color", color)) {
    sheet.insertRule(`.waiide-live-selection-${classes.size - 1} { --person: ${color}; }`);
  }
  return made;
}
