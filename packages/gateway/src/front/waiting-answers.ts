import type { IncomingMessage } from "node:http";
import type { Route } from "../access/routes.ts";
import type { Apps } from "../apps/apps.ts";
import type { GatewayError } from "../base/errors.ts";
import { errorHeaders } from "../http/answer.ts";
import { asDeclared } from "../http/content-type.ts";
import { isolate } from "../http/isolation.ts";
import { isNavigation, isPersonsNavigation } from "../http/navigation.ts";
import { reportType, type WaitingPageContent, waitingPage } from "../http/pages/waiting.ts";
import type { RequestExchange } from "./exchange.ts";

/** A person waits this long for an app before they get its starting page. Milliseconds. */
const appPatience = 1_000;

type Answerable = Pick<RequestExchange, "request" | "response" | "route">;

/** Pages for programs that do not answer yet: on a port, or an app that starts. */
export class WaitingAnswers {
  readonly #apps: Apps;
  readonly #status: "error" | "200";

  /** @param status of the pages: that of the error, or 200 for ingresses that replace error pages */
  constructor(apps: Apps, status: "error" | "200") {
    this.#apps = apps;
    this.#status = status;
  }

  /** How long a request waits for an app's start. Persons then get its starting page; programs wait to its end. */
  patienceOf(request: IncomingMessage): { readonly patience?: number } {
    return isPersonsNavigation(request) ? { patience: appPatience } : {};
  }

  /**
   * Answers our starting page, which asks for the state of its app. The app itself never gets such a request.
   * @returns whether it was one
   */
  answerReport({ request, response, route }: Answerable): boolean {
    if (route.kind !== "app" || request.method !== "GET" || request.headers.accept !== reportType) return false;
    const { state, log } = this.#apps.report(route.name);
    isolate(request, response);
    response
      .writeHead(200, { "Content-Type": reportType, "Cache-Control": "no-store", ...asDeclared })
      .end(JSON.stringify({ state, log }));
    return true;
  }

  /** @returns false if this error has no such page, or the request is not for a page */
  answer({ request, response, route }: Answerable, error: GatewayError): boolean {
    if (response.headersSent || !isNavigation(request)) return false;
    const content = this.#content(route, error);
    if (content === undefined) return false;
    isolate(request, response);
    const page = waitingPage({ ...content, error });
    const status = this.#status === "200" ? 200 : error.status;
    response.writeHead(status, { ...errorHeaders(error), "Retry-After": "1", ...page.headers }).end(page.html);
    return true;
  }

  #content(route: Route, error: GatewayError): Omit<WaitingPageContent, "error"> | undefined {
    if (error.code === "APP_STARTING" && route.kind === "app") {
      const { title, log } = this.#apps.report(route.name);
      const waitsFor = `Waiting for “${title}” to start`;
      return { title: `${title} is starting`, waitsFor, log };
    }
    const isPort = route.kind === "port" || (route.kind === "share" && route.authority !== "");
    if (error.code !== "BACKEND_UNREACHABLE" || !isPort) return undefined;
    const { backend = "", reason = "" } = error.details;
    const waitsFor = `Nothing answers on ${backend} yet. Waiting until a program does.`;
    return { title: `Waiting for ${backend}`, waitsFor, detail: String(reason) };
  }
}
