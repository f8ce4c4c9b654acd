import { secretRules } from "../git/secrets.ts";
import { inWords, type JsonObject } from "./folder-files.ts";

/** Keys whose value is a secret, whatever it looks like. */
const secretKey = /(?:token|passw|secret|credential|api.?key|access.?key|private.?key|auth)/i;
/** Characters of a value as JSON. */
const maxValue = 20_000;

export interface ChosenSettings {
  readonly settings: JsonObject;
  /** Keys that stay here, and why. */
  readonly leftOut: readonly { readonly key: string; readonly why: string }[];
}

/**
 * The values of settings that the owner chose by key. What is or looks like a secret never leaves.
 * @param sources of settings, the first that has a key decides
 */
export function chooseSettings(keys: readonly string[], sources: readonly (JsonObject | undefined)[]): ChosenSettings {
  const settings: Record<string, unknown> = {};
  const leftOut: { key: string; why: string }[] = [];
  for (const key of new Set(keys)) {
    const source = sources.find((one) => one !== undefined && Object.hasOwn(one, key));
    const value = source?.[key];
    const why = value === undefined ? "it is not set" : whyLeftOut(key, value);
    if (why === undefined) settings[key] = value;
    else leftOut.push({ key, why });
  }
  return { settings, leftOut };
}

function whyLeftOut(key: string, value: unknown): string | undefined {
  const text = JSON.stringify(value);
  if (secretKey.test(key)) return "settings of this name hold secrets";
  if (text.length > maxValue) return "its value is too long";
  const rule =
    secretIn(inWords(value)) ?? (/"[^"]*(?:token|passw|secret|api.?key)[^"]*":/i.test(text) ? "a secret" : undefined);
  return rule === undefined ? undefined : `its value looks like ${rule === "a secret" ? rule : `a secret (${rule})`}`;
}

/** What kind of secret a text holds; undefined: none that is known. */
export function secretIn(text: string): string | undefined {
  return secretRules.find(({ pattern }) => pattern.test(text))?.rule;
}
