import type { IncomingMessage } from "node:http";
import type { AppNames } from "../access/app-names.ts";
import type { PortNames } from "../access/port-names.ts";
import { type Mode, matchNamedPort, matchRoute, type Route } from "../access/routes.ts";
import type { Apps } from "../apps/apps.ts";
import type { TrustedProxies } from "../http/forwarded.ts";
import { isNavigation } from "../http/navigation.ts";
import { splitProof } from "../http/page-proof.ts";
import type { RequestContext } from "../http/request-context.ts";
import { originForm, type RequestTarget, respelled, splitTarget } from "../http/request-target.ts";
import type { Arrival } from "./exchange.ts";
import { currentAddress } from "./former-addresses.ts";

export interface LocatorOptions {
  readonly baseUrl: string;
  readonly defaultUrl: string;
  readonly mode: Mode;
  readonly trustedProxies: TrustedProxies;
  readonly portNames: Pick<PortNames, "portOf" | "mainOf">;
  readonly appNames: Pick<AppNames, "labelOf">;
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
    const label = this.#options.appNames.labelOf(request.headers.host ?? "");
    if (label !== undefined) return this.#locateOnAppHost(request, url, label);
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

  /**
   * On a shared app's own name, every path is the app's. Such names are used over HTTPS alone. Behind a hub the base URL must stand
   * before the path: it shows that the name was led here, and not the path.
   */
  #locateOnAppHost(request: IncomingMessage, url: string, label: string): Arrival {
    const { baseUrl, mode } = this.#options;
    const isLed = mode !== "jupyterhub" || respelled(url, baseUrl) !== undefined;
    const target = isLed ? this.#targetOnName(url) : undefined;
    const { path, query } = target ?? { path: "", query: "" };
    const context = { ...this.#contextOnName(request, path, query), scheme: "https" } as const;
    return { request, context, route: { kind: "app-host", who: "anyone", label: target ? label : "", path } };
  }

  /** On a port's own name. */
  #locateNamed(request: IncomingMessage, url: string, port: string): Arrival {
    const { baseUrl } = this.#options;
    const target = this.#targetOnName(url);
    const named = this.#contextOnName(request, target?.path ?? url, target?.query ?? "");
    const home = () => {
      const main = this.#options.portNames.mainOf(named);
      return main === undefined ? undefined : `${main}${baseUrl}`;
    };
    const context: RequestContext = { ...named, home };
    if (target === undefined) return { request, context, route: { kind: "invalid", who: "anyone" } };
    return { request, context, route: matchNamedPort(context.path, port) };
  }

  /** The hub's proxy finds this server by the base URL, which the proxy in front puts before the path. */
  #targetOnName(url: string): RequestTarget | undefined {
    const { baseUrl, mode } = this.#options;
    const below = mode === "jupyterhub" ? respelled(url, baseUrl) : undefined;
    const target = splitTarget(below === undefined ? url : `/${below}`, "/");
    return typeof target === "object" ? target : undefined;
  }

  #contextOnName(request: IncomingMessage, path: string, query: string): RequestContext {
    const host = request.headers.host ?? "";
    const origination = this.#options.trustedProxies.originationOf(request);
    return { id: this.#requests.toString(36), path, query, baseUrl: "/", host, ...origination };
  }

  /** People's links to a former server lead to the app that is meant. */
  #routeOf(request: IncomingMessage, path: string, route: Route): Route {
    const isFree = route.kind === "unknown" || (route.kind === "ide" && route.mount === "/");
    if (!isFree || !isNavigation(request)) return route;
    const address = currentAddress(path, (name) => this.#options.apps.state(name) !== undefined);
    return address === undefined ? route : { kind: "redirect", who: "owner", path: address };
  }
}
