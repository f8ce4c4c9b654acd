import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Gateway } from "./gateway.ts";

/** Milliseconds. */
const firstWait = 250;
const maxWait = 5_000;

export interface GatewayEvent {
  readonly name: string;
  readonly data: unknown;
}

export interface EventStreamListener {
  onEvent(event: GatewayEvent): void;
  /** Whether there is a connection. After a new one, events may have been missed. */
  onConnection(connected: boolean): void;
}

/** Receives the gateway's events over the control socket, and reconnects when the gateway restarts. */
export class EventStream {
  readonly #gateway: Pick<Gateway, "stream">;
  readonly #path: string;
  readonly #listener: EventStreamListener;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(gateway: Pick<Gateway, "stream">, path: string, listener: EventStreamListener) {
    this.#gateway = gateway;
    this.#path = path;
    this.#listener = listener;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let wait = firstWait; !signal.aborted; wait = Math.min(wait * 2, maxWait)) {
      if (await this.#listen(signal)) wait = firstWait;
      if (signal.aborted) return;
      this.#listener.onConnection(false);
      await delay(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether it was connected; the next attempt shows why it ended */
  async #listen(signal: AbortSignal): Promise<boolean> {
    const response = await this.#gateway.stream(this.#path, signal).catch(() => undefined);
    if (response === undefined) return false;
    this.#listener.onConnection(true);
    try {
      const events = new EventParser();
      for await (const line of createInterface({ input: response })) {
        const event = events.take(line);
        if (event) this.#listener.onEvent(event);
      }
    } catch {
      // The connection broke; onConnection reports it.
    }
    return true;
  }
}

/** Turns lines of `text/event-stream` (WHATWG HTML, “Server-sent events”) into events; only `event` and `data` occur. */
export class EventParser {
  #name = "";
  #data = "";

  take(line: string): GatewayEvent | undefined {
    if (line.startsWith("event: ")) this.#name = line.slice("event: ".length);
    else if (line.startsWith("data: ")) this.#data += line.slice("data: ".length);
    else if (line === "" && this.#name !== "") {
      const event = { name: this.#name, data: this.#data === "" ? undefined : JSON.parse(this.#data) };
      this.#name = "";
      this.#data = "";
      return event;
    }
    return undefined;
  }
}
