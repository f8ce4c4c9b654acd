import { GatewayError } from "../base/errors.ts";
import { Backend, bracketed } from "../proxy/backend.ts";
import type { Destination } from "../proxy/destination.ts";
import { loopbackAddresses } from "../system/ports.ts";
import { AddressGuard, type AddressGuardOptions } from "./address-guard.ts";
import { normaliseConfiguredHost, normaliseHost } from "./host-name.ts";

export interface PortsOptions extends AddressGuardOptions {
  /** Hosts besides this machine that may be proxied. */
  readonly proxyHosts: readonly string[];
  /** An administrator turned it off. Default: false. */
  readonly disabled?: boolean;
}

export interface PortRequest {
  /** The path segment after `/proxy/` or `/absproxy/`, as the browser sent it. */
  readonly authority: string;
  /** The path after that segment, begins with `/`, as sent. */
  readonly rest: string;
  /** With its `?`, or empty. */
  readonly query: string;
  /** `name`: on a name of its own, where every path is the program's. */
  readonly kind: "proxy" | "absproxy" | "name";
  readonly baseUrl: string;
  /** The whole path below the base URL, as sent. */
  readonly fullPath: string;
}

/** What holds connections to a port. */
interface OpenBackend {
  readonly backend: Backend;
  usedAt: number;
}

/** Connections of a port nobody asked for this long are given up. Milliseconds. */
const unusedTimeout = 5 * 60_000;
const sweepInterval = 60_000;
/** More than anyone has programs; a page that tries all ports must not fill the memory. */
const maxBackends = 128;
const maxShownLength = 80;

/** `/proxy/<port>/` and `/absproxy/<port>/`: programs of this machine, and of permitted hosts (RULES R8). */
export class Ports {
  readonly guard: AddressGuard;
  readonly #proxyHosts: ReadonlySet<string>;
  readonly #disabled: boolean;
  /** Not a cache: a backend that is in use is never closed, whatever its age, and closing takes time. */
  readonly #backends = new Map<string, OpenBackend>();
  #sweep: NodeJS.Timeout | undefined;

  /** @throws GatewayError SETTING_INVALID for a proxy host that is neither a name nor an address */
  constructor(options: PortsOptions) {
    this.guard = new AddressGuard(options);
    this.#disabled = options.disabled ?? false;
    this.#proxyHosts = new Set(options.proxyHosts.map(readProxyHost));
  }

  /** @throws GatewayError PROXY_DISABLED, PORT_INVALID, PORT_REFUSED, PROXY_HOST_REFUSED */
  resolve(request: PortRequest): Destination {
    if (this.#disabled) throw new GatewayError("PROXY_DISABLED");
    const backend = this.#backend(request.authority);
    if (request.kind === "name") {
      return { backend, target: request.rest + request.query, prefix: "/", prefixStripped: true };
    }
    const prefix = `${request.baseUrl}${request.kind}/${request.authority}/`;
    const prefixStripped = request.kind === "proxy";
    const path = prefixStripped ? request.rest : request.baseUrl + request.fullPath.slice(1);
    return { backend, target: path + request.query, prefix, prefixStripped };
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    const open = [...this.#backends.values()];
    this.#backends.clear();
    await Promise.all(open.map(({ backend }) => backend.close()));
  }

  /** A known one needs no look at its address: it was judged when it was opened, and is again at each connection. */
  #backend(authority: string): Backend {
    const { host, port } = parseAuthority(authority);
    const key = `${host} ${port}`;
    const known = this.#backends.get(key);
    if (known !== undefined) {
      known.usedAt = performance.now();
      return known.backend;
    }
    if (host === "localhost") for (const address of loopbackAddresses) this.guard.check(address, port);
    else this.#checkHost(host, port);
    return this.#open(key, host, port);
  }

  #checkHost(host: string, port: number): void {
    this.guard.check(host, port);
    if ((loopbackAddresses as readonly string[]).includes(host) || this.#proxyHosts.has(host)) return;
    throw new GatewayError("PROXY_HOST_REFUSED", { host: bracketed(host) });
  }

  #open(key: string, host: string, port: number): Backend {
    const isLoopback = host === "localhost";
    const name = isLoopback ? `port ${port}` : `${bracketed(host)}:${port}`;
    const lookup = this.guard.lookup(isLoopback ? loopbackAddresses : [host], port);
    const backend = new Backend(name, { port, lookup });
    if (this.#backends.size >= maxBackends) this.#closeLongestUnused();
    this.#backends.set(key, { backend, usedAt: performance.now() });
    this.#sweep ??= setInterval(() => this.#closeUnused(), sweepInterval).unref();
    return backend;
  }

  #closeUnused(): void {
    const before = performance.now() - unusedTimeout;
    for (const [key, entry] of this.#backends) {
      if (entry.usedAt <= before && !entry.backend.inUse) this.#remove(key, entry);
    }
    if (this.#backends.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #closeLongestUnused(): void {
    const idle = [...this.#backends].filter(([, entry]) => !entry.backend.inUse);
    const [oldest] = idle.sort(([, one], [, other]) => one.usedAt - other.usedAt);
    if (oldest !== undefined) this.#remove(...oldest);
  }

  #remove(key: string, entry: OpenBackend): void {
    this.#backends.delete(key);
    // Gently: a request that was just resolved may be on its way.
    void entry.backend.dispatcher.close();
  }
}

/**
 * `3000`, `host:3000` or `[::1]:3000`, percent-encoded or not.
 * @returns the host normalised; `localhost` where none is given
 */
function parseAuthority(authority: string): { host: string; port: number } {
  const text = authority.includes("%") ? percentDecoded(authority) : authority;
  const colon = text.lastIndexOf(":");
  const port = parsePort(text.slice(colon + 1));
  if (port === undefined) throw new GatewayError("PORT_INVALID", { port: shown(text) });
  if (colon === -1) return { host: "localhost", port };
  const host = normaliseHost(text.slice(0, colon));
  if (host === undefined) throw new GatewayError("PROXY_HOST_REFUSED", { host: shown(text.slice(0, colon)) });
  return { host, port };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new GatewayError("PORT_INVALID", { port: shown(text) }, { cause });
  }
}

function parsePort(text: string): number | undefined {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65535 ? port : undefined;
}

function readProxyHost(text: string): string {
  const host = normaliseConfiguredHost(text);
  if (host !== undefined) return host;
  const reason = `“${text}” is neither a host name nor an address`;
  throw new GatewayError("SETTING_INVALID", { name: "proxy-hosts", source: "the configuration", reason });
}

function shown(text: string): string {
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}
