import { isIP, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

// Brings hosts of requests and settings into one spelling, so that rules about hosts cannot be evaded.

/** DNS limits a name to 253 bytes (RFC 1035, 2.3.4); spellings of addresses are shorter. */
const maxHostLength = 255;
/** What a host may be written with. No percent, slash, at sign or white space: they would mean something to a URL. */
const writtenName = /^[\p{L}\p{M}\p{N}._-]+$/u;
const writtenAddress = /^\[[0-9a-f:.]+\]$/i;
const normalName = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/**
 * One spelling for each host: lower case, no trailing dot, Punycode; addresses as the WHATWG URL Standard reads them
 * (`0x7f.1`, `2130706433` and `[::ffff:127.0.0.1]` are `127.0.0.1`), without brackets.
 * @param text a name, an IPv4 address in any spelling, or an IPv6 address in brackets
 * @returns undefined if it is none of these
 */
export function normaliseHost(text: string): string | undefined {
  if (text.length > maxHostLength || !(writtenName.test(text) || writtenAddress.test(text))) return undefined;
  const host = URL.parse(`http://${text}/`)?.hostname;
  if (host === undefined) return undefined;
  if (host.startsWith("[")) return ipaddr.process(host.slice(1, -1)).toString();
  const name = host.endsWith(".") ? host.slice(0, -1) : host;
  return normalName.test(name) ? name : undefined;
}

/** The same for a setting, where an IPv6 address needs no brackets. */
export function normaliseConfiguredHost(text: string): string | undefined {
  return normaliseHost(isIPv6(text) ? `[${text}]` : text);
}

/**
 * The address and the IPv4 addresses that it may be another spelling of once a translator is in the way: mapped
 * (RFC 4291), translated (RFC 6052, 6145, 8215), 6to4 (RFC 3056).
 * @param address as `isIP` takes it, with or without a zone
 */
export function addressesBehind(address: string): readonly (ipaddr.IPv4 | ipaddr.IPv6)[] {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return [parsed];
  const six = parsed as ipaddr.IPv6;
  const bytes = six.toByteArray();
  const embedded = (at: number) => [six, new ipaddr.IPv4(bytes.slice(at, at + 4))];
  if (six.range() === "6to4") return embedded(2);
  const inLastBytes = ["::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"];
  const isTranslated = inLastBytes.some((network) => six.match(ipaddr.IPv6.parseCIDR(network)));
  return isTranslated && bytes.slice(0, 15).some((byte) => byte !== 0) ? embedded(12) : [six];
}

export function isAddress(host: string): boolean {
  return isIP(host) !== 0;
}
