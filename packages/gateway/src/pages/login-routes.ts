import { parse } from "node:querystring";
import { Type } from "typebox";
import type { LoginPageAuthentication } from "../access/authentication.ts";
import type { RouteHost } from "../access/route-host.ts";
import type { GatewayError } from "../base/errors.ts";
import { answerRedirect } from "../http/answer.ts";
import type { TrustedProxies } from "../http/forwarded.ts";
import { loginPage } from "./login.ts";

export interface LoginRoutesOptions {
  readonly baseUrl: string;
  /** Undefined if no login is needed. */
  readonly authentication: LoginPageAuthentication | undefined;
  readonly trustedProxies: TrustedProxies;
  readonly appName: string | undefined;
  readonly welcomeText: string | undefined;
}

const Secret = Type.Optional(Type.String({ maxLength: 1000 }));
const LoginForm = Type.Object({ token: Secret, password: Secret, next: Type.Optional(Type.String()) });
const LoginQuery = Type.Object({ next: Type.Optional(Type.String()) });

/** Login with the password, or with the token for people without the link. */
export function addLoginRoutes(api: RouteHost, options: LoginRoutesOptions): void {
  const { baseUrl, authentication, trustedProxies, appName, welcomeText } = options;
  const pageOf = (next: string, error?: GatewayError) =>
    loginPage({ baseUrl, next, error, asks: authentication?.asks ?? "token", appName, welcomeText });
  api.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, { ...parse(String(body)) }),
  );
  api.get(
    "/login",
    { config: { who: "anyone" }, schema: { summary: "Login page", querystring: LoginQuery } },
    (request, reply) => {
      const next = safeNext(request.query.next, baseUrl);
      if (authentication === undefined || authentication.isLoggedIn(request.raw)) {
        return reply.redirect(next, 303);
      }
      const page = pageOf(next);
      return reply.headers(page.headers).send(page.html);
    },
  );
  api.post(
    "/login",
    { config: { who: "anyone" }, schema: { summary: "Exchanges the token or password for a cookie", body: LoginForm } },
    async (request, reply) => {
      const next = safeNext(request.body.next, baseUrl);
      const { scheme, clientAddress } = trustedProxies.originationOf(request.raw);
      const { token = "", password = "" } = request.body;
      const secret = authentication?.asks === "password" ? password : token.trim();
      const error = await authentication?.verify(secret, clientAddress);
      if (error !== undefined) {
        const page = pageOf(next, error);
        return reply.code(error.status).headers(page.headers).send(page.html);
      }
      reply.hijack();
      answerRedirect(reply.raw, 303, next, authentication && [authentication.loginCookie(scheme)]);
    },
  );
  api.get("/logout", { config: { who: "anyone" }, schema: { summary: "Ends the login" } }, (request, reply) => {
    reply.hijack();
    const { scheme } = trustedProxies.originationOf(request.raw);
    answerRedirect(
      reply.raw,
      303,
      `${baseUrl}login`,
      authentication && [authentication.logoutCookie(request.raw, scheme)],
    );
  });
}

/** The address after the login if it is below our prefix, else the prefix itself (RULES R3). */
export function safeNext(next: string | undefined, baseUrl: string): string {
  if (next === undefined || !URL.canParse(next, "http://waiide.invalid")) return baseUrl;
  const url = new URL(next, "http://waiide.invalid");
  const stays =
    url.origin === "http://waiide.invalid" && url.pathname.startsWith(baseUrl) && !url.pathname.startsWith("//");
  return stays ? `${url.pathname}${url.search}${url.hash}` : baseUrl;
}
