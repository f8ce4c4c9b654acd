import { connect, type LookupFunction, type Socket } from "node:net";
import type { Dispatcher } from "undici";
// Only the parts that are used: all of undici, with fetch, cache and WebSockets, takes three times as long to load.
import sendRequest from "undici/lib/api/api-request.js";
import Pool from "undici/lib/dispatcher/pool.js";

/** `lookup` returns the addresses to try for each connection, in that order; it may refuse with an error. */
export type BackendAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number }
  | { readonly port: number; readonly lookup: LookupFunction };

/**
 * How long one address may take before the next is tried. It is long because Node gives up the slow one for good, and a busy
 * program on loopback that is slow is still the right one. Milliseconds.
 */
const addressAttemptTimeout = 5_000;

/** A local program that gets requests. It owns its connections; `close()` ends them. */
export class Backend {
  /** Shown in errors, e.g. `the IDE server` or `port 3000`. */
  readonly name: string;
  readonly address: BackendAddress;
  readonly dispatcher: InstanceType<typeof Pool>;
  readonly #spliced = new Set<Socket>();
  #closed = false;

  constructor(name: string, address: BackendAddress) {
    this.name = name;
    this.address = address;
    this.dispatcher = new Pool(originOf(address), {
      // RULES R7: bodies and pauses may last for any time.
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      connections: null,
      maxHeaderSize: 64 * 1024,
      ...("socketPath" in address ? { socketPath: address.socketPath } : {}),
      ...("lookup" in address ? { connect: tcpOptions(address) } : {}),
    });
  }

  /** Sends a request of our own, as opposed to a forwarded one. */
  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    return sendRequest.call(this.dispatcher, options);
  }

  /** A new connection for an upgrade; it ends with the backend. */
  connect(): Socket {
    const { address } = this;
    const socket = connect({ ...connectOptions(address), allowHalfOpen: true });
    if (this.#closed) return socket.destroy(new Error(`${this.name} was stopped`));
    this.#spliced.add(socket);
    return socket.on("close", () => this.#spliced.delete(socket));
  }

  /** Whether a request or upgrade is open. */
  get inUse(): boolean {
    return this.#spliced.size > 0 || this.dispatcher.stats.size > 0;
  }

  /** Cuts every connection, also those of open requests and upgrades. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const socket of this.#spliced) socket.destroy(new Error(`${this.name} was stopped`));
    await this.dispatcher.destroy();
  }
}

/** `::1` → `[::1]`, for URLs and Host headers. */
export function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

function originOf(address: BackendAddress): string {
  if ("socketPath" in address) return "http://localhost";
  return `http://${"lookup" in address ? "localhost" : bracketed(address.host)}:${address.port}`;
}

function connectOptions(address: BackendAddress) {
  if ("socketPath" in address) return { path: address.socketPath };
  return "lookup" in address ? tcpOptions(address) : { host: address.host, port: address.port };
}

function tcpOptions(address: { readonly port: number; readonly lookup: LookupFunction }) {
  return {
    host: "localhost",
    port: address.port,
    lookup: address.lookup,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: addressAttemptTimeout,
  };
}
