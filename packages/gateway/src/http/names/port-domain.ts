import { HostPattern } from "./host-pattern.ts";

/** Names of one kind, such as `3000.example.org` for ports, and how addresses with them are written. */
export interface NamedDomain {
  readonly pattern: HostPattern;
  /** Undefined: that of the page that a link is on. */
  readonly scheme: "http" | "https" | undefined;
  /** With its colon, empty for the scheme's own; undefined: that of the page that a link is on. */
  readonly port: string | undefined;
}

/** The parsed setting `proxy-domain`: ports at names such as `3000.example.org`. */
export type PortDomain = NamedDomain;

/** A page's scheme and Host. */
interface Place {
  readonly scheme: "http" | "https";
  readonly host: string;
}

/** @param text `example.org`, `{{port}}-alice.example.org`, or an address of that name; undefined if it is none of these */
export function parsePortDomain(text: string): PortDomain | undefined {
  return parseNamedDomain(text, "port");
}

/** @param part what the names differ in: the word in the braces */
export function parseNamedDomain(text: string, part: string): NamedDomain | undefined {
  const [, scheme, name = "", port] = /^(?:(https?):\/\/)?([^/:?#\s]+)(:\d{1,5})?\/?$/i.exec(text) ?? [];
  const pattern = HostPattern.parse(name, part);
  if (pattern === undefined) return undefined;
  const given = scheme?.toLowerCase() as "http" | "https" | undefined;
  return { pattern, scheme: given, port: port ?? (given === undefined ? undefined : "") };
}

/** The address of a port's page, with `{{port}}`. */
export function templateOf({ pattern, scheme, port }: PortDomain, page: Place): string {
  return `${scheme ?? page.scheme}://${pattern.hostOf("{{port}}")}${port ?? portSuffix(page.host)}/`;
}

/** Why a hub at this host forbids the domain; undefined: it does not. */
export function hubDomainFault(pattern: HostPattern, hostname: string): string | undefined {
  const relation = pattern.relationTo(hostname);
  if (relation === undefined) return undefined;
  const how = {
    same: `${pattern.domain} is the hub's own domain`,
    parent: `${pattern.domain} is a parent domain of the hub's, ${hostname}`,
    child: `${pattern.domain} lies below the hub's domain, ${hostname}`,
  }[relation];
  return `${how}: pages of programs there could set cookies for the hub, or get those that it sets for its subdomains`;
}

/** `:8070` of a Host; empty without one. */
export function portSuffix(host: string): string {
  return /:\d+$/.exec(host)?.[0] ?? "";
}
