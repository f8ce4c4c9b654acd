import { pipeline, type Readable, Transform, type TransformCallback, type Writable } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { createStreamCompressor } from "../../../system/compression.ts";
import { type Word, WordStream } from "./base-words.ts";
import { type HtmlChanges, HtmlStream } from "./html-stream.ts";
import type { Moved } from "./import-map.ts";
import { StyleStream } from "./style-addresses.ts";

export interface TextChanges {
  readonly words: readonly Word[];
  /** Of a page; undefined: it is another text. */
  readonly html: HtmlChanges | undefined;
  /** Of a style sheet; undefined: it is another text. */
  readonly style?: Moved | undefined;
  readonly contentType: string;
  /** As the app sent it; empty: none. */
  readonly contentEncoding: string;
  /** Whether the browser takes gzip. */
  readonly gzip: boolean;
}

export interface ChangedText {
  readonly input: Writable;
  readonly output: Readable;
  /** Empty: none. */
  readonly contentEncoding: string;
}

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  "x-gzip": () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ finishFlush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress(),
};

/** The codings that this can undo, for `Accept-Encoding`. */
export const readableEncodings: ReadonlySet<string> = new Set(["gzip", "deflate", "br", "identity"]);

/** Whether a text of the app is one that has addresses in it. */
export function kindOfText(contentType: string): "html" | "style" | "other" | undefined {
  const [type = ""] = contentType.toLowerCase().split(";", 1);
  const name = type.trim();
  if (name === "text/html") return "html";
  if (name === "text/css") return "style";
  const isOther = /^(?:(?:text|application)\/(?:x-)?(?:java|ecma)script|application\/(?:[\w.-]+\+)?json)$/.test(name);
  return isOther ? "other" : undefined;
}

/** Changes a text while it streams, whatever its coding. @returns undefined for codings that are not known */
export function changedText(changes: TextChanges): ChangedText | undefined {
  const { words, html, style, contentType, contentEncoding, gzip } = changes;
  const coding = contentEncoding.trim().toLowerCase();
  const isPlain = coding === "" || coding === "identity";
  const decompress = decoders[coding];
  if (!isPlain && decompress === undefined) return undefined;
  const encoding = new TextEncoding(contentType);
  const zips = !isPlain && gzip;
  const streams: Transform[] = [
    ...(decompress === undefined ? [] : [decompress()]),
    encoding.decoder(),
    ...(html === undefined ? [] : [new HtmlStream(html)]),
    ...(style === undefined ? [] : [new StyleStream(style)]),
    ...(words.length === 0 ? [] : [new WordStream(words)]),
    encoding.encoder(),
    ...(zips ? [createStreamCompressor()] : []),
  ];
  const [input] = streams;
  const output = streams.at(-1);
  if (input === undefined || output === undefined) return undefined;
  // The last one reports what went wrong in any of them.
  pipeline(streams, () => undefined);
  return { input, output, contentEncoding: zips ? "gzip" : "" };
}

type Form = "latin1" | "utf-16le" | "utf-16be";

/**
 * Bytes to text and back. Apart from UTF-16 each byte is one character: addresses look the same in all other encodings, and
 * everything else stays byte for byte.
 */
class TextEncoding {
  #form: Form | undefined;
  #mark: Buffer = Buffer.alloc(0);
  readonly #contentType: string;

  constructor(contentType: string) {
    this.#contentType = contentType;
  }

  decoder(): Transform {
    let decode: InstanceType<typeof TextDecoder> | undefined;
    let first: Buffer = Buffer.alloc(0);
    const toText = (bytes: Buffer, isLast: boolean): string => {
      first = Buffer.concat([first, bytes]);
      // A byte order mark needs three bytes.
      if (this.#form === undefined && first.length < 3 && !isLast) return "";
      const piece = this.#form === undefined ? this.#begin(first) : bytes;
      first = Buffer.alloc(0);
      if (this.#form === "latin1") return piece.toString("latin1");
      decode ??= new TextDecoder(this.#form, { ignoreBOM: true });
      return decode.decode(piece, { stream: !isLast });
    };
    return new Transform({
      encoding: "utf8",
      transform: (bytes: Buffer, _encoding, done) => done(null, toText(bytes, false)),
      flush: (done) => done(null, toText(Buffer.alloc(0), true)),
    });
  }

  encoder(): Transform {
    let hasBegun = false;
    const toBytes = (text: string): Buffer => {
      const mark = hasBegun ? Buffer.alloc(0) : this.#mark;
      hasBegun = true;
      if (this.#form === "latin1") return Buffer.concat([mark, Buffer.from(text, "latin1")]);
      const bytes = Buffer.from(text, "utf16le");
      return Buffer.concat([mark, this.#form === "utf-16be" ? bytes.swap16() : bytes]);
    };
    return new Transform({
      decodeStrings: false,
      transform: (text: string, _encoding: BufferEncoding, done: TransformCallback) => {
        if (text === "" && this.#form === undefined) done();
        else done(null, toBytes(text));
      },
      flush: (done) => done(null, hasBegun ? null : this.#mark),
    });
  }

  /** @returns the bytes behind a byte order mark */
  #begin(bytes: Buffer): Buffer {
    const marks: [string, Form][] = [
      ["efbbbf", "latin1"],
      ["fffe", "utf-16le"],
      ["feff", "utf-16be"],
    ];
    const [mark, form] = marks.find(([start]) => bytes.toString("hex").startsWith(start)) ?? [];
    this.#form = form ?? this.#declared();
    this.#mark = Buffer.from(mark ?? "", "hex");
    return bytes.subarray(this.#mark.length);
  }

  #declared(): Form {
    const charset = /charset\s*=\s*["']?\s*([\w-]+)/i.exec(this.#contentType)?.[1]?.toLowerCase();
    if (charset === "utf-16be") return "utf-16be";
    return charset === "utf-16" || charset === "utf-16le" ? "utf-16le" : "latin1";
  }
}
