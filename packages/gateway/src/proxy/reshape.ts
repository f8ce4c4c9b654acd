import type { Readable, Writable } from "node:stream";
import type { RawHeaders } from "./raw-headers.ts";

/** An answer whose headers have arrived. */
export interface BackendAnswer {
  readonly status: number;
  /** As the backend sent them. */
  readonly raw: RawHeaders;
  /** As the browser would get them. */
  readonly headers: string[];
}

/** What the browser gets in its place. `none`: no body, and the backend's is not read. */
export interface ReshapedAnswer {
  readonly status: number;
  readonly headers: string[];
  /** What turns the backend's body into another one. */
  readonly body: "unchanged" | "none" | { readonly input: Writable; readonly output: Readable };
}

/** What happens to requests and answers besides the rules for headers: for apps that guests use (RULES R31). */
export interface Reshape {
  /** @param headers for the backend */
  request(headers: string[]): string[];
  answer(answer: BackendAnswer): ReshapedAnswer;
  /** The headers of an accepted upgrade. */
  upgraded(answer: Omit<BackendAnswer, "status">): string[];
  /** Bytes of the request's body. @throws GatewayError if there are too many */
  received(bytes: number): void;
  /** Bytes of the answer's body, as the backend sent them. */
  sent(bytes: number): void;
}
