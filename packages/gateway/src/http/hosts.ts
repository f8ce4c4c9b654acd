import { hostname, networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

/**
 * RULES R5, DNS rebinding: a page of a stranger's domain that resolves to this machine still sends its own name as Host.
 * Only names that are ours are answered.
 */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  /** Browsers send the same Host again and again. */
  #lastAllowed: string | undefined;

  /**
   * @param boundHost the address listened on; with a wildcard, every address of this machine counts as bound
   * @param further names that an administrator allows
   */
  constructor(boundHost: string, further: readonly string[]) {
    // People copy what stands in the address bar, port included.
    const named = further.map((name) => hostnameOf(name) ?? name);
    this.#names = new Set([...ownNames(boundHost), ...named].map((name) => canonical(name.toLowerCase())));
  }

  /** @param host a Host header, with or without a port */
  allows(host: string): boolean {
    if (host === this.#lastAllowed) return true;
    const name = hostnameOf(host);
    if (name === undefined || !(this.#names.has(name) || name.endsWith(".localhost"))) return false;
    this.#lastAllowed = host;
    return true;
  }

  toString(): string {
    return [...this.#names].join(", ");
  }
}

function ownNames(boundHost: string): string[] {
  const names = ["localhost", "127.0.0.1", "::1", boundHost];
  if (ipaddr.isValid(boundHost) && ipaddr.process(boundHost).range() === "unspecified") {
    names.push(hostname());
    for (const addresses of Object.values(networkInterfaces())) {
      for (const { address } of addresses ?? []) names.push(address);
    }
  }
  return names;
}

/** The name in a Host header, lower-cased, without port, brackets and the root's dot; undefined if it is malformed. */
export function hostnameOf(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host);
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? undefined : canonical(name.toLowerCase().replace(/\.$/, ""));
}

/** One spelling for each IPv6 address; names and IPv4 stay as they are. */
function canonical(name: string): string {
  return name.includes(":") && ipaddr.IPv6.isValid(name) ? ipaddr.IPv6.parse(name).toString() : name;
}
