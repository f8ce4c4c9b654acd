import type { IncomingMessage, ServerResponse } from "node:http";
import { landingPage } from "../pages/landing.ts";
import type { Page } from "../pages/page.ts";
import { answerRedirect } from "../server/answer.ts";
import type { RequestContext } from "../server/request-context.ts";
import type { Entrance } from "./entrance.ts";
import type { Shares } from "./shares.ts";
import type { StoredSession, StoredShare } from "./stored.ts";

export interface SharePagesOptions {
  readonly entrance: Entrance;
  readonly shares: Shares;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** The guest workbench's page for a share. */
  readonly workbench: (share: StoredShare, session: StoredSession, sharePath: string) => Page;
}

/** What `share/<id>/` shows: the landing page to everybody alike, and to who has come in what is shared. */
export class SharePages {
  readonly #options: SharePagesOptions;

  constructor(options: SharePagesOptions) {
    this.#options = options;
  }

  /** @param token of `?token=`, an old form of links: it goes where no server sees it, and opens nothing by itself */
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    origination: Pick<RequestContext, "scheme">,
    id: string,
    token: string | undefined,
  ): void {
    const { entrance, baseUrl } = this.#options;
    const sharePath = `${baseUrl}share/${encodeURIComponent(id)}/`;
    const verdict = entrance.identify(request, origination, id);
    if (token !== undefined) {
      answerRedirect(response, 303, `${sharePath}#${encodeURIComponent(token)}`);
    } else if (verdict.kind === "session") {
      this.#answerGuest(request, response, verdict.session, sharePath);
    } else {
      const cookies = verdict.kind === "none" ? [] : [entrance.dropCookie(origination, id)];
      answerPage(request, response, landingPage({ sharePath }), cookies);
    }
  }

  #answerGuest(request: IncomingMessage, response: ServerResponse, session: StoredSession, sharePath: string): void {
    const { shares, workbench } = this.#options;
    const share = shares.require(session.share);
    if (share.level === "terminal") answerRedirect(response, 303, `${sharePath}ide/`);
    else answerPage(request, response, workbench(share, session, sharePath));
  }
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
