import { Transform, type TransformCallback } from "node:stream";
import { type EndTag, SAXParser, type StartTag } from "parse5-sax-parser";
import type { Moved } from "./import-map.ts";
import { movedStyle } from "./style-addresses.ts";

/** What the parser reports for tokens; its types lack the attributes. */
type Location =
  | {
      readonly startOffset: number;
      readonly endOffset: number;
      readonly attrs?: Record<string, { readonly startOffset: number; readonly endOffset: number }>;
    }
  | null
  | undefined;

export interface HtmlChanges {
  /** Put before everything that can run; empty: nothing. */
  readonly head: string;
  /** An address as the page needs it. */
  readonly moved: Moved;
  /** Import map of the page, from the app's own; undefined: modules find their imports without. */
  readonly importMap?: (own?: string) => string;
  /** Whether files of the app are changed as well, so that no hash of them holds. */
  readonly changesFiles?: boolean;
}

/** In place of a part of the document. Offsets count from its beginning. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Attributes that hold addresses. */
const addressesIn: Readonly<Record<string, (value: string, moved: Moved) => string | undefined>> = {
  ...Object.fromEntries(["src", "href", "action", "formaction", "poster", "data"].map((name) => [name, movedAddress])),
  srcset: movedSet,
  imagesrcset: movedSet,
  style: movedStyleOf,
};
/** Elements before which nothing of a page runs. */
const opening = new Set(["html", "head"]);
/** Characters of a script or style in the page that are kept until it ends. A longer one passes unchanged. */
const maxKept = 1_000_000;

/** A script or style in the page whose end is not read yet. */
interface OpenText {
  readonly element: "script" | "style";
  readonly type: string;
  /** Of its tag, and of its text. */
  readonly start: number;
  readonly textStart: number;
}

/** A parser that keeps no copy of what it has read, and so never waits. */
class Parser extends SAXParser {
  protected override _transformChunk(piece: string): string {
    super._transformChunk(piece);
    return "";
  }
}

/** Changes a page of an app while it streams: everything that is not changed stays as it is. */
export class HtmlStream extends Transform {
  readonly #changes: HtmlChanges;
  readonly #parser = new Parser({ sourceCodeLocationInfo: true });
  readonly #edits: Edit[] = [];
  /** What was not sent yet, and where it begins in the document. */
  #source = "";
  #offset = 0;
  /** Where the tokens end that were read so far. */
  #read = 0;
  #hasHead: boolean;
  #openText: OpenText | undefined;
  #hasScripts = false;
  #hasImportMap: boolean;

  constructor(changes: HtmlChanges) {
    super({ decodeStrings: false, encoding: "utf8" });
    this.#changes = changes;
    this.#hasHead = changes.head === "";
    this.#hasImportMap = changes.importMap === undefined;
    this.#parser
      .on("startTag", (tag) => this.#onStartTag(tag))
      .on("endTag", (tag) => this.#onEndTag(tag))
      .on("text", ({ text, sourceCodeLocation }) => {
        if (text.trim() === "") this.#passed(sourceCodeLocation);
        else this.#onContent(sourceCodeLocation);
      })
      .on("comment", ({ sourceCodeLocation }) => this.#passed(sourceCodeLocation))
      .on("doctype", ({ sourceCodeLocation }) => this.#passed(sourceCodeLocation));
  }

  override _transform(piece: string, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#source += piece;
    this.#parser.write(piece);
    done(null, this.#take(this.#end()));
  }

  override _flush(done: TransformCallback): void {
    this.#parser.once("finish", () => {
      const all = this.#offset + this.#source.length;
      this.#putHead(all);
      // What begins later finds it here: scripts that import when the page is complete, or by a click.
      if (this.#hasScripts) this.#putImportMap(all);
      done(null, this.#take(all));
    });
    this.#parser.end();
  }

  /** How far the document is decided: text that nothing can change any more needs no wait for the next tag. */
  #end(): number {
    const kept = this.#openText;
    if (kept !== undefined && this.#offset + this.#source.length - kept.start <= maxKept) return kept.start;
    if (!this.#hasHead) return this.#read;
    const tag = this.#source.indexOf("<", this.#read - this.#offset);
    return this.#offset + (tag === -1 ? this.#source.length : tag);
  }

  /** The document up to an offset, changed. */
  #take(end: number): string {
    let result = "";
    let done = this.#offset;
    for (let edit = this.#edits[0]; edit !== undefined && edit.end <= end; edit = this.#edits[0]) {
      result += this.#source.slice(done - this.#offset, edit.start - this.#offset) + edit.text;
      done = edit.end;
      this.#edits.shift();
    }
    result += this.#source.slice(done - this.#offset, end - this.#offset);
    this.#source = this.#source.slice(end - this.#offset);
    this.#offset = end;
    return result;
  }

  #onStartTag(tag: StartTag): void {
    const location = tag.sourceCodeLocation as Location;
    if (location === null || location === undefined) return;
    if (!opening.has(tag.tagName)) this.#putHead(location.startOffset);
    if (loadsModule(tag)) this.#putImportMap(location.startOffset);
    this.#edit(...this.#addresses(tag, location));
    this.#openText = openText(tag, location);
    this.#hasScripts ||= tag.tagName === "script";
    this.#passed(location);
    if (tag.tagName === "head") this.#putHead(location.endOffset);
  }

  #onEndTag({ sourceCodeLocation }: EndTag): void {
    const location = sourceCodeLocation as Location;
    const open = this.#openText;
    this.#openText = undefined;
    if (open !== undefined && location !== null && location !== undefined) this.#onText(open, location.startOffset);
    this.#onContent(location);
  }

  /** A script or style was read to its end. */
  #onText({ element, type, start, textStart }: OpenText, end: number): void {
    if (textStart < this.#offset) return;
    const text = this.#source.slice(textStart - this.#offset, end - this.#offset);
    if (element === "style") this.#edit({ start: textStart, end, text: movedStyle(text, this.#changes.moved) });
    else if (type === "importmap" && this.#changes.importMap !== undefined) {
      this.#hasImportMap = true;
      this.#edit({ start: textStart, end, text: this.#changes.importMap(text) });
    } else if (/\bimport\s*\(/.test(text)) this.#putImportMap(start);
  }

  #edit(...edits: readonly Edit[]): void {
    this.#edits.push(...edits);
    this.#edits.sort((one, other) => one.start - other.start);
  }

  /** Once, before anything can import. */
  #putImportMap(offset: number): void {
    if (this.#hasImportMap) return;
    this.#hasImportMap = true;
    const text = `<script type="importmap">${this.#changes.importMap?.()}</script>`;
    this.#edit({ start: offset, end: offset, text });
  }

  #onContent(location: Location): void {
    if (location === null || location === undefined) return;
    this.#putHead(location.startOffset);
    this.#passed(location);
  }

  #passed(location: Location): void {
    this.#read = Math.max(this.#read, location?.endOffset ?? 0);
  }

  #putHead(offset: number): void {
    if (this.#hasHead) return;
    this.#hasHead = true;
    this.#edit({ start: offset, end: offset, text: this.#changes.head });
  }

  #addresses(tag: StartTag, location: NonNullable<Location>): Edit[] {
    return tag.attrs.flatMap(({ name, value, prefix }) => {
      const change = prefix === undefined ? addressesIn[name] : undefined;
      const place = location.attrs?.[name];
      if (name === "integrity" && this.#changes.changesFiles === true && place !== undefined && isOfApp(tag)) {
        return [{ start: place.startOffset, end: place.endOffset, text: "" }];
      }
      if (change === undefined || place === undefined) return [];
      const moved = change(value, this.#changes.moved);
      if (moved === undefined) return [];
      return [{ start: place.startOffset, end: place.endOffset, text: `${name}="${escaped(moved)}"` }];
    });
  }
}

function typeOf(tag: StartTag): string {
  return (tag.attrs.find(({ name }) => name === "type")?.value ?? "").trim().toLowerCase();
}

/** Whether it imports, or can do so as soon as it is read. */
function loadsModule(tag: StartTag): boolean {
  const rel = tag.attrs.find(({ name }) => name === "rel")?.value ?? "";
  if (tag.tagName === "link") return rel.toLowerCase().split(/\s+/).includes("modulepreload");
  return tag.tagName === "script" && typeOf(tag) === "module";
}

/** Whether what it names is the app's own file, as far as the page says. */
function isOfApp(tag: StartTag): boolean {
  const address = tag.attrs.find(({ name }) => name === "src" || name === "href")?.value ?? "";
  return !/^(?:[a-z][a-z\d+.-]*:|[/\\]{2})/i.test(withoutBlanks(address));
}

function openText(tag: StartTag, { startOffset, endOffset }: NonNullable<Location>): OpenText | undefined {
  const { tagName } = tag;
  if (tagName !== "style" && (tagName !== "script" || tag.attrs.some(({ name }) => name === "src"))) return undefined;
  return { element: tagName, type: typeOf(tag), start: startOffset, textStart: endOffset };
}

/** @returns undefined: it stays */
function movedAddress(value: string, moved: Moved): string | undefined {
  const address = withoutBlanks(value);
  const now = moved(address);
  return now === address ? undefined : now;
}

function movedSet(value: string, moved: Moved): string | undefined {
  const now = value.replace(
    /(^|,)(\s*)(\/[^\s,]*)/g,
    (_whole, comma, blank, address) => comma + blank + moved(address),
  );
  return now === value ? undefined : now;
}

function movedStyleOf(value: string, moved: Moved): string | undefined {
  const now = movedStyle(value, moved);
  return now === value ? undefined : now;
}

/** Browsers ignore leading blanks and all tabs and line breaks in an address (WHATWG URL). */
function withoutBlanks(address: string): string {
  return address.replace(/[\t\n\r]/g, "").replace(/^[\0-\x20]+/, "");
}

/** Latin-1 that was not decoded passes as it is: it is what the document holds. */
function escaped(value: string): string {
  return value.replace(/["&<>]|[^\0-\xff]/gu, (character) => `&#${character.codePointAt(0)};`);
}
