import { isUnambiguousJson } from "@waiide/protocol";
import { FileError } from "../file-error.ts";
import { activeMarkdown, withoutPictures } from "./inert-markdown.ts";
import { isInertMetadata } from "./inert-metadata.ts";
import { activeOutput, isPictures } from "./inert-output.ts";
import { canonical, isObject, type Json, type JsonObject } from "./json-shape.ts";

/** Markdown that is taken apart for one save: what changed, and as much of what was there. UTF-16 units. */
const maxMarkdownTotal = 400_000;
const maxMarkdownLength = 100_000;

const cellKinds = new Set(["code", "markdown", "raw"]);
const cellKeys = new Set(["cell_type", "execution_count", "id", "metadata", "source", "outputs", "attachments"]);
const ownKeys = new Set(["cells", "metadata", "nbformat", "nbformat_minor"]);

/**
 * Refuses a guest's notebook if the owner's IDE would run something of it by showing it: outputs, Markdown, attachments and
 * metadata must be inert, or have been there before (RULES R11).
 * @param before earlier contents of the file
 * @throws FileError UNSAFE
 */
export function requireInertNotebook(bytes: Buffer, before: readonly Buffer[]): void {
  if (before.some((one) => one.equals(bytes))) return;
  const notebook = parseNotebook(bytes);
  if (notebook === undefined) return;
  const check = new NotebookCheck(before.map(knownNotebook).filter((one) => one !== undefined));
  check.run(notebook);
}

/** @returns undefined for an empty file, which is a new notebook */
function parseNotebook(bytes: Buffer): JsonObject | undefined {
  const text = textOf(bytes);
  if (text === undefined) throw unsafe("The notebook is not text in UTF-8.");
  if (!/\S/.test(text)) return undefined;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    const place = /position \d+(?: \(line \d+ column \d+\))?/.exec(error instanceof Error ? error.message : "")?.[0];
    const where = place === undefined ? "" : ` (${place})`;
    throw unsafe(`The notebook would be unreadable: it is not valid JSON${where}. Correct it, then save again.`);
  }
  if (!isObject(value)) throw unsafe("This is not a notebook: it is not a JSON object.");
  if (!isUnambiguousJson(text)) {
    throw unsafe("The notebook has a key twice, or is nested too deeply, so programs would read it differently.");
  }
  return value;
}

/** What was there before; a damaged notebook held nothing that counts. */
function knownNotebook(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(textOf(bytes) ?? "");
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** As VS Code decodes notebooks: without one byte order mark. */
function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The former contents, parsed on demand. */
class Known {
  readonly #notebooks: readonly JsonObject[];
  readonly #sets = new Map<string, ReadonlySet<string>>();

  constructor(notebooks: readonly JsonObject[]) {
    this.#notebooks = notebooks;
  }

  /** @param what names the kind of value, for `values` finds all of them in a notebook */
  has(what: string, value: string, values: (notebook: JsonObject) => readonly string[]): boolean {
    const known = this.#sets.get(what) ?? new Set(this.#notebooks.flatMap(values));
    this.#sets.set(what, known);
    return known.has(value);
  }

  hasOutput(output: Json): boolean {
    const all = (notebook: JsonObject) => cellsOf(notebook).flatMap(outputsOf).map(canonical);
    return this.has("output", canonical(output), all);
  }

  /** An entry of a cell or of the notebook. */
  hasEntry(
    owner: "cell" | "notebook" | "cell metadata" | "notebook metadata" | "attachment",
    key: string,
    value: Json,
  ) {
    const entry = canonical([key, value]);
    return this.has(owner, entry, (notebook) =>
      holdersOf(owner, notebook).flatMap((holder) => Object.entries(holder).map((one) => canonical([...one]))),
    );
  }

  hasSource(source: Json): boolean {
    return this.has("source", joined(source), (notebook) => markdownOf(notebook));
  }

  hasPassage(passage: string): boolean {
    return this.has("passage", passage, (notebook) => activeOf(notebook).flatMap(({ passages }) => passages));
  }

  hasTag(tag: string): boolean {
    return this.has("tag", tag, (notebook) => activeOf(notebook).flatMap(({ tags }) => tags));
  }
}

class NotebookCheck {
  readonly #known: Known;
  #markdown = 0;

  constructor(known: readonly JsonObject[]) {
    this.#known = new Known(known);
  }

  run(notebook: JsonObject): void {
    this.#checkFormat(notebook);
    for (const [key, value] of Object.entries(notebook)) {
      if (!ownKeys.has(key) && !this.#known.hasEntry("notebook", key, value)) {
        throw unsafe("The notebook has an entry that guests cannot add.");
      }
    }
    this.#checkMetadata("notebook", notebook.metadata ?? {}, "The notebook's metadata");
    for (const [index, cell] of cellsOf(notebook).entries()) {
      this.#checkCell(cell, `Cell ${index + 1}`);
      if (cell.cell_type !== "code" && cell.cell_type !== "raw") {
        this.#checkMarkdown(cell.source ?? "", `Cell ${index + 1}`);
      }
    }
  }

  #checkFormat({ cells, nbformat = 4, nbformat_minor: minor = 5 }: JsonObject): void {
    if (nbformat !== 4 || typeof minor !== "number") {
      throw unsafe("Guests can only change notebooks of format 4. The owner can save this one in that format.");
    }
    if (!Array.isArray(cells) || !cells.every(isObject)) throw unsafe("The notebook has no list of cells.");
  }

  #checkCell(cell: JsonObject, where: string): void {
    for (const [key, value] of Object.entries(cell)) {
      if (!cellKeys.has(key) && !this.#known.hasEntry("cell", key, value)) {
        throw unsafe(`${where} has an entry that guests cannot add.`);
      }
    }
    const { cell_type: kind, source = "", id = "", execution_count: count = null, attachments = {} } = cell;
    const isPlain = typeof id === "string" && /^[\w-]*$/.test(id) && (count === null || typeof count === "number");
    if (!cellKinds.has(String(kind)) || !isLines(source) || !isPlain) throw unsafe(`${where} is damaged.`);
    this.#checkMetadata("cell", cell.metadata ?? {}, `${where}: its metadata`);
    if (cell.outputs !== undefined && !Array.isArray(cell.outputs)) throw unsafe(`${where}: its outputs are damaged.`);
    for (const output of outputsOf(cell)) this.#checkOutput(output, where);
    if (!isObject(attachments)) throw unsafe(`${where}: its attachments are damaged.`);
    for (const [name, bundle] of Object.entries(attachments)) this.#checkAttachment(name, bundle, where);
  }

  #checkOutput(output: Json, where: string): void {
    const kind = activeOutput(output);
    if (kind === undefined || this.#known.hasOutput(output)) return;
    const article = /^[aeiouHS]/.test(kind) ? "an" : "a";
    throw unsafe(
      `${where}: ${article} ${kind} output was added or changed. Guests cannot add outputs, since the owner's IDE would show and run them; text and pictures are fine.`,
    );
  }

  #checkAttachment(name: string, bundle: Json, where: string): void {
    const isInert = !/[<>"'&]|^__proto__$/.test(name) && isPictures(bundle);
    if (isInert || this.#known.hasEntry("attachment", name, bundle)) return;
    throw unsafe(`${where}: an attachment was added that is not a PNG, JPEG, GIF or WebP picture.`);
  }

  #checkMetadata(owner: "cell" | "notebook", metadata: Json, what: string): void {
    if (!isObject(metadata)) throw unsafe(`${what} is damaged.`);
    for (const [key, value] of Object.entries(metadata)) {
      if (isInertMetadata(key, value) || this.#known.hasEntry(`${owner} metadata`, key, value)) continue;
      throw unsafe(`${what} was changed in a way that programs of the owner could run.`);
    }
  }

  #checkMarkdown(source: Json, where: string): void {
    if (this.#known.hasSource(source)) return;
    const text = withoutPictures(joined(source));
    this.#markdown += text.length;
    if (text.length > maxMarkdownLength || this.#markdown > maxMarkdownTotal) {
      throw unsafe(`${where}: this is more Markdown than can be checked at once. Save it in smaller steps.`);
    }
    const { passages, tags } = activeMarkdown(text);
    if (passages.every((one) => this.#known.hasPassage(one)) && tags.every((one) => this.#known.hasTag(one))) return;
    throw unsafe(
      `${where}: its Markdown has HTML or a link that could run something when the owner views it. Remove scripts, event attributes such as “onclick”, frames, styles that cover the page, and links that are not to web pages.`,
    );
  }
}

function cellsOf({ cells }: JsonObject): JsonObject[] {
  return Array.isArray(cells) ? cells.filter(isObject) : [];
}

function outputsOf({ outputs }: JsonObject): readonly Json[] {
  return Array.isArray(outputs) ? outputs : [];
}

function holdersOf(owner: Parameters<Known["hasEntry"]>[0], notebook: JsonObject): JsonObject[] {
  if (owner === "notebook") return [notebook];
  if (owner === "cell") return cellsOf(notebook);
  const holders =
    owner === "notebook metadata"
      ? [notebook.metadata]
      : cellsOf(notebook).map((cell) => cell[owner === "attachment" ? "attachments" : "metadata"]);
  return holders.filter(isObject);
}

function markdownOf(notebook: JsonObject): string[] {
  return cellsOf(notebook)
    .filter(({ cell_type: kind }) => kind === "markdown")
    .map(({ source = "" }) => joined(source));
}

/** Of what was there before, as far as that is not too much. */
function activeOf(notebook: JsonObject): ReturnType<typeof activeMarkdown>[] {
  let left = maxMarkdownTotal;
  return markdownOf(notebook).flatMap((source) => {
    const text = withoutPictures(source);
    left -= text.length;
    return left < 0 || text.length > maxMarkdownLength ? [] : [activeMarkdown(text)];
  });
}

function isLines(value: Json): boolean {
  return typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));
}

/** nbformat has texts as one string or as lines. */
function joined(text: Json): string {
  return Array.isArray(text) ? text.join("") : String(text);
}

function unsafe(message: string): FileError {
  return new FileError("UNSAFE", message);
}
