import type { IncomingMessage, ServerResponse } from "node:http";
import type { WorkbenchManifest } from "@waiide/protocol";
import type { AppNames } from "../../access/app-names.ts";
import { answerRedirect } from "../../http/answer.ts";
import type { PageProofs } from "../../http/page-proof.ts";
import { html } from "../../http/pages/html.ts";
import { type Page, renderPage } from "../../http/pages/page.ts";
import type { RequestContext } from "../../http/request-context.ts";
import type { HubAuthentication } from "../../hub/hub-authentication.ts";
import { landingPage } from "../../pages/landing.ts";
import { outerPage } from "../../pages/outer.ts";
import { missingWorkbenchPage, workbenchPage } from "../../pages/workbench.ts";
import type { GuestSessions } from "../guests/guest-sessions.ts";
import type { PublicOrigin } from "../records/public-origin.ts";
import type { ShareTable } from "../records/table.ts";
import type { StoredSession } from "../store/stored.ts";
import type { WorkbenchFiles } from "./workbench-files.ts";

export interface SharePagesOptions {
  readonly guestSessions: GuestSessions;
  readonly table: ShareTable;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  readonly workbench: WorkbenchFiles;
  readonly pages: PageProofs;
  readonly origin: PublicOrigin;
  readonly names: AppNames;
  /** Knows the people that shares name; undefined without a hub. */
  readonly hub: { readonly authentication: Pick<HubAuthentication, "loginOf"> } | undefined;
}

/** The page at `share/<id>/`: the landing page for everyone, and for guests what is shared. */
export class SharePages {
  readonly #options: SharePagesOptions;

  constructor(options: SharePagesOptions) {
    this.#options = options;
  }

  /** @param token of `?token=`, an old form of links: it is moved to the fragment, which no server sees */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    origination: Pick<RequestContext, "scheme">,
    id: string,
    token: string | undefined,
  ): Promise<void> {
    const { guestSessions, baseUrl, hub, pages } = this.#options;
    const sharePath = `${baseUrl}share/${encodeURIComponent(id)}/`;
    const verdict = guestSessions.identify(request, origination, id);
    if (token !== undefined) {
      answerRedirect(response, 303, `${sharePath}#${encodeURIComponent(token)}`);
    } else if (verdict.kind === "unread") {
      const { status, message, action } = guestSessions.unavailable;
      const page = renderPage({ title: "Not ready yet", body: html`<p>${message}</p><p>${action}</p>` });
      response.writeHead(status, { ...page.headers, "Retry-After": "1" }).end(page.html);
    } else if (verdict.kind === "session") {
      await this.#answerGuest(request, response, verdict.session, sharePath);
    } else {
      const cookies = verdict.kind === "none" ? [] : [guestSessions.dropCookie(origination, id)];
      const wasIn = verdict.kind === "wrong";
      const login = hub?.authentication.loginOf(request);
      const proof = login && pages.of(login);
      const ahead = await this.#filesOfWorkbench();
      const hasAppHosts = this.#options.names.originOf(id) !== undefined;
      const page = landingPage({ sharePath, wasIn, hasHub: hub !== undefined, hasAppHosts, ahead, proof });
      answerPage(request, response, page, cookies);
    }
  }

  async #answerGuest(
    request: IncomingMessage,
    response: ServerResponse,
    session: StoredSession,
    sharePath: string,
  ): Promise<void> {
    const { table, workbench, pages } = this.#options;
    const share = table.shareFor(session) ?? table.require(session.share);
    if (share.level === "terminal") {
      // The empty fragment replaces the link's, which browsers would keep (Fetch §4.4).
      answerRedirect(response, 303, `${sharePath}ide/#`);
      return;
    }
    const manifest = await workbench.manifest();
    if (manifest === undefined) return answerPage(request, response, missingWorkbenchPage());
    const proof = pages.of(`guest:${session.id}`);
    const assets = this.#assetsOf(manifest);
    if (share.level === "app") {
      const hosts = this.#hostsOf(request);
      const own = this.#options.names.originOf(share.id);
      return answerPage(request, response, outerPage({ manifest, sharePath, assets, hosts, own, proof }));
    }
    answerPage(request, response, workbenchPage({ manifest, share: share.id, sharePath, assets, proof }));
  }

  /** What the page of a guest loads first. */
  async #filesOfWorkbench(): Promise<string[]> {
    const manifest = await this.#options.workbench.manifest();
    if (manifest === undefined) return [];
    const { entry, styles, preload } = manifest;
    return [entry, ...styles, ...preload].map((name) => `${this.#assetsOf(manifest)}${name}`);
  }

  #assetsOf({ hash }: WorkbenchManifest): string {
    return `${this.#options.baseUrl}share/assets/${hash}/`;
  }

  /** Where the browser may see the page: a proxy in front of us may have changed `Host`. */
  #hostsOf({ headers: { host } }: IncomingMessage): string[] {
    const isHost = host !== undefined && /^[\w.:[\]-]+$/.test(host);
    return [...new Set([...(isHost ? [host] : []), ...hostOf(this.#options.origin.value)])];
  }
}

/** Of the public origin, `share.example`. */
function hostOf(origin: string | undefined): string[] {
  return origin === undefined ? [] : [new URL(origin).host];
}

function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  page: Page,
  cookies: readonly string[] = [],
): void {
  response
    .writeHead(200, { ...page.headers, ...(cookies.length === 0 ? {} : { "Set-Cookie": [...cookies] }) })
    .end(request.method === "HEAD" ? undefined : page.html);
}
