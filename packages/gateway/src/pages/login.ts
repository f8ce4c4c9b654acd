import type { GatewayError } from "../base/errors.ts";
import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";

export interface LoginPageContent {
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** The address after the login. */
  readonly next: string;
  /** Why the last attempt failed. */
  readonly error?: GatewayError | undefined;
  readonly asks: "token" | "password";
  /** The administrator's words; undefined: ours. */
  readonly appName?: string | undefined;
  readonly welcomeText?: string | undefined;
}

/** Says before people type the token that the login cannot last, in place of asking for it again and again. */
const script = `
let isKept = false;
try {
  const test = "waiide-check=1; SameSite=Lax; Path=" + location.pathname;
  document.cookie = test;
  isKept = document.cookie.includes("waiide-check=1");
  document.cookie = test + "; Max-Age=0";
} catch {}
document.getElementById("blocked").hidden = isKept;
`;

const words = {
  token: {
    label: "Token",
    text: "WAIIDE printed a login link when it started. Open that link, or paste its token here.",
  },
  password: { label: "Password", text: "Enter the password of this server." },
} as const;

/** Asks for the token that WAIIDE printed when it started, or for the password. */
export function loginPage({ baseUrl, next, error, asks, appName, welcomeText }: LoginPageContent): Page {
  const { label, text } = words[asks];
  const why = error && html`<p class="bad" role="alert">${error.message} ${error.action}</p>`;
  return renderPage({
    title: appName === undefined ? "Login" : `Login to ${appName}`,
    script,
    body: html`<p>${welcomeText ?? text}</p>
${why}
<p id="blocked" class="bad" role="alert" hidden>Your browser blocks cookies for this site, so a login cannot last. Allow cookies for this site, then reload this page.</p>
<form method="post" action="${baseUrl}login">
<label for="${asks}">${label}</label>
<input id="${asks}" name="${asks}" type="password" autocomplete="current-password" required autofocus>
<input name="next" type="hidden" value="${next}">
<button type="submit">Log in</button>
</form>`,
  });
}
