import { Transform, type TransformCallback } from "node:stream";
import { SAXParser, type StartTag } from "parse5-sax-parser";

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
  /** An attribute's address as the page needs it. */
  readonly moved: (address: string) => string;
}

/** In place of a part of the document. Offsets count from its beginning. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Attributes that hold one address. */
const addressAttributes = ["src", "href", "action", "formaction", "poster", "data"] as const;
/** Elements before which nothing of a page runs. */
const opening = new Set(["html", "head"]);

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

  constructor(changes: HtmlChanges) {
    super({ decodeStrings: false, encoding: "utf8" });
    this.#changes = changes;
    this.#hasHead = changes.head === "";
    this.#parser
      .on("startTag", (tag) => this.#onStartTag(tag))
      .on("endTag", ({ sourceCodeLocation }) => this.#onContent(sourceCodeLocation))
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
      done(null, this.#take(all));
    });
    this.#parser.end();
  }

  /** How far the document is decided: text that nothing can change any more needs no wait for the next tag. */
  #end(): number {
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
    this.#edits.push(...this.#addresses(tag, location));
    this.#passed(location);
    if (tag.tagName === "head") this.#putHead(location.endOffset);
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
    this.#edits.push({ start: offset, end: offset, text: this.#changes.head });
  }

  #addresses(tag: StartTag, location: NonNullable<Location>): Edit[] {
    return addressAttributes
      .flatMap((name) => {
        const attribute = tag.attrs.find((one) => one.name === name && one.prefix === undefined);
        const place = location.attrs?.[name];
        if (attribute === undefined || place === undefined) return [];
        const address = withoutBlanks(attribute.value);
        const moved = this.#changes.moved(address);
        if (moved === address) return [];
        return [{ start: place.startOffset, end: place.endOffset, text: `${name}="${escaped(moved)}"` }];
      })
      .sort((one, other) => one.start - other.start);
  }
}

/** Browsers ignore leading blanks and all tabs and line breaks in an address (WHATWG URL). */
function withoutBlanks(address: string): string {
  return address.replace(/[\t\n\r]/g, "").replace(/^[\0-\x20]+/, "");
}

/** Latin-1 that was not decoded passes as it is: it is what the document holds. */
function escaped(value: string): string {
  return value.replace(/["&<>]|[^\0-\xff]/gu, (character) => `&#${character.codePointAt(0)};`);
}
