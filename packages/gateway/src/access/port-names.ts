import type { AllowedHosts } from "../http/hosts.ts";
import { HostPattern } from "../http/names/host-pattern.ts";
import { hubDomainFault, type PortDomain, portSuffix, templateOf } from "../http/names/port-domain.ts";
import type { RequestContext } from "../http/request-context.ts";

export interface PortNamesOptions {
  /** Undefined: no domain was set. */
  readonly domain: PortDomain | undefined;
  /** Without a hub: browsers resolve every name below `localhost` to their own machine. */
  readonly local: boolean;
  /** The origin of the IDE's page; undefined while it is not known. */
  readonly mainOrigin: () => string | undefined;
  /** Undefined behind a hub. */
  readonly hosts: Pick<AllowedHosts, "allows"> | undefined;
}

type Place = Pick<RequestContext, "host" | "scheme">;

const localPattern = HostPattern.parse("localhost", "port") as HostPattern;

/** Ports on names of their own, such as `3000.example.org`: each program has an origin apart from the IDE's (RULES R32). */
export class PortNames {
  readonly #options: PortNamesOptions;
  readonly #patterns: readonly HostPattern[];
  /** A cache: browsers send the same Host with each request. */
  #last: { readonly host: string; readonly port: string | undefined } = { host: "", port: undefined };

  constructor(options: PortNamesOptions) {
    this.#options = options;
    const { domain, local } = options;
    this.#patterns = [...(domain === undefined ? [] : [domain.pattern]), ...(local ? [localPattern] : [])];
  }

  /** The digits that make this Host the name of a port; undefined for every other Host. */
  portOf(host: string): string | undefined {
    if (host === this.#last.host) return this.#last.port;
    const parts = this.#patterns.map((pattern) => pattern.partOf(host));
    const port = parts.find((part) => part !== undefined && /^\d+$/.test(part));
    this.#last = { host, port };
    return port;
  }

  /**
   * The origin where the person of this request is logged in; undefined: not known yet. Of a name below `localhost` it is on the
   * same machine and port.
   */
  mainOf({ host, scheme }: Place): string | undefined {
    const { domain, hosts, mainOrigin } = this.#options;
    const main = mainOrigin();
    const port = portSuffix(host);
    if (isLocal(host)) return isSibling(main, scheme, port) ? main : `${scheme}://localhost${port}`;
    if (main !== undefined) return main;
    const top = `${domain?.pattern.domain ?? ""}${port}`;
    return hosts?.allows(top) === true ? `${scheme}://${top}` : undefined;
  }

  /** Whether the IDE's own pages have this origin, so that links on them are the person's own. */
  isMain(origin: string, { host, scheme }: Place): boolean {
    if (origin === this.#options.mainOrigin()) return true;
    const { protocol, host: sender } = new URL(origin);
    const isOurs = this.#options.hosts?.allows(sender) === true && this.portOf(sender) === undefined;
    return isOurs && protocol === `${scheme}:` && portSuffix(sender) === portSuffix(host);
  }

  /**
   * Why names of this domain are not served: behind a hub a program could set cookies for the hub's own pages. The setting itself
   * is checked at the start, with what is known of the hub then.
   */
  fault(): string | undefined {
    const { domain, hosts, mainOrigin } = this.#options;
    const main = mainOrigin();
    if (domain === undefined || hosts !== undefined || main === undefined) return undefined;
    return hubDomainFault(domain.pattern, new URL(main).hostname);
  }

  /** `https://{{port}}.example.org/` for links on a page; undefined: links lead below the page's own origin. */
  template(page: Place): string | undefined {
    const { domain } = this.#options;
    return domain === undefined || this.fault() !== undefined ? undefined : templateOf(domain, page);
  }
}

function isLocal(host: string): boolean {
  return localPattern.partOf(host) !== undefined;
}

/** Whether a page of this origin is on the browser's machine, and on this port. */
function isSibling(origin: string | undefined, scheme: string, port: string): boolean {
  if (origin === undefined) return false;
  const { protocol, hostname, host } = new URL(origin);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname) || hostname.endsWith(".localhost");
  return isLoopback && protocol === `${scheme}:` && portSuffix(host) === port;
}
