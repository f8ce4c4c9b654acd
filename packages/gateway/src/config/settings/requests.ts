import ipaddr from "ipaddr.js";
import { Type } from "typebox";
import { GatewayError } from "../../base/errors.ts";
import { hubDomainFault, type PortDomain, parsePortDomain } from "../../http/names/port-domain.ts";
import { type Context, setting, TextList } from "./setting.ts";

/** Which hosts, origins and proxies requests may come from and go to. */

const allowedHosts = setting({
  schema: TextList,
  default: [],
  description: "Host names to which this server answers, besides localhost and its own addresses.",
  setBy: "administrator",
  standaloneOnly: true,
});

const allowedOrigins = setting({
  schema: TextList,
  default: [],
  description:
    "Other origins (https://host[:port]) whose pages may send requests and open WebSockets. If a proxy in front changes Host: the origin that browsers see.",
  setBy: "administrator",
  fault: (value) => firstFault(value, originFault),
});

/** Origins must be as browsers send them: one that never matches would only seem to allow something. */
function originFault(origin: string): string | undefined {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (isWeb && url?.origin === origin) return undefined;
  if (origin === "none")
    return "“none” is not an origin, and not needed: programs that send no Origin are accepted without it";
  const nearest = isWeb && url !== undefined ? `; write “${url.origin}”` : "";
  return `“${origin}” is not an origin such as https://ide.example.org${nearest}`;
}

const skipAuthPreflight = setting({
  schema: Type.Boolean(),
  default: false,
  description:
    "Let CORS preflights, which browsers send without a login, reach programs on ports: pages of other origins can then use them with a token.",
  setBy: "administrator",
});

const trustedProxies = setting({
  schema: TextList,
  default: [],
  description: "Addresses or networks (10.0.0.0/8) of reverse proxies whose X-Forwarded-* headers are trusted.",
  setBy: "administrator",
  fault: (value) => firstFault(value, networkFault),
});

function networkFault(network: string): string | undefined {
  if (ipaddr.isValid(network) || ipaddr.isValidCIDR(network)) return undefined;
  return `“${network}” is neither an address nor a network such as 10.0.0.0/8`;
}

/** The first fault in a list of texts; what is not one is left to the schema. */
function firstFault(value: unknown, faultOf: (text: string) => string | undefined): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((item) => typeof item === "string" && item !== "");
  return texts.map(faultOf).find((fault) => fault !== undefined);
}

const proxyHosts = setting({
  schema: TextList,
  default: [],
  description: "Hosts that /proxy/<host>:<port>/ may reach, besides this machine.",
  setBy: "administrator",
});

const proxyDomain = setting({
  schema: Type.String({ minLength: 1 }),
  description:
    "Ports get names of their own: with example.org, port 3000 is at 3000.example.org; with {{port}}-alice.example.org, at 3000-alice.example.org. A scheme and port before and behind it are those of links (default: those of the page). Behind a hub: a domain that has nothing to do with the hub's. See docs/ports.md.",
  setBy: "administrator",
  fault: (value) => (typeof value === "string" ? portDomainFault(value) : undefined),
  decide(given, { hub }): PortDomain | undefined {
    const domain = given === undefined ? undefined : parsePortDomain(given);
    const reason =
      domain &&
      hubNames(hub)
        .map((name) => hubDomainFault(domain.pattern, name))
        .find(Boolean);
    if (reason !== undefined) {
      throw new GatewayError("SETTING_INVALID", { name: "proxy-domain", source: "the configuration", reason });
    }
    return domain;
  },
  show: (domain) => domain?.pattern.hostOf("{{port}}"),
  warn(domain, { hub }): string | undefined {
    const near = hubNames(hub).find((name) => domain?.pattern.isNear(name));
    if (domain === undefined || near === undefined) return undefined;
    return `--proxy-domain: ${domain.pattern.domain} and the hub's ${near} look like one site to browsers, so that a program's page can set cookies for both. A domain registered for ports alone keeps them apart.`;
  },
});

function portDomainFault(text: string): string | undefined {
  if (parsePortDomain(text) !== undefined) return undefined;
  return `“${text}” is neither a domain such as example.org nor a name with {{port}} in its first part, such as {{port}}-alice.example.org`;
}

/** The host names that a hub says it has; none without one. */
function hubNames(hub: Context["hub"]): string[] {
  return [hub?.publicUrl, hub?.host]
    .filter((address) => address !== undefined && URL.canParse(address))
    .map((address) => new URL(address as string).hostname);
}

const disableProxy = setting({
  schema: Type.Boolean(),
  default: false,
  description:
    "Refuse /proxy/<port>/ and /absproxy/<port>/, for owner and guests; configured apps stay. Programs in a terminal can still connect to the outside.",
  setBy: "administrator",
});

const rewriteHtml = setting({
  schema: Type.Boolean(),
  default: false,
  description: "Rewrite root-relative src, href and action in HTML up to 5 MB from the IDE, ports and apps.",
  setBy: "administrator",
});

export const requestSettings = {
  "allowed-hosts": allowedHosts,
  "allowed-origins": allowedOrigins,
  "skip-auth-preflight": skipAuthPreflight,
  "trusted-proxies": trustedProxies,
  "proxy-hosts": proxyHosts,
  "proxy-domain": proxyDomain,
  "disable-proxy": disableProxy,
  "rewrite-html": rewriteHtml,
} as const;
