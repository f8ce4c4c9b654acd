import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";
import { GatewayError, reasonOf } from "../base/errors.ts";
import { bracketed } from "../proxy/backend.ts";
import { addressesBehind, isAddress, normaliseConfiguredHost } from "./host-name.ts";

/** A service that must not be reached through the gateway. */
export interface RefusedService {
  readonly host: string;
  readonly port: number;
  /** Ends the sentence “Port … is never proxied: …”. */
  readonly reason: string;
}

export interface AddressGuardOptions {
  /** The port that the gateway itself listens on; undefined on a unix socket. */
  readonly ownPort: () => number | undefined;
  readonly refused?: readonly RefusedService[];
}

/** Where clouds hand out credentials, besides link-local addresses: AWS, Alibaba, Azure, Google, Oracle, Scaleway. */
const metadataAddresses = [
  "fd00:ec2::254",
  "100.100.100.200",
  "168.63.129.16",
  "fd20:ce::254",
  "192.0.0.192",
  "fd00:42::42",
].map((address) => ipaddr.parse(address).toString());
const metadataNames = new Set(["metadata.google.internal", "metadata.goog", "metadata", "instance-data"]);
const metadataReason = "it is a metadata service, which hands out credentials";

/**
 * Decides which addresses are never proxied (RULES R8). Names are looked up and judged at each connection, and the
 * connection goes to the very addresses that were judged.
 */
export class AddressGuard {
  readonly #ownPort: () => number | undefined;
  readonly #refused: readonly RefusedService[];

  constructor(options: AddressGuardOptions) {
    this.#ownPort = options.ownPort;
    this.#refused = (options.refused ?? []).map((service) => ({
      ...service,
      host: normaliseConfiguredHost(service.host) ?? service.host,
    }));
  }

  /**
   * What can be said without a look-up.
   * @param host normalised name or address
   * @throws GatewayError PORT_REFUSED
   */
  check(host: string, port: number): void {
    const reason = isAddress(host) ? this.#refusalOfAddress(host, port) : this.#refusalOfName(host, port);
    if (reason !== undefined) throw new GatewayError("PORT_REFUSED", { port, host: bracketed(host), reason });
  }

  /** For `net.connect`: the addresses of the hosts, or PORT_REFUSED if a single one of them may not be reached. */
  lookup(hosts: readonly string[], port: number): LookupFunction {
    return (_name, options, callback) => {
      this.#permitted(hosts, port).then(
        (addresses) => {
          const [first] = addresses;
          if (options.all) callback(null, addresses);
          else callback(null, first?.address ?? "", first?.family);
        },
        (error: Error) => callback(error, []),
      );
    };
  }

  async #permitted(hosts: readonly string[], port: number): Promise<{ address: string; family: number }[]> {
    const found = await Promise.all(hosts.map((host) => addressesOf(host)));
    const addresses = found.flat();
    for (const address of addresses) {
      const reason = this.#refusalOfAddress(address, port) ?? (await this.#refusalOfNamedService(address, port));
      if (reason !== undefined) throw new GatewayError("PORT_REFUSED", { port, host: bracketed(address), reason });
    }
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  }

  #refusalOfName(name: string, port: number): string | undefined {
    if (metadataNames.has(name)) return metadataReason;
    return this.#refused.find((service) => service.host === name && service.port === port)?.reason;
  }

  #refusalOfAddress(address: string, port: number): string | undefined {
    const behind = addressesBehind(address);
    if (behind.some((one) => metadataAddresses.includes(one.toString()))) return metadataReason;
    if (behind.some((one) => one.range() === "linkLocal"))
      return "it is a link-local address, as metadata services use";
    if (port === this.#ownPort() && behind.some((one) => isLocal(one))) return "it is WAIIDE's own port";
    const service = this.#refused.find(
      (one) => one.port === port && isAddress(one.host) && behind.some((other) => isSameMachine(other, one.host)),
    );
    return service?.reason;
  }

  /** A refused service may be given by name: its addresses can change, so they are asked for each time. */
  async #refusalOfNamedService(address: string, port: number): Promise<string | undefined> {
    const behind = addressesBehind(address);
    for (const service of this.#refused) {
      if (service.port !== port || isAddress(service.host)) continue;
      try {
        const addresses = await addressesOf(service.host);
        if (addresses.some((one) => behind.some((other) => isSameMachine(other, one)))) return service.reason;
      } catch (error) {
        return `it cannot be told apart from ${service.host}:${port} (${reasonOf(error)})`;
      }
    }
    return undefined;
  }
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isAddress(host)) return [host];
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

function isSameMachine(address: ipaddr.IPv4 | ipaddr.IPv6, other: string): boolean {
  const parsed = ipaddr.process(other);
  return address.toString() === parsed.toString() || (isLocal(address) && isLocal(parsed));
}

/** Whether a connection to the address ends on this machine; connecting to 0.0.0.0 or :: does, too. */
function isLocal(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (["loopback", "unspecified"].includes(address.range())) return true;
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return own.some((one) => ipaddr.process(one.address).toString() === address.toString());
}
