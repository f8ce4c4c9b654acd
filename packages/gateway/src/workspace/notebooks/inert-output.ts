import { isObject, type Json, type JsonObject } from "./json-shape.ts";

const pictures = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const displays = new Set(["display_data", "execute_result", "update_display_data"]);

/** What people call the kinds of output that are not inert. */
const names: Readonly<Record<string, string>> = {
  "text/html": "HTML",
  "image/svg+xml": "SVG",
  "application/javascript": "script",
  "text/markdown": "Markdown",
  "text/latex": "LaTeX",
  "application/vnd.jupyter.widget-view+json": "widget",
};

/**
 * Why an output is not one that only shows text or a raster picture, in a word or two that describe the output: “HTML”.
 * @returns undefined for an inert one
 */
export function activeOutput(output: Json): string | undefined {
  if (!isObject(output)) return "unreadable";
  const { output_type: type, ...rest } = output;
  if (type === "stream") return isStream(rest) ? undefined : "unreadable";
  if (type === "error") return activeError(rest);
  if (typeof type !== "string" || !displays.has(type)) return "unknown";
  const { data = {}, metadata = {}, execution_count: count = null } = rest;
  if (!hasOnly(rest, ["data", "metadata", "execution_count"]) || !isObject(data)) return "unreadable";
  if (count !== null && typeof count !== "number") return "unreadable";
  if (!isNumbers(metadata)) return "annotated";
  for (const [kind, content] of Object.entries(data)) {
    const isInert = kind === "text/plain" ? isText(content) : pictures.has(kind) && isBase64(content);
    if (!isInert) return names[kind] ?? (pictures.has(kind) ? "damaged picture" : "other");
  }
  return undefined;
}

function isStream({ name, text, ...more }: JsonObject): boolean {
  return ["stdout", "stderr", undefined].includes(name as string | undefined) && isText(text) && hasOnly(more, []);
}

function hasOnly(value: JsonObject, keys: readonly string[]): boolean {
  return Object.keys(value).every((key) => keys.includes(key));
}

function isText(value: Json | undefined): boolean {
  return typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));
}

/** Raster pictures, and attachments that are some. */
export function isPictures(bundle: Json): boolean {
  return isObject(bundle) && Object.entries(bundle).every(([kind, content]) => pictures.has(kind) && isBase64(content));
}

function isBase64(value: Json): boolean {
  if (!isText(value)) return false;
  const text = Array.isArray(value) ? value.join("") : String(value);
  return /^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/.test(text);
}

/** Sizes of pictures and switches; texts could be markup to somebody. */
function isNumbers(value: Json, depth = 0): boolean {
  if (!isObject(value)) return depth > 0 && ["number", "boolean"].includes(typeof value);
  return depth < 3 && Object.values(value).every((one) => isNumbers(one, depth + 1));
}

/**
 * Of an error VS Code makes links, by putting parts of its text into markup: elements `<a href=…>` are taken as they are, and so are
 * the paths in “File …:12” and what stands before “Input In [1]”.
 */
function activeError(error: JsonObject): string | undefined {
  const { ename = "", evalue = "", traceback = [] } = error;
  if (!hasOnly(error, ["ename", "evalue", "traceback"])) return "unreadable";
  if (typeof ename !== "string" || typeof evalue !== "string" || !isText(traceback)) return "unreadable";
  const text = [ename, evalue, ...(Array.isArray(traceback) ? traceback : [traceback])].join("\n");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colors of terminals
  const shown = text.replace(/\u001b\[[\d;]*[A-Za-z]/g, "");
  const hasMarkup = [text, shown].some((one) => /<(?![\w.:-]{1,60}>|[\s=])/.test(one));
  const hasPlace = text
    .split("\n")
    .some((line) => /File\s|Input\s|Cell/.test(line) && /:\d|In\b/.test(line) && /['"<>=]/.test(line));
  return hasMarkup || hasPlace ? "error with markup" : undefined;
}
