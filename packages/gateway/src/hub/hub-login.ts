import type { IncomingMessage } from "node:http";
import { type Static, Type } from "typebox";
import { GatewayError } from "../base/errors.ts";
import type { Hub } from "./hub.ts";
import type { LoginState } from "./oauth.ts";
import { defaultSessionLife } from "./sessions.ts";

/** The parts of the hub that a login needs. */
export type CompleteLoginOptions = Pick<Hub, "client" | "logins" | "identities" | "authentication"> & {
  readonly settings: Pick<Hub["settings"], "servicePrefix">;
};

/** RFC 6749 §4.1.2: a code, or an error. */
export const CallbackQuery = Type.Object({
  code: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
  error_description: Type.Optional(Type.String()),
});

/**
 * Completes a login when the hub has sent the browser back.
 * @returns the next address, and `Set-Cookie` values
 * @throws GatewayError HUB_LOGIN_FAILED, HUB_UNREACHABLE
 */
export async function completeLogin(
  hub: CompleteLoginOptions,
  request: IncomingMessage,
  { state: id = "", code, error, error_description: description }: Static<typeof CallbackQuery>,
  scheme: "http" | "https",
): Promise<{ next: string; cookies: readonly string[] }> {
  const { authentication } = hub;
  const base = hub.settings.servicePrefix;
  const login = authentication.resumeLogin(request, id);
  if (login === undefined || login === "stale") {
    // The back button, a second tab, a restarted server: continue if there is a session, else log in again.
    if (login === "stale" || authentication.isLoggedIn(request)) {
      return { next: base, cookies: id === "" ? [] : [authentication.dropState(id, scheme)] };
    }
    const reason = "it began in another browser, or more than ten minutes ago";
    throw new GatewayError("HUB_LOGIN_FAILED", { reason, base });
  }
  login.used = true;
  if (code === undefined) {
    const reason = `the hub says “${(description ?? error ?? "no code").slice(0, 200)}”`;
    throw new GatewayError("HUB_LOGIN_FAILED", { reason, base });
  }
  const { token, life } = await finish(hub, request, login, code);
  const cookie = authentication.openSession(token, life, scheme, login.next);
  return { next: login.next, cookies: [cookie, authentication.dropState(id, scheme)] };
}

/**
 * Exchanges the code and asks whose token it is: one that the hub itself does not know would cause a loop of logins. People
 * who may not enter are logged in too, so that the gate can tell them without another login.
 */
async function finish(
  hub: CompleteLoginOptions,
  request: IncomingMessage,
  login: LoginState,
  code: string,
): Promise<{ token: string; life: number }> {
  const { client, logins, identities, authentication, settings } = hub;
  const answer = await logins.exchange(client, code, login);
  if (answer.kind === "unreachable") throw new GatewayError("HUB_UNREACHABLE", { reason: answer.reason });
  const fail = (reason: string) => new GatewayError("HUB_LOGIN_FAILED", { reason, base: settings.servicePrefix });
  if (answer.kind !== "ok") throw fail(`the hub says “${answer.reason.slice(0, 200)}”`);
  const { access_token: token, expires_in: life } = Object(answer.body) as Record<string, unknown>;
  if (typeof token !== "string" || token === "") throw fail("the hub's answer holds no token");
  const known = await identities.check(token, authentication.sessionAtHub(request));
  if (known.kind === "invalid") throw fail("the hub does not accept the token that it issued");
  if (known.kind === "unavailable") throw new GatewayError("HUB_UNREACHABLE", { reason: known.reason });
  return { token, life: typeof life === "number" && life > 0 ? Math.floor(life) : defaultSessionLife };
}
