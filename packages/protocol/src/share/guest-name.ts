const maxNameLength = 40;

/**
 * A guest's name as others see it (RULES R17): letters, digits, space and `-_.'`, at most 40 characters. All other
 * characters are removed, so that no name looks like a link, a command or markup.
 * @returns `Guest` where nothing is left
 */
export function guestName(given: string): string {
  const kept = given
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{Nd} \-_.']/gu, "")
    .replace(/ +/g, " ")
    .trim();
  const name = [...kept].slice(0, maxNameLength).join("").trim();
  return /[\p{L}\p{Nd}]/u.test(name) ? name : "Guest";
}
