import { Type } from "typebox";
import { answerRedirect } from "../server/answer.ts";
import type { Api } from "../server/api.ts";
import { GatewayError } from "../server/errors.ts";
import { type Finding, FindingSchema } from "../server/finding.ts";
import type { TrustedProxies } from "../server/forwarded.ts";
import { type Hub, hubAddress } from "./hub.ts";
import type { LoginState } from "./oauth.ts";
import { defaultSessionLife } from "./sessions.ts";

export interface HubRouteSources {
  readonly hub: Hub;
  readonly trustedProxies: TrustedProxies;
  /** What `waiide doctor` says about the hub. */
  readonly checkHub: () => Promise<Finding[]>;
}

/** RFC 6749 §4.1.2: a code, or an error. */
const CallbackQuery = Type.Object({
  code: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
  error_description: Type.Optional(Type.String()),
});

/** The end of the hub's login, and the way out. */
export function addHubRoutes(api: Api, { hub, trustedProxies, checkHub }: HubRouteSources): void {
  const { authentication } = hub;
  const base = hub.settings.servicePrefix;
  api.get(
    "/oauth_callback",
    { config: { who: "anyone" }, schema: { summary: "The hub's login comes back here", querystring: CallbackQuery } },
    async (request, reply) => {
      const { state: id = "", code, error, error_description: description } = request.query;
      const { scheme } = trustedProxies.originationOf(request.raw);
      const login = authentication.resumeLogin(request.raw, id);
      const goOn = (next: string, cookies: readonly string[]) => {
        reply.hijack();
        answerRedirect(reply.raw, 303, next, cookies);
      };
      if (login === undefined || login === "stale") {
        // The back button, a second tab, a server that was restarted: who is in goes on, who can log in does.
        if (login === "stale" || authentication.isLoggedIn(request.raw)) {
          return goOn(base, id === "" ? [] : [authentication.dropState(id, scheme)]);
        }
        const reason = "it began in another browser, or more than ten minutes ago";
        throw new GatewayError("HUB_LOGIN_FAILED", { reason, base });
      }
      login.used = true;
      if (code === undefined) {
        const reason = `the hub says “${(description ?? error ?? "no code").slice(0, 200)}”`;
        throw new GatewayError("HUB_LOGIN_FAILED", { reason, base });
      }
      const { token, life } = await finish(hub, login, code);
      const cookie = authentication.openSession(token, life, scheme);
      return goOn(login.next, [cookie, authentication.dropState(id, scheme)]);
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
    { config: { who: "anyone" }, schema: { summary: "Forgets the login, then logs out of the hub" } },
    (request, reply) => {
      const { scheme } = trustedProxies.originationOf(request.raw);
      const cookies = authentication.closeSession(request.raw, scheme);
      reply.hijack();
      answerRedirect(reply.raw, 303, `${hubAddress(hub.settings)}logout`, cookies);
    },
  );
}

/**
 * Exchanges the code, and asks whose token it is: one that the hub does not know itself would lead into a loop of logins.
 * Who may not enter is logged in all the same: the gate then says so without asking for another login.
 */
async function finish(hub: Hub, login: LoginState, code: string): Promise<{ token: string; life: number }> {
  const { client, logins, identities, settings } = hub;
  const answer = await logins.exchange(client, code, login);
  if (answer.kind === "unreachable") throw new GatewayError("HUB_UNREACHABLE", { reason: answer.reason });
  const fail = (reason: string) => new GatewayError("HUB_LOGIN_FAILED", { reason, base: settings.servicePrefix });
  if (answer.kind !== "ok") throw fail(`the hub says “${answer.reason.slice(0, 200)}”`);
  const { access_token: token, expires_in: life } = Object(answer.body) as Record<string, unknown>;
  if (typeof token !== "string" || token === "") throw fail("the hub's answer holds no token");
  const known = await identities.check(token);
  if (known.kind === "invalid") throw fail("the hub does not know the token that it gave");
  if (known.kind === "unavailable") throw new GatewayError("HUB_UNREACHABLE", { reason: known.reason });
  return { token, life: typeof life === "number" && life > 0 ? Math.floor(life) : defaultSessionLife };
}
