import type { IncomingMessage } from "node:http";
import { GatewayError } from "../../base/errors.ts";
import { headerOf, type RawHeaders } from "../../proxy/raw-headers.ts";
import type { ReshapedAnswer } from "../../proxy/reshape.ts";
import type { Traffic } from "./capabilities.ts";
import { byteHeaders, filtered } from "./header-lists.ts";
import { type ChangedText, changedText, type TextChanges } from "./texts/texts.ts";

export interface ReshapedParts {
  readonly request: IncomingMessage;
  readonly traffic: Traffic;
  /** Bytes of a request. */
  readonly maxUpload: number;
}

/** What sealed apps and those on hosts of their own have in common: limits, what passed, and texts that are changed. */
export abstract class Reshaped {
  readonly #parts: ReshapedParts;
  #received = 0;

  constructor({ request, traffic, maxUpload }: ReshapedParts) {
    this.#parts = { request, traffic, maxUpload };
  }

  received(bytes: number): void {
    const { traffic, maxUpload } = this.#parts;
    this.#received += bytes;
    traffic.received += bytes;
    if (this.#received > maxUpload) throw new GatewayError("SHARED_APP_UPLOAD", { most: maxUpload });
  }

  sent(bytes: number): void {
    this.#parts.traffic.sent += bytes;
  }

  /** @param textOf called for an answer that is whole; undefined: it has no text to be changed */
  protected withText(
    status: number,
    headers: string[],
    textOf: (headers: RawHeaders) => ChangedText | undefined,
  ): ReshapedAnswer {
    const isWhole = this.#parts.request.method !== "HEAD" && ![204, 206, 304].includes(status);
    const text = isWhole ? textOf(headers) : undefined;
    if (text === undefined) return { status, headers, body: "unchanged" };
    const plain = filtered(headers, (name) => !byteHeaders.test(name));
    const coding = text.contentEncoding === "" ? [] : ["Content-Encoding", text.contentEncoding];
    return { status, headers: [...plain, ...coding], body: text };
  }

  /** Changes a text of the app. @param headers of the answer */
  protected changed(
    headers: RawHeaders,
    changes: Pick<TextChanges, "words" | "html" | "style">,
  ): ChangedText | undefined {
    return changedText({
      ...changes,
      contentType: headerOf(headers, "content-type") ?? "",
      contentEncoding: headerOf(headers, "content-encoding") ?? "",
      gzip: /\bgzip\b/i.test(String(this.#parts.request.headers["accept-encoding"] ?? "")),
    });
  }
}
