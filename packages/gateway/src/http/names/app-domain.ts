import { getDomain } from "tldts";
import { hostnameOf } from "../hosts.ts";
import type { HostPattern } from "./host-pattern.ts";
import { type NamedDomain, parseNamedDomain } from "./port-domain.ts";

/** The parsed setting `share-app-domain`: shared apps at names such as `<share>--alice.apps.example.net`. */
export type AppDomain = NamedDomain;

/** Digits of a share in its name. */
export const appLabelLength = 24;
/** On such a name: says which server refuses, by its base URL, to `waiide doctor`. */
export const answeredBy = "X-Waiide-Server";
/** RFC 1035 §2.3.4. */
const maxLabel = 63;

export interface AppDomainPlace {
  readonly isBehindHub: boolean;
  /** Of links; undefined: not known at the start. */
  readonly publicOrigin: string | undefined;
  /** Addresses or host names; those that are undefined, or have no host, are left out. */
  readonly others: readonly { readonly what: string; readonly address: string | undefined }[];
}

/** @returns undefined if it is no domain, and no address of one */
export function parseAppDomain(text: string): AppDomain | undefined {
  return parseNamedDomain(text, "share");
}

/** Why a text is no domain for shared apps. */
export function appDomainTextFault(text: string): string | undefined {
  const domain = parseAppDomain(text);
  if (domain === undefined) {
    return `“${text}” is neither a domain such as apps.example.net nor a name with {{share}} in its first part, such as {{share}}--alice.apps.example.net`;
  }
  if (domain.scheme === "http") return "browsers keep cookies of frames over HTTPS only";
  const [label = ""] = domain.pattern.hostOf("0".repeat(appLabelLength)).split(".");
  if (label.length > maxLabel)
    return `its first part would have ${label.length} characters, and names have at most ${maxLabel}`;
  return undefined;
}

/**
 * Why apps must not run at names of this domain (RULES R35). Browsers let pages below one registrable domain set cookies for each
 * other, and send them as of the same site.
 */
export function appDomainFault({ pattern }: AppDomain, place: AppDomainPlace): string | undefined {
  const { isBehindHub, publicOrigin, others } = place;
  if (publicOrigin === undefined) return "it must be compared with the address of shares: set public-url too";
  if (!publicOrigin.startsWith("https:")) return `links begin with ${publicOrigin}, and frames of apps need HTTPS`;
  if (isBehindHub && !pattern.isOwned) {
    return `behind a hub the name must say whose server it is, such as {{share}}--alice.${pattern.domain}: another user's server could answer there`;
  }
  return [{ what: "the address of shares", address: publicOrigin }, ...others]
    .map(({ what, address }) => nearness(pattern, what, hostOf(address)))
    .find((reason) => reason !== undefined);
}

function nearness(pattern: HostPattern, what: string, host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const { domain } = pattern;
  const why = "pages of apps there could set cookies for it, or act on it as of the same site";
  const relation = pattern.relationTo(host);
  if (relation !== undefined) {
    const how = { same: "is", parent: "is a parent domain of", child: "lies below" }[relation];
    return `${domain} ${how} ${host} (${what}): ${why}`;
  }
  const site = siteOf(host);
  if (site !== siteOf(pattern.hostOf("0"))) return undefined;
  return `${domain} and ${host} (${what}) both lie below ${site}, which is one site to browsers: ${why}`;
}

/** The registrable domain, by the list of public suffixes that browsers have. */
function siteOf(host: string): string {
  return getDomain(host, { allowPrivateDomains: true, validateHostname: false }) ?? host;
}

/** The name in an address or a Host, in lower case. */
function hostOf(address: string | undefined): string | undefined {
  // A placeholder of webviews stands for a label.
  const text = address?.replace(/\{+\w+\}+/g, "0");
  if (text === undefined) return undefined;
  return hostnameOf(/^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text).host : text);
}
