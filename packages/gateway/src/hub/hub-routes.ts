import { Type } from "typebox";
import type { RouteHost } from "../access/route-host.ts";
import { type Finding, FindingSchema } from "../base/finding.ts";
import { answerRedirect } from "../http/answer.ts";
import type { TrustedProxies } from "../http/forwarded.ts";
import { type Hub, hubAddress } from "./hub.ts";
import { CallbackQuery, completeLogin } from "./hub-login.ts";

export interface HubRoutesOptions {
  readonly hub: Hub;
  readonly trustedProxies: TrustedProxies;
  /** What `waiide doctor` says about the hub. */
  readonly checkHub: () => Promise<Finding[]>;
}

/** The end of a login at the hub, and the logout. */
export function addHubRoutes(api: RouteHost, { hub, trustedProxies, checkHub }: HubRoutesOptions): void {
  const { authentication } = hub;
  api.get(
    "/oauth_callback",
    { config: { who: "anyone" }, schema: { summary: "The hub's login returns here", querystring: CallbackQuery } },
    async (request, reply) => {
      const { scheme } = trustedProxies.originationOf(request.raw);
      const { next, cookies } = await completeLogin(hub, request.raw, request.query, scheme);
      reply.hijack();
      answerRedirect(reply.raw, 303, next, cookies);
    },
  );
  api.get(
    "/api/hub/checks",
    {
      config: { who: "owner" },
      schema: {
        summary: "What “waiide doctor” says about the hub",
        response: { 200: Type.Object({ findings: Type.Array(FindingSchema) }) },
      },
    },
    async () => ({ findings: await checkHub() }),
  );
  api.get(
    "/logout",
    { config: { who: "anyone" }, schema: { summary: "Ends the login here, then at the hub" } },
    (request, reply) => {
      const { scheme } = trustedProxies.originationOf(request.raw);
      const cookies = authentication.closeSession(request.raw, scheme);
      reply.hijack();
      answerRedirect(reply.raw, 303, `${hubAddress(hub.settings)}logout`, cookies);
    },
  );
}
