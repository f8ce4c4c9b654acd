import type { IncomingMessage, ServerResponse } from "node:http";
import type { Route } from "./access/routes.ts";
import type { Apps } from "./apps/apps.ts";
import type { GatewayError } from "./base/errors.ts";
import { errorHeaders } from "./http/answer.ts";
import { isolate } from "./http/isolation.ts";
import { isNavigation, isPersonsNavigation } from "./http/navigation.ts";
import { reportType, type WaitingPageContent, waitingPage } from "./http/pages/waiting.ts";

/** How long a person sees nothing of an app that starts. Milliseconds. */
const appPatience = 1_000;

/** Pages for what is not there yet, and may be soon: a program on a port, an app that starts. */
export class WaitingAnswers {
  readonly #apps: Apps;
  readonly #status: "error" | "200";

  /** @param status that of the error, or 200 for ingresses that replace the pages of errors */
  constructor(apps: Apps, status: "error" | "200") {
    this.#apps = apps;
    this.#status = status;
  }

  /** What an app's start may take before a person gets its starting page; programs wait to its end. */
  patienceOf(request: IncomingMessage): { readonly patience?: number } {
    return isPersonsNavigation(request) ? { patience: appPatience } : {};
  }

  /** @returns whether a page of ours asked how an app is, which is answered then, and no word of it reaches the app */
  answerReport(request: IncomingMessage, response: ServerResponse, route: Route): boolean {
    if (route.kind !== "app" || request.method !== "GET" || request.headers.accept !== reportType) return false;
    const { state, log } = this.#apps.report(route.name);
    isolate(request, response);
    response
      .writeHead(200, { "Content-Type": reportType, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" })
      .end(JSON.stringify({ state, log }));
    return true;
  }

  /** @returns whether this error has such a page, and this request is for a page */
  answer(request: IncomingMessage, response: ServerResponse, route: Route, error: GatewayError): boolean {
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
