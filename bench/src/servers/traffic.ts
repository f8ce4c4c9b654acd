import type { DevTools } from "../browser/devtools.ts";

interface RequestEvent {
  readonly requestId: string;
  readonly encodedDataLength?: number;
  readonly redirectResponse?: { readonly encodedDataLength: number };
  readonly response?: { readonly opcode: number; readonly payloadData: string };
}

interface Fetched {
  readonly bytes: number;
  /** Fetched by the page itself, not by one of its workers. */
  readonly byPage: boolean;
}

/** Counts what a page and its workers fetch, as the DevTools protocol reports it on the wire (headers and bodies, compressed). */
export class Traffic {
  readonly #fetched = new Map<string, Fetched>();
  readonly #pending = new Set<string>();
  readonly #stops: (() => void)[];
  #socketBytes = 0;
  #sentBytes = 0;
  #lastChange = performance.now();

  /** `page` is the page's own session; all others are workers' and frames'. */
  constructor(devTools: DevTools, page: string) {
    const listen = (method: string, handle: (event: RequestEvent, byPage: boolean) => void): (() => void) =>
      devTools.on(method, (parameters, session) => {
        this.#lastChange = performance.now();
        handle(parameters as unknown as RequestEvent, session === page);
      });
    this.#stops = [
      listen("Network.requestWillBeSent", (event, byPage) => this.#began(event, byPage)),
      listen("Network.loadingFinished", (event, byPage) => this.#ended(event, byPage)),
      listen("Network.loadingFailed", (event, byPage) => this.#ended(event, byPage)),
      listen("Network.webSocketFrameReceived", (event) => {
        this.#socketBytes += frameBytes(event);
      }),
      listen("Network.webSocketFrameSent", (event) => {
        this.#sentBytes += frameBytes(event);
      }),
    ];
  }

  /** Megabytes received over HTTP so far, by page and workers. */
  get megabytes(): number {
    return sum([...this.#fetched.values()]);
  }

  /** The same without workers. */
  get pageMegabytes(): number {
    return sum([...this.#fetched.values()].filter(({ byPage }) => byPage));
  }

  /** Megabytes received in WebSocket frames so far, as the page sees them: after decompression. */
  get socketMegabytes(): number {
    return this.#socketBytes / 1e6;
  }

  /** The same for frames that were sent. */
  get sentMegabytes(): number {
    return this.#sentBytes / 1e6;
  }

  /** Whether nothing has been fetched for so many milliseconds and nothing is on its way. */
  quietFor(milliseconds: number): boolean {
    return this.#pending.size === 0 && performance.now() - this.#lastChange > milliseconds;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #began({ requestId, redirectResponse }: RequestEvent, byPage: boolean): void {
    this.#pending.add(requestId);
    // A redirect keeps the request's id; its own answer ends here.
    if (redirectResponse) {
      const id = `${requestId} redirect ${this.#fetched.size}`;
      this.#fetched.set(id, { bytes: redirectResponse.encodedDataLength, byPage });
    }
  }

  #ended({ requestId, encodedDataLength }: RequestEvent, byPage: boolean): void {
    this.#pending.delete(requestId);
    // One request can be reported in two sessions under one id, hence a map. Blobs, which are not on the wire, have -1.
    this.#fetched.set(requestId, { bytes: Math.max(0, encodedDataLength ?? 0), byPage });
  }
}

/** Opcode 1 is text (RFC 6455, 5.2); everything else is reported in base64. */
function frameBytes({ response }: RequestEvent): number {
  return (response?.payloadData.length ?? 0) * (response?.opcode === 1 ? 1 : 0.75);
}

function sum(all: readonly Fetched[]): number {
  return all.reduce((total, { bytes }) => total + bytes, 0) / 1e6;
}
