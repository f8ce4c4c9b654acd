import type { ServerResponse } from "node:http";
import { Throttle } from "../base/throttle.ts";

/** Proxies and clients close silent connections. Milliseconds. */
const heartbeat = 25_000;

/** At most one event in this time says that guests write: their editors save as they type. Milliseconds. */
const writtenInterval = 1_000;

/** Server-sent events (WHATWG HTML, “Server-sent events”) for the extension and scripts. */
export class EventStreams {
  readonly #streams = new Set<ServerResponse>();
  readonly #written = new Throttle(writtenInterval, () => this.send("change", {}));
  #timer: NodeJS.Timeout | undefined;

  /** Answers with the stream, which stays open until either side closes it. */
  add(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(": connected\n\n");
    this.#streams.add(response);
    this.#timer ??= setInterval(() => this.#write(": \n\n"), heartbeat).unref();
    response.once("close", () => this.#remove(response));
  }

  send(event: string, data: object): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A guest changed files. */
  written(): void {
    this.#written.call();
  }

  close(): void {
    this.#written.close();
    for (const response of this.#streams) response.end();
    this.#streams.clear();
    this.#stopTimer();
  }

  #write(text: string): void {
    for (const response of this.#streams) response.write(text);
  }

  #remove(response: ServerResponse): void {
    this.#streams.delete(response);
    if (this.#streams.size === 0) this.#stopTimer();
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
