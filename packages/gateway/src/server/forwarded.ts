import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import ipaddr from "ipaddr.js";

/** What the outermost trusted hop says about the browser's connection (RULES R5). */
export interface Origination {
  readonly scheme: "http" | "https";
  readonly clientAddress: string;
}

/** Decides whose `X-Forwarded-*` headers are believed. */
export class TrustedProxies {
  readonly #networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
  readonly #behindHub: boolean;

  /**
   * @param networks addresses or CIDR networks, already checked by the configuration
   * @param behindHub every peer is taken for the hub's proxy, whose address nobody tells us. Whoever else can connect may
   * so choose the scheme of his own cookies and the address in his own log lines, and gains nothing by it.
   */
  constructor(networks: readonly string[], behindHub = false) {
    this.#networks = networks.map(parseNetwork);
    this.#behindHub = behindHub;
  }

  trusts(address: string | undefined): boolean {
    if (this.#networks.length === 0 || address === undefined || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return this.#networks.some((network) => network[0].kind() === parsed.kind() && parsed.match(network));
  }

  /** Scheme and client as the browser's side of the proxies has them; the connection's own where the peer is not trusted. */
  originationOf(request: IncomingMessage): Origination {
    const { socket } = request;
    const scheme = (socket as Partial<TLSSocket>).encrypted ? "https" : "http";
    const peer = socket.remoteAddress ?? "";
    if (!this.#behindHub && !this.trusts(peer)) return { scheme, clientAddress: peer };
    const proto = firstOf(request.headers["x-forwarded-proto"]);
    return {
      scheme: proto === "https" || proto === "http" ? proto : scheme,
      clientAddress: this.#firstUntrusted(request.headers["x-forwarded-for"]) ?? peer,
    };
  }

  /** Reads the chain from our end: what stands left of the first stranger could be forged. */
  #firstUntrusted(header: string | string[] | undefined): string | undefined {
    const hops = String(header ?? "")
      .split(",")
      .map((hop) => hop.trim())
      .filter((hop) => ipaddr.isValid(hop));
    return hops.findLast((hop) => !this.trusts(hop)) ?? hops[0];
  }
}

function parseNetwork(network: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (network.includes("/")) return ipaddr.parseCIDR(network);
  const address = ipaddr.process(network);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return String(header ?? "")
    .split(",")[0]
    ?.trim()
    .toLowerCase();
}
