/** Translates a message into the user's language, and replaces its placeholders `{0}`, `{1}`, … */
export type Translate = (message: string, ...values: (string | number)[]) => string;

const english: Translate = (message, ...values) =>
  message.replace(/\{(\d)\}/g, (place, index) => String(values[Number(index)] ?? place));

let translate = english;

/** Sets VS Code's translation; without one, messages are in English. */
export function translateWith(other = english): void {
  translate = other;
}

/** @param message in English; also its key in `l10n/` */
export const t: Translate = (message, ...values) => translate(message, ...values);
