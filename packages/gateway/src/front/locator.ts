import type { IncomingMessage } from "node:http";
import type { PortNames } from "../access/port-names.ts";
import { type Mode, matchNamedPort, matchRoute, type Route } from "../access/routes.ts";
import type { Apps } from "../apps/apps.ts";
import type { TrustedProxies } from "../http/forwarded.ts";
import { isNavigation } from "../http/navigation.ts";
import { splitProof } from "../http/page-proof.ts";
import type { RequestContext } from "../http/request-context.ts";
import { originForm, respelled, splitTarget } from "../http/request-target.ts";
import type { Arrival } from "./exchange.ts";
import { currentAddress } from "./former-addresses.ts";

export interface LocatorOptions {
  readonly baseUrl: string;
  readonly defaultUrl: string;
  readonly mode: Mode;
  readonly trustedProxies: TrustedProxies;
  readonly portNames: Pick<PortNames, "portOf" | "mainOf">;
  readonly apps: Pick<Apps, "state">;
}

/** Reads where the address of a request leads, before anyone decides about it. */
export class Locator {
  readonly #options: LocatorOptions;
  #requests = 0;

  constructor(options: LocatorOptions) {
    this.#options = options;
  }

  locate(request: IncomingMessage): Arrival {
    const { baseUrl, trustedProxies, defaultUrl, mode } = this.#options;
    const url = originForm(request.url ?? "", request.headers.host) ?? request.url ?? "";
    // Everything that reads it later sees what was routed.
    request.url = url;
    this.#requests += 1;
    const port = this.#options.portNames.portOf(request.headers.host ?? "");
    if (port !== undefined) return this.#locateNamed(request, url, port);
    const target = splitTarget(url, baseUrl);
    const context: RequestContext = {
      id: this.#requests.toString(36),
      ...splitProof(typeof target === "object" ? target.path : url),
      query: typeof target === "object" ? target.query : "",
      baseUrl,
      host: request.headers.host ?? "",
      ...trustedProxies.originationOf(request),
    };
    if (target === "invalid") return { request, context, route: { kind: "invalid", who: "anyone" } };
    if (target === undefined) return { request, context, route: { kind: "outside", who: "anyone" } };
    return {
      request,
      context,
      route: this.#routeOf(request, context.path, matchRoute(context.path, defaultUrl, mode)),
    };
  }

  /** On a port's own name. The hub's proxy finds us by the base URL, which whoever leads names to it puts before the path. */
  #locateNamed(request: IncomingMessage, url: string, port: string): Arrival {
    const { baseUrl, trustedProxies, mode } = this.#options;
    const below = mode === "jupyterhub" ? respelled(url, baseUrl) : undefined;
    const target = splitTarget(below === undefined ? url : `/${below}`, "/");
    const origination = trustedProxies.originationOf(request);
    const host = request.headers.host ?? "";
    const home = () => {
      const main = this.#options.portNames.mainOf({ host, scheme: origination.scheme });
      return main === undefined ? undefined : `${main}${baseUrl}`;
    };
    const context: RequestContext = {
      id: this.#requests.toString(36),
      path: typeof target === "object" ? target.path : url,
      query: typeof target === "object" ? target.query : "",
      baseUrl: "/",
      home,
      host,
      ...origination,
    };
    if (typeof target !== "object") return { request, context, route: { kind: "invalid", who: "anyone" } };
    return { request, context, route: matchNamedPort(context.path, port) };
  }

  /** People's links to a former server lead to the app that is meant. */
  #routeOf(request: IncomingMessage, path: string, route: Route): Route {
    const isFree = route.kind === "unknown" || (route.kind === "ide" && route.mount === "/");
    if (!isFree || !isNavigation(request)) return route;
    const address = currentAddress(path, (name) => this.#options.apps.state(name) !== undefined);
    return address === undefined ? route : { kind: "redirect", who: "owner", path: address };
  }
}
