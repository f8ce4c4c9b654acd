import type { IncomingMessage, ServerResponse } from "node:http";
import { answerContent } from "../http/answer.ts";
import { asDeclared } from "../http/content-type.ts";
import { hostnameOf } from "../http/hosts.ts";
import type { RequestContext } from "../http/request-context.ts";
import { namesHash } from "./webview-origin.ts";
import type { Webviews } from "./webviews.ts";

/** The folder of VS Code's own files for webviews, below the IDE server's static files. */
const folder = "out/vs/workbench/contrib/webview/browser/pre/";

/** Sends a static file of the IDE server. @param path begins with `/<quality>-<commit>/static/`; other versions are refused */
export type SendStatic = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

/**
 * `/webviews/<quality>-<commit>/<file>`: the three files that webviews are made of, the same for everybody, and a page that
 * tells whether a browser can use them here. It is all that is answered on the origins of webviews.
 */
export class WebviewFiles {
  readonly #webviews: Webviews;
  readonly #send: SendStatic;

  constructor(webviews: Webviews, send: SendStatic) {
    this.#webviews = webviews;
    this.#send = send;
  }

  /** @param path below `/webviews` */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    context: Pick<RequestContext, "host" | "scheme">,
  ): Promise<void> {
    const [, version, file = ""] = /^\/([a-z]+-[0-9a-z]+)\/([a-z-]+\.(?:html|js))$/.exec(path) ?? [];
    for (const [name, value] of Object.entries(headersFor(file, context))) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      return answerContent(response, { status: 405, type: "text/plain; charset=utf-8", body: "Method not allowed" });
    }
    if (version === undefined)
      return answerContent(response, { status: 404, type: "text/plain; charset=utf-8", body: "Not found" });
    if (file === "probe.html") return answerContent(response, { type: "text/html; charset=utf-8", body: probePage });
    if (file === "probe.js")
      return answerContent(response, {
        type: "text/javascript; charset=utf-8",
        body: probeScript(this.#webviews.instance),
      });
    await this.#send(request, response, `/${version}/static/${folder}${file}`);
  }
}

function headersFor(file: string, { host, scheme }: Pick<RequestContext, "host" | "scheme">): Record<string, string> {
  // Only pages of the same name may frame them; or the name holds a hash of the page's origin, which VS Code's script compares.
  const framers = namesHash(host) ? undefined : `'self' ${scheme}://${hostnameOf(host) ?? ""}:*`;
  const policies = [
    ...(file === "probe.html" ? ["default-src 'none'", "script-src 'self'"] : []),
    ...(framers === undefined ? [] : [`frame-ancestors ${framers}`]),
  ];
  return {
    ...(policies.length === 0 ? {} : { "Content-Security-Policy": policies.join("; ") }),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "no-referrer",
    ...asDeclared,
  };
}

const probePage = `<!doctype html><meta charset="utf-8"><title>WAIIDE</title><script src="probe.js"></script>\n`;

/** Nothing secret goes to whoever frames it: the number tells gateways apart, no more. */
function probeScript(instance: string): string {
  return `"use strict";
const answer = (usable) => parent.postMessage({ waiide: "${instance}", usable }, "*");
// Where the browser permits no service worker, webviews stay blank.
(navigator.serviceWorker?.getRegistration() ?? Promise.reject()).then(() => answer(true), () => answer(false));
`;
}
