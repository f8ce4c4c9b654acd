/** Puts a message into the user's language and the values into its places `{0}`, `{1}`, … */
export type Translate = (message: string, ...values: (string | number)[]) => string;

const english: Translate = (message, ...values) =>
  message.replace(/\{(\d)\}/g, (place, index) => String(values[Number(index)] ?? place));

let translate = english;

/** The extension hands in VS Code's own; without it everything is English. */
export function translateWith(other: Translate): void {
  translate = other;
}

/** @param message in English; also its key in `l10n/` */
export const t: Translate = (message, ...values) => translate(message, ...values);
