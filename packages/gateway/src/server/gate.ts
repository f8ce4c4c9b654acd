import type { IncomingMessage } from "node:http";
import { withoutTokenParameter } from "../proxy/headers.ts";
import type { GuestGate, GuestVerdict } from "../share/guest-gate.ts";
import type { Orders } from "../share/orders.ts";
import type { StoredSession } from "../share/stored.ts";
import { type Authentication, type Credentials, tokenOfAuthorization, type Verdict } from "./authentication.ts";
import { GatewayError } from "./errors.ts";
import { type AllowedHosts, hostnameOf } from "./hosts.ts";
import { foreignOrigin, isSafe } from "./origin.ts";
import type { RequestContext } from "./request-context.ts";
import type { Route } from "./routes.ts";
import type { Recheck } from "./socket-watch.ts";

/** What the gate decided. `credentials` says which headers carried a secret of ours. */
export type Admission =
  | {
      readonly kind: "admitted";
      readonly credentials: Credentials | "none";
      readonly query: string;
      /** Where logins can end while a socket is open. */
      readonly recheck?: Recheck | undefined;
      /** Who came in by a share; then nothing but that share is his. */
      readonly guest?: StoredSession;
      /** The owner himself, as opposed to whoever else may use the IDE. */
      readonly isOwner?: boolean;
      /** Who else does this, for the audit. */
      readonly actor?: string;
    }
  | { readonly kind: "refused"; readonly error: GatewayError; readonly cookies?: readonly string[] }
  /** To the login, or on from a login link; `cookies` are `Set-Cookie` values. */
  | { readonly kind: "login" | "logged-in"; readonly location: string; readonly cookies: readonly string[] };

interface GateOptions {
  /** Undefined behind a hub: its proxy decides which names lead here. */
  readonly hosts: AllowedHosts | undefined;
  readonly allowedOrigins: readonly string[];
  /** Undefined: `--auth none`. */
  readonly authentication: Authentication | undefined;
  /** Undefined where nothing is shared. */
  readonly guests?: Pick<GuestGate, "identify" | "reading">;
  /** Behind a hub: what its administrators may do here through their page. */
  readonly orders?: Pick<Orders, "judge"> | undefined;
}

/** RULES R1: the one place that decides who gets in, for `request` and `upgrade` alike, before anything is proxied. */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Synchronous unless somebody else must be asked: this runs for every request. */
  admit(
    request: IncomingMessage,
    context: RequestContext,
    route: Route,
    upgrade: boolean,
  ): Admission | Promise<Admission> {
    const { hosts, authentication } = this.#options;
    if (hosts !== undefined && !hosts.allows(context.host)) {
      return refused(hostRefused(context.host, hosts));
    }
    if ("share" in route) {
      const admit = () => this.#admitToShare(request, context, route, upgrade);
      return this.#options.guests?.reading?.then(admit) ?? admit();
    }
    const order = route.kind === "api" && !upgrade ? this.#options.orders?.judge(request, context) : undefined;
    if (order?.kind === "refused") return order;
    if (order?.kind === "order") return { kind: "admitted", credentials: "authorization", query: "", actor: order.who };
    if (authentication === undefined) {
      const admitted: Admission = { kind: "admitted", credentials: "none", query: context.query, isOwner: true };
      return this.#originError(request, context, upgrade) ?? admitted;
    }
    const query = withoutTokenParameter(context.query);
    if (query !== context.query && !upgrade && request.method === "GET" && authentication.exchange !== undefined) {
      return exchangeToken(authentication as Required<Authentication>, context, query);
    }
    if (route.who === "anyone") {
      return this.#originError(request, context, upgrade) ?? { kind: "admitted", credentials: "none", query };
    }
    const verdict = authentication.authenticate(request, context);
    const decide = (known: Verdict) => this.#decide(known, authentication, { request, context, route, upgrade, query });
    return verdict instanceof Promise ? verdict.then(decide) : decide(verdict);
  }

  /** RULES R15: only that share's cookie counts here, in every mode. */
  #admitToShare(request: IncomingMessage, context: RequestContext, route: ShareRoute, upgrade: boolean): Admission {
    const foreign = this.#originError(request, context, upgrade);
    if (foreign !== undefined) return foreign;
    const { query } = context;
    if (route.who === "anyone") return { kind: "admitted", credentials: "none", query };
    const verdict = this.#options.guests?.identify(request, context, route.share) ?? noGuests;
    if (verdict.kind === "refused") {
      // What a person opened leads to the page that says so, by the same cookie, and clears it (RULES R15).
      const location = `${context.baseUrl}share/${route.share}/`;
      if (!upgrade && isTopLevelNavigation(request)) return { kind: "login", location, cookies: [] };
      return verdict;
    }
    const token = tokenOfAuthorization(request.headers.authorization);
    const credentials = token === undefined ? "cookie" : "authorization";
    return { kind: "admitted", credentials, query: withoutTokenParameter(query), guest: verdict.session };
  }

  #decide(
    verdict: Verdict,
    authentication: Authentication,
    { request, context, route, upgrade, query }: Question,
  ): Admission {
    if (verdict.kind === "refused") return verdict;
    if (verdict.kind === "unknown") {
      if (upgrade || !isTopLevelNavigation(request)) return refused(new GatewayError("LOGIN_REQUIRED"));
      const next = `${context.baseUrl}${context.path.slice(1)}${query}`;
      return { kind: "login", ...authentication.beginLogin(request, context, next) };
    }
    const { by, hidesAuthorization, visitor, recheck } = verdict;
    if (visitor !== undefined && route.kind === "api" && !(visitor.readsApi && isSafe(request))) {
      return refused(new GatewayError("OWNER_ONLY", { owner: visitor.owner, user: visitor.name }));
    }
    const foreign = by === "cookie" ? this.#originError(request, context, upgrade) : undefined;
    const credentials = hidesAuthorization ? "authorization" : by;
    return foreign ?? { kind: "admitted", credentials, query, recheck, isOwner: visitor === undefined };
  }

  #originError(request: IncomingMessage, context: RequestContext, upgrade: boolean): Admission | undefined {
    const origin = foreignOrigin(request, upgrade, this.#options.allowedOrigins);
    if (origin === undefined) return undefined;
    return refused(new GatewayError("ORIGIN_REFUSED", { origin, host: context.host }));
  }
}

type ShareRoute = Extract<Route, { readonly share: string }>;

const noGuests: GuestVerdict = { kind: "refused", error: new GatewayError("SHARE_LOGIN"), cookies: [] };

interface Question {
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly route: Route;
  readonly upgrade: boolean;
  readonly query: string;
}

/** A login link: the token becomes a cookie and leaves the address bar. */
async function exchangeToken(
  authentication: Required<Authentication>,
  context: RequestContext,
  query: string,
): Promise<Admission> {
  const token = new URLSearchParams(context.query).get("token") ?? "";
  const exchanged = await authentication.exchange(token, context);
  if (exchanged instanceof GatewayError) return refused(exchanged);
  const location = `${context.baseUrl}${context.path.slice(1)}${query}`;
  return { kind: "logged-in", location, cookies: [exchanged.cookie] };
}

function hostRefused(host: string, hosts: AllowedHosts): GatewayError {
  return new GatewayError("HOST_REFUSED", { host, name: hostnameOf(host) ?? host, allowed: hosts.toString() });
}

/** Whether a person opened this address: only then does a page make sense (RULES R1). */
export function isNavigation(request: IncomingMessage): boolean {
  if (request.method !== "GET") return false;
  const mode = request.headers["sec-fetch-mode"];
  if (mode !== undefined) return mode === "navigate";
  return (request.headers.accept ?? "").includes("text/html");
}

/** A login in a frame would not be shown: the hub lets nobody frame it. */
function isTopLevelNavigation(request: IncomingMessage): boolean {
  const destination = request.headers["sec-fetch-dest"];
  return isNavigation(request) && (destination === undefined || destination === "document");
}

function refused(error: GatewayError): Admission {
  return { kind: "refused", error };
}
