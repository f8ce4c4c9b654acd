import type { ServerResponse } from "node:http";

/** What ends a stream of events, for each that is under way. */
const ends = new WeakMap<ServerResponse, () => void>();

/**
 * Notes that an answer is a stream of events, which may end at any moment, and so ends as a whole answer. It has to:
 * configurable-http-proxy does not pass on that an answer broke off, and a browser would wait on an open stream, and never
 * connect again.
 * @param end gives up what feeds the stream; the response is ended afterwards
 */
export function mayEndAnytime(response: ServerResponse, end: () => void): void {
  ends.set(response, end);
}

/**
 * Ends an answer that has begun and will not be completed.
 * @param cut what to do with answers that must not look complete
 */
export function breakOff(response: ServerResponse, cut: () => void = () => response.destroy()): void {
  const end = ends.get(response);
  if (end === undefined) {
    cut();
    return;
  }
  end();
  response.end();
}
