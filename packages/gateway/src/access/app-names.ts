import { hash } from "node:crypto";
import { BoundedTable } from "../base/bounded-table.ts";
import { hostnameOf } from "../http/hosts.ts";
import { type AppDomain, appLabelLength } from "../http/names/app-domain.ts";
import { portSuffix } from "../http/names/port-domain.ts";

export interface AppNamesOptions {
  /** Undefined: shared apps have no names. */
  readonly domain: AppDomain | undefined;
  /** The origin of shares' pages; known wherever there is a domain. */
  readonly mainOrigin: string | undefined;
}

/** Names of shared apps, each with an origin of its own (RULES R35). */
export class AppNames {
  readonly mainOrigin: string;
  readonly #domain: AppDomain | undefined;
  /** A cache: browsers send the same Host with each request. */
  #last: { readonly host: string; readonly label: string | undefined } = { host: "", label: undefined };

  constructor({ domain, mainOrigin }: AppNamesOptions) {
    this.#domain = domain;
    this.mainOrigin = mainOrigin ?? "";
  }

  /**
   * What a Host of the domain says of a share, or an empty text where it is no name of this server; undefined for all other
   * hosts.
   */
  labelOf(host: string): string | undefined {
    if (this.#domain === undefined) return undefined;
    if (host !== this.#last.host) this.#last = { host, label: this.#read(host, this.#domain) };
    return this.#last.label;
  }

  /** `https://<share>--alice.apps.example.net`; undefined: apps are sealed. */
  originOf(share: string): string | undefined {
    if (this.#domain === undefined) return undefined;
    const { pattern, port } = this.#domain;
    return `https://${pattern.hostOf(labelOf(share))}${port ?? portSuffix(new URL(this.mainOrigin).host)}`;
  }

  /** Whether a label is that of a share. */
  isOf(label: string, share: string): boolean {
    return label === labelOf(share);
  }

  #read(host: string, { pattern }: AppDomain): string | undefined {
    const name = hostnameOf(host) ?? "";
    const relation = pattern.relationTo(name);
    if (relation !== "same" && relation !== "parent") return undefined;
    return pattern.partOf(host) ?? "";
  }
}

/** A cache: they are compared for each request. */
const labels = new BoundedTable<string, string>(1_000);

/** Ids have letters that host names do not tell apart, and are to be known to guests alone: names are in the DNS. */
function labelOf(share: string): string {
  const label = labels.get(share) ?? hash("sha256", `share-app:${share}`, "hex").slice(0, appLabelLength);
  if (!labels.has(share)) labels.set(share, label);
  return label;
}
