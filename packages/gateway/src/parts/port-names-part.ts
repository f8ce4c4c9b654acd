import { PortLogins } from "../access/port-logins.ts";
import { PortNames } from "../access/port-names.ts";
import { AllowedHosts } from "../http/hosts.ts";
import type { Foundation } from "./foundation.ts";
import type { HubPart } from "./hub-part.ts";
import type { SharingPart } from "./sharing-part.ts";

/** The names under which this server answers, those of ports among them. */
export interface PortNamesPart {
  /** Undefined behind a hub: its proxy decides which names lead here. */
  readonly hosts: AllowedHosts | undefined;
  readonly names: PortNames;
  readonly logins: PortLogins;
}

export function portNamesPart(
  { config, logger }: Foundation,
  { hub, sharing }: { readonly hub: HubPart | undefined; readonly sharing: SharingPart },
): PortNamesPart {
  const isAlone = hub === undefined;
  const hosts = isAlone ? new AllowedHosts(config.host, config.allowedHosts) : undefined;
  const names = new PortNames({
    domain: config.proxyDomain,
    local: isAlone,
    mainOrigin: () => sharing.sharing.owner.origin.value,
    hosts,
  });
  const logins = new PortLogins({
    names,
    baseUrl: config.baseUrl,
    suffix: isAlone ? `-${config.port}` : "",
    onEntry: (host) => logger.info({ host }, "a login was carried over to a port's own name"),
  });
  return { hosts, names, logins };
}
