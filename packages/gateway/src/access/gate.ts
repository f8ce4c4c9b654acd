import type { IncomingMessage } from "node:http";
import { GatewayError } from "../base/errors.ts";
import { type AllowedHosts, hostnameOf } from "../http/hosts.ts";
import { isPreflight, isTopLevelNavigation } from "../http/navigation.ts";
import { foreignOrigin, isSafe } from "../http/origin.ts";
import { type PageHolder, type PageProofs, proofOf } from "../http/page-proof.ts";
import type { RequestContext } from "../http/request-context.ts";
import { tokenParameters, withoutTokens } from "../proxy/token-parameters.ts";
import { type Authentication, type Credentials, tokenOfAuthorization, type Verdict } from "./authentication.ts";
import { isForeignVisit } from "./foreign-visit.ts";
import type { GuestGate, GuestSession, GuestVerdict } from "./guests.ts";
import type { OrderJudge } from "./orders.ts";
import { demandOf, isFromBrowser, isOpened, isTyped } from "./page-demand.ts";
import type { PortLogins } from "./port-logins.ts";
import type { PortNames } from "./port-names.ts";
import type { Route } from "./routes.ts";
import type { Recheck } from "./socket-watch.ts";

/** The gate's decision. `credentials` says which headers carried a secret of ours. */
export type Admission =
  | {
      readonly kind: "admitted";
      readonly credentials: Credentials | "none";
      readonly query: string;
      /** Set where logins can end while a socket is open. */
      readonly recheck?: Recheck | undefined;
      /** Set for guests, who can use only their share. */
      readonly guest?: GuestSession;
      /** Whether this is the owner, as opposed to others who may use the IDE. */
      readonly isOwner?: boolean;
      /** Who acts in place of the owner, for the audit. */
      readonly actor?: string;
      /** The person for whom a page of ours is made now. */
      readonly holder?: PageHolder;
    }
  | { readonly kind: "refused"; readonly error: GatewayError; readonly cookies?: readonly string[] }
  /** A redirect to the login, or from a login link to its page; `cookies` are `Set-Cookie` values. */
  | { readonly kind: "login" | "logged-in"; readonly location: string; readonly cookies: readonly string[] }
  /** A login arrived on a port's own name. */
  | { readonly kind: "entered"; readonly location: string; readonly cookies: readonly string[] }
  /** Another site sent the person to a program: they are asked first. */
  | { readonly kind: "question" };

interface GateOptions {
  /** Untrusted scripts may run on the webviews' origins, so nothing else is served there (RULES R18). */
  readonly webviews?: { isHost(host: string): boolean };
  /** Undefined behind a hub: its proxy decides which host names lead here. */
  readonly hosts: AllowedHosts | undefined;
  readonly allowedOrigins: readonly string[];
  readonly pages: Pick<PageProofs, "isFor">;
  /** Whether pages of other people can have our origin, as on a hub. Default: no. */
  readonly sharesOrigin?: boolean;
  /** Where the hub's pages are, on our origin or another; begins and ends with `/`. Default: there is none. */
  readonly hubPath?: string | undefined;
  /** Whether programs on ports answer CORS preflights without a login. Default: no. */
  readonly skipAuthPreflight?: boolean;
  /** Undefined with `--auth none`. */
  readonly authentication: Authentication | undefined;
  /** Undefined if nothing can be shared. */
  readonly guests?: GuestGate;
  /** Behind a hub: decides about orders of its administrators. */
  readonly orders?: OrderJudge | undefined;
  /** Undefined where ports have no names of their own. */
  readonly portNames?: { readonly names: Pick<PortNames, "isMain">; readonly logins: PortLogins };
}

/** RULES R1: the one place that decides who gets in, for requests and upgrades alike, before anything is proxied. */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Synchronous unless the hub must be asked: this runs for every request. */
  admit(
    request: IncomingMessage,
    context: RequestContext,
    route: Route,
    upgrade: boolean,
  ): Admission | Promise<Admission> {
    const { hosts, authentication, webviews } = this.#options;
    if (webviews?.isHost(context.host)) {
      return route.kind === "webview" && !upgrade ? anonymous : refused(nothingThere(context));
    }
    // RULES R35: nothing of ours is on such a name, and the part that answers judges the cookie.
    if (route.kind === "app-host") return noCredentials(context);
    const named = namedPort(route);
    // A name that says a port is one of ours by its spelling.
    if (hosts !== undefined && !named && route.kind !== "port-entry" && !hosts.allows(context.host)) {
      return refused(hostRefused(context.host, hosts));
    }
    if (route.kind === "webview" && !upgrade) return anonymous;
    // RULES R31: neither cookie nor login counts here, and the part that answers judges the token in the path.
    if (route.kind === "shared-app") return { kind: "admitted", credentials: "none", query: context.query };
    if (route.kind === "port-entry") return this.#enterPort(request, context, upgrade);
    if (named) this.#options.portNames?.logins.requireServed();
    if ("share" in route) {
      const admit = () => this.#admitToShare({ request, context, route, upgrade });
      return this.#options.guests?.reading?.then(admit) ?? admit();
    }
    const order = route.kind === "api" && !upgrade ? this.#options.orders?.judge(request, context) : undefined;
    if (order?.kind === "refused") return order;
    if (order?.kind === "order") return { kind: "admitted", credentials: "authorization", query: "", actor: order.who };
    const question = { request, context, route, upgrade };
    // Before the login, so that nobody is sent through it to a place that they did not choose.
    if (this.#isForeignVisit(question)) return { kind: "question" };
    if (this.#options.skipAuthPreflight && route.kind === "port" && isPreflight(request)) return noCredentials(context);
    if (authentication === undefined) {
      const admitted: Admitted = { ...noCredentials(context), isOwner: true, holder: "owner" };
      return this.#refusal(question, "owner") ?? admitted;
    }
    if (named) return this.#admitToNamedPort(question, authentication);
    if (authentication.exchange !== undefined && !upgrade && request.method === "GET") {
      const exchanging = exchangeToken(authentication as Exchanging, question);
      if (exchanging !== undefined) return exchanging;
    }
    if (route.who === "anyone") {
      const refusal = this.#refusal(question, undefined);
      return refusal === undefined ? noCredentials(context) : this.#unlessByToken(refusal, authentication, question);
    }
    const verdict = authentication.authenticate(request, context);
    const decide = (known: Verdict) => this.#decide(known, authentication, question);
    return verdict instanceof Promise ? verdict.then(decide) : decide(verdict);
  }

  #isForeignVisit({ request, context, route, upgrade }: Question): boolean {
    const { allowedOrigins, authentication, portNames } = this.#options;
    const isNamed = namedPort(route);
    const isTrusted = (origin: string) =>
      allowedOrigins.includes(origin) || (isNamed && portNames?.names.isMain(origin, context) === true);
    // A port's own name has none of the hub's pages.
    const hubPath = isNamed ? undefined : this.#options.hubPath;
    if (!isForeignVisit(request, route, upgrade, isTrusted, hubPath)) return false;
    return authentication?.returnsFromLogin?.(request, addressOf(context)) !== true;
  }

  /** RULES R32: a code, and the browser in which its login began, are all that count here. */
  #enterPort(request: IncomingMessage, context: RequestContext, upgrade: boolean): Admission {
    const { portNames } = this.#options;
    if (portNames === undefined || upgrade || !isTopLevelNavigation(request)) return refused(nothingThere(context));
    return { kind: "entered", ...portNames.logins.enter(request, context) };
  }

  /**
   * RULES R32: on a port's own name its cookie alone counts, in place of the cookies of the login that it stands for. Headers
   * and the rest are judged as everywhere.
   */
  #admitToNamedPort(question: Question, authentication: Authentication): Admission | Promise<Admission> {
    const { request, context, upgrade } = question;
    const logins = this.#options.portNames?.logins;
    const verdict = authentication.authenticate(withCookies(request, logins?.loginOf(request, context) ?? ""), context);
    const decide = (known: Verdict): Admission | Promise<Admission> => {
      if (known.kind !== "unknown") return this.#decide(known, authentication, question);
      if (logins === undefined || upgrade || !isTopLevelNavigation(request)) {
        return refused(new GatewayError("LOGIN_REQUIRED"));
      }
      return { kind: "login", ...logins.begin(request, context) };
    };
    return verdict instanceof Promise ? verdict.then(decide) : decide(verdict);
  }

  /** RULES R15: only that share's cookie counts here, in every mode. */
  #admitToShare(question: Question & { readonly route: ShareRoute }): Admission | Promise<Admission> {
    const { request, context, route, upgrade } = question;
    const { authentication } = this.#options;
    if (route.who === "anyone") {
      const refusal = this.#refusal(question, undefined) ?? this.#loginRefusal(question);
      return refusal === undefined ? noCredentials(context) : this.#unlessByToken(refusal, authentication, question);
    }
    const foreign = this.#originError(question);
    if (foreign !== undefined) return foreign;
    const { guests } = this.#options;
    const verdict = (guests && identifyGuest(guests, question)) ?? noGuests;
    if (verdict.kind === "refused") {
      // A person is sent to the share's page, which reads the same cookie, says what ended, and clears it (RULES R15).
      const page = `${context.baseUrl}share/${route.share}/`;
      // The page for copies says where the copy goes, and the share's page leads back to it.
      const isCopy = context.path === `/share/${route.share}/copy`;
      const location = isCopy ? `${page}${context.query}` : page;
      if (!upgrade && isTopLevelNavigation(request)) return { kind: "login", location, cookies: [] };
      return verdict;
    }
    const { session } = verdict;
    const holder: PageHolder = `guest:${session.id}`;
    const token = tokenOfAuthorization(request.headers.authorization);
    const credentials = token === undefined ? "cookie" : "authorization";
    const admitted: Admitted = { kind: "admitted", credentials, query: context.query, guest: session, holder };
    const owns = (value: string) => this.#options.guests?.owns(route.share, value) === true;
    return this.#pageError(question, holder) ?? withoutOwnTokens(admitted, owns);
  }

  #decide(verdict: Verdict, authentication: Authentication, question: Question): Admission | Promise<Admission> {
    const { request, context, route, upgrade } = question;
    const { query } = context;
    if (verdict.kind === "refused") return verdict;
    if (verdict.kind === "unknown") {
      if (upgrade || !isTopLevelNavigation(request)) return refused(new GatewayError("LOGIN_REQUIRED"));
      return { kind: "login", ...authentication.beginLogin(request, context, addressOf(context)) };
    }
    const { by, hidesAuthorization, visitor, recheck, holder, opensSession } = verdict;
    if (visitor !== undefined && route.kind === "api" && !(visitor.readsApi && isSafe(request))) {
      return refused(new GatewayError("OWNER_ONLY", { owner: visitor.owner, user: visitor.name }));
    }
    const refusal = by === "cookie" ? this.#refusal(question, holder) : undefined;
    if (refusal !== undefined) return refusal;
    if (opensSession !== undefined && !upgrade && !namedPort(route) && isTopLevelNavigation(request)) {
      const { token, cookie } = opensSession;
      const location = `${context.baseUrl}${context.path.slice(1)}${withoutTokens(query, new Set([token]))}`;
      return { kind: "logged-in", location, cookies: [cookie()] };
    }
    const shown = by === "address" ? "none" : by;
    const credentials = hidesAuthorization ? "authorization" : shown;
    const isOwner = visitor === undefined;
    const admitted: Admitted = { kind: "admitted", credentials, query, recheck, isOwner, holder };
    return isForward(route)
      ? withoutOwnTokens(admitted, (token) => authentication.owns(token, context.clientAddress))
      : admitted;
  }

  /** RULES R5, for credentials that a browser adds by itself. */
  #refusal(question: Question, holder: PageHolder | undefined): Admission | undefined {
    return this.#originError(question) ?? this.#pageError(question, holder);
  }

  #originError({ request, context, upgrade }: Question): Admission | undefined {
    const origin = foreignOrigin(request, upgrade, this.#options.allowedOrigins);
    if (origin === undefined) return undefined;
    return refused(new GatewayError("ORIGIN_REFUSED", { origin, host: context.host }));
  }

  #pageError({ request, context, route, upgrade }: Question, holder: PageHolder | undefined): Admission | undefined {
    if (!this.#isFromBrowser(request)) return undefined;
    const demand = demandOf(request, route, context, upgrade);
    if (demand === "nothing") return undefined;
    if (demand === "page") return isOpened(request) ? undefined : refused(new GatewayError("PAGE_NOT_OPENED"));
    return isTyped(request) || this.#isProven(request, context, holder) ? undefined : pageUnknown();
  }

  /** A share's landing page acts for the person who is logged in at the hub, so the page must be theirs. */
  #loginRefusal({ request, context }: Question): Admission | undefined {
    if (isSafe(request) || !this.#isFromBrowser(request)) return undefined;
    const login = this.#options.authentication?.loginOf?.(request);
    return login === undefined || this.#isProven(request, context, login) ? undefined : pageUnknown();
  }

  #isFromBrowser(request: IncomingMessage): boolean {
    return isFromBrowser(request, this.#options.sharesOrigin ?? false);
  }

  #isProven(request: IncomingMessage, context: RequestContext, holder: PageHolder | undefined): boolean {
    return holder !== undefined && this.#options.pages.isFor(holder, proofOf(request, context));
  }

  /** No page can send another person's `Authorization`: a request with the right one comes from a program. */
  async #unlessByToken(
    refusal: Admission,
    authentication: Authentication | undefined,
    { request, context }: Question,
  ): Promise<Admission> {
    if (authentication === undefined || tokenOfAuthorization(request.headers.authorization) === undefined) {
      return refusal;
    }
    const verdict = await authentication.authenticate(request, context);
    return verdict.kind === "admitted" && verdict.by === "authorization" ? noCredentials(context) : refusal;
  }
}

function identifyGuest(
  guests: GuestGate,
  { request, context, route }: Question & { readonly route: ShareRoute },
): GuestVerdict {
  const part = route.kind === "share" ? route.part : undefined;
  if (part === "repository") return guests.identifyGit(request, route.share);
  if (part === "copy") return guests.identifyCopy(request, context, route.share);
  return guests.identify(request, context, route.share);
}

type ShareRoute = Extract<Route, { readonly share: string }>;

const noGuests: GuestVerdict = { kind: "refused", error: new GatewayError("SHARE_LOGIN"), cookies: [] };

interface Question {
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly route: Route;
  readonly upgrade: boolean;
}

type Admitted = Extract<Admission, { kind: "admitted" }>;
type Exchanging = Required<Pick<Authentication, "exchange">> & Authentication;

function noCredentials({ query }: RequestContext): Admitted {
  return { kind: "admitted", credentials: "none", query };
}

/**
 * A login link: exchanges its token for a cookie and removes it from the address bar.
 * @returns undefined if the query has no token, or only an app's from a person who is logged in
 */
function exchangeToken(authentication: Exchanging, { request, context }: Question): Promise<Admission> | undefined {
  const tokens = tokenParameters(context.query);
  if (tokens.length === 0) return undefined;
  const own = tokens.find((token) => authentication.owns(token, context.clientAddress) === true);
  if (own !== undefined) return loggedIn(authentication, context, own);
  const header = tokenOfAuthorization(request.headers.authorization);
  const isIn =
    authentication.isLoggedIn(request) ||
    (header !== undefined && authentication.owns(header, context.clientAddress) === true);
  return isIn ? undefined : loggedIn(authentication, context, tokens[0] ?? "");
}

async function loggedIn(authentication: Exchanging, context: RequestContext, token: string): Promise<Admission> {
  const exchanged = await authentication.exchange(token, context);
  if (exchanged instanceof GatewayError) return refused(exchanged);
  const query = withoutTokens(context.query, new Set([token]));
  const location = `${context.baseUrl}${context.path.slice(1)}${query}`;
  return { kind: "logged-in", location, cookies: [exchanged.cookie] };
}

function namedPort(route: Route): boolean {
  return route.kind === "port" && route.named === true;
}

/** The same request with other cookies. */
function withCookies(request: IncomingMessage, cookie: string): IncomingMessage {
  const headers = { ...request.headers, cookie };
  return Object.create(request, { headers: { value: headers } }) as IncomingMessage;
}

/** Whether a program behind us gets the query; our own routes ignore such parameters. */
function isForward({ kind }: Route): boolean {
  return kind === "ide" || kind === "port" || kind === "app";
}

/** RULES R4: removes `token` parameters that hold a secret of ours; an app's own pass byte for byte. */
function withoutOwnTokens(
  admitted: Admitted,
  owns: (token: string) => boolean | Promise<boolean>,
): Admission | Promise<Admission> {
  const tokens = tokenParameters(admitted.query);
  if (tokens.length === 0) return admitted;
  const answers = tokens.map(owns);
  const remove = (areOwn: readonly boolean[]): Admission => {
    const own = new Set(tokens.filter((_token, index) => areOwn[index]));
    return { ...admitted, query: withoutTokens(admitted.query, own) };
  };
  const known = answers.filter((answer) => typeof answer === "boolean");
  return known.length === answers.length ? remove(known) : Promise.all(answers).then(remove);
}

function hostRefused(host: string, hosts: AllowedHosts): GatewayError {
  return new GatewayError("HOST_REFUSED", { host, name: hostnameOf(host) ?? host, allowed: hosts.toString() });
}

function addressOf({ baseUrl, path, query }: RequestContext): string {
  return `${baseUrl}${path.slice(1)}${query}`;
}

const anonymous: Admission = { kind: "admitted", credentials: "none", query: "" };

function nothingThere({ path, baseUrl: base }: RequestContext): GatewayError {
  return new GatewayError("NOT_FOUND", { path, base });
}

function refused(error: GatewayError): Admission {
  return { kind: "refused", error };
}

function pageUnknown(): Admission {
  return refused(new GatewayError("PAGE_UNKNOWN"));
}
