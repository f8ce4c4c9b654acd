import { t } from "../../text/translation.ts";
import { harmless } from "../../text/words.ts";

/** A name of another person as text of ours (RULES R17). */
export function shownName(name: string): string {
  return harmless(name) || t("a guest");
}

/** The gateway chooses colors; what is no plain color is none, as it becomes part of a style. */
export function cssColor(color: string): string {
  return /^(?:#[\da-f]{3,8}|(?:hsl|rgb|oklch)\([\d\s.,%/deg]+\)|[a-z]+)$/i.test(color) ? color : "gray";
}

export function initialsOf(name: string): string {
  return [...shownName(name)].slice(0, 2).join("");
}
