import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import ipaddr from "ipaddr.js";

/** The browser's side of the connection, as the outermost trusted proxy names it (RULES R5). */
export interface Origination {
  /** The scheme that the browser used. */
  readonly scheme: "http" | "https";
  /** Address of the peer, or of the first untrusted hop that a trusted proxy names. */
  readonly clientAddress: string;
}

/** Decides which proxies' `X-Forwarded-*` headers are trusted. */
export class TrustedProxies {
  readonly #networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
  readonly #trustsPeers: boolean;
  readonly #onUntrusted: (address: string) => void;
  #untrusted: string | undefined;

  /**
   * @param networks addresses or CIDR networks, already checked by the configuration
   * @param trustsPeers trusts every peer: as the hub's proxy, whose address is unknown, or on a unix socket, which has none. Others who can connect could choose the
   * scheme of their own cookies and the address in their own log lines, and gain nothing by it.
   * @param onUntrusted called once, with the address of a proxy that forwards requests and is not trusted
   */
  constructor(networks: readonly string[], trustsPeers = false, onUntrusted: (address: string) => void = () => {}) {
    this.#networks = networks.map(parseNetwork);
    this.#trustsPeers = trustsPeers;
    this.#onUntrusted = onUntrusted;
  }

  /** A proxy that forwarded a request and is not trusted: all its clients look like one. */
  get untrusted(): string | undefined {
    return this.#untrusted;
  }

  trusts(address: string | undefined): boolean {
    if (this.#networks.length === 0 || address === undefined || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return this.#networks.some((network) => network[0].kind() === parsed.kind() && parsed.match(network));
  }

  /** Scheme and client address at the browser's end of the proxies; those of the connection if the peer is not trusted. */
  originationOf(request: IncomingMessage): Origination {
    const { socket } = request;
    const scheme = (socket as Partial<TLSSocket>).encrypted ? "https" : "http";
    const peer = socket.remoteAddress ?? "";
    if (!this.#trustsPeers && !this.trusts(peer)) {
      if (request.headers["x-forwarded-for"] !== undefined) this.#noteUntrusted(peer);
      return { scheme, clientAddress: peer };
    }
    const proto = firstOf(request.headers["x-forwarded-proto"]);
    return {
      scheme: proto === "https" || proto === "http" ? proto : scheme,
      clientAddress: this.#firstUntrusted(request.headers["x-forwarded-for"]) ?? peer,
    };
  }

  /** Reads the chain from our end: everything left of the first untrusted hop could be forged. */
  #firstUntrusted(header: string | string[] | undefined): string | undefined {
    const hops = String(header ?? "")
      .split(",")
      .map((hop) => hop.trim())
      .filter((hop) => ipaddr.isValid(hop));
    const stranger = hops.findLast((hop) => !this.trusts(hop));
    if (stranger !== undefined && stranger !== hops[0] && isPrivate(stranger)) this.#noteUntrusted(stranger);
    return stranger ?? hops[0];
  }

  #noteUntrusted(address: string): void {
    if (this.#untrusted !== undefined) return;
    this.#untrusted = address;
    this.#onUntrusted(address);
  }
}

function parseNetwork(network: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (network.includes("/")) return ipaddr.parseCIDR(network);
  const address = ipaddr.process(network);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

/** Address ranges of proxies in a cluster or machine. Behind a longer chain such an address is not a browser. */
const inside = new Set(["private", "loopback", "uniqueLocal", "linkLocal", "carrierGradeNat"]);

function isPrivate(address: string): boolean {
  return inside.has(ipaddr.process(address).range());
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return String(header ?? "")
    .split(",")[0]
    ?.trim()
    .toLowerCase();
}

/** What the log and `doctor` say about it. */
export function untrustedProxy(address: string): string {
  return `${address} forwards requests and is not in trusted-proxies: everyone who comes through it looks like one client`;
}
