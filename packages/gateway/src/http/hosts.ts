import { hostname, networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

/**
 * RULES R5, DNS rebinding: a page of a foreign domain that resolves to this machine still sends that domain as Host. Only
 * our own names are served.
 */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  /** A cache: browsers send the same Host with each request. */
  #lastAllowed: string | undefined;

  /**
   * @param boundHost the address listened on; with a wildcard, every address of this machine counts as bound
   * @param further names that an administrator allows
   */
  constructor(boundHost: string, further: readonly string[]) {
    // People copy names from the address bar, with the port.
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

  get names(): readonly string[] {
    return [...this.#names];
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

/** Normalizes IPv6 addresses; names and IPv4 addresses stay as they are. */
function canonical(name: string): string {
  return name.includes(":") && ipaddr.IPv6.isValid(name) ? ipaddr.IPv6.parse(name).toString() : name;
}
