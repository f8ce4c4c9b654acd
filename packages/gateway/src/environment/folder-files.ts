import { type ParseError, parse } from "jsonc-parser";

/** A folder as the parts see it that describe its environment: nothing but names and texts. */
export interface FolderFiles {
  /** Relative to the folder, with `/`. */
  readonly paths: readonly string[];
  /** @returns undefined for what is missing, too large, or no text */
  read(path: string): Promise<string | undefined>;
}

/** Values of a JSON file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads JSON with comments, as editors' settings have them. @returns undefined for what is no object */
export function readJson(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  return errors.length === 0 && isObject(value) ? value : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value in one line, for people to read. */
export function inWords(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
