import { GatewayError } from "../base/errors.ts";
import { type Finding, ok } from "../base/finding.ts";
import type { HubSettings } from "../config/hub-settings.ts";
import { type AccessPolicy, asHubUser } from "./access.ts";
import type { HubAnswer, HubClient } from "./client.ts";
import type { CompanionTokens } from "./companion-tokens.ts";
import { HubCookies } from "./cookies.ts";
import { holdsOne } from "./scopes.ts";

/** A difference between the clocks that does no harm. Seconds. */
const clockTolerance = 60;
/** Major versions that the tests cover. */
const testedVersions = { oldest: 1, newest: 6 } as const;

/** Everything that `waiide doctor` says about the hub. Its two requests run at the same time. */
export async function checkHub(
  hub: HubSettings,
  policy: AccessPolicy,
  client: Pick<HubClient, "getVersion" | "getUser">,
  companions: Pick<CompanionTokens, "unavailable">,
  now: number = Date.now(),
): Promise<Finding[]> {
  const [version, user] = await Promise.all([client.getVersion(), client.getUser()]);
  const listing = await checkListing(companions);
  return [
    checkVariables(hub),
    checkVersion(hub, version),
    ...checkClock(version, now),
    ...checkToken(hub, user),
    checkScopes(hub, version),
    checkCallback(hub),
    checkCookies(hub),
    checkSubdomains(hub),
    checkListener(hub),
    checkPolicy(hub, policy),
    listing,
  ];
}

function warning(check: string, message: string, action: string): Finding {
  return { check, result: "warning", message, action };
}

function problem(check: string, message: string, action: string): Finding {
  return { check, result: "problem", message, action };
}

function checkVariables({ user, serverName, servicePrefix }: HubSettings): Finding {
  const server = serverName === "" ? "the default server" : `the server “${serverName}”`;
  return ok("hub variables", `complete: ${server} of ${user}, under ${servicePrefix}`);
}

function checkVersion({ apiUrl }: HubSettings, answer: HubAnswer): Finding {
  const advice =
    "JUPYTERHUB_API_URL must lead to the hub from here: check c.JupyterHub.hub_ip and hub_connect_url, and the network.";
  if (answer.kind !== "ok") return problem("hub", `no usable answer from ${apiUrl}: ${answer.reason}`, advice);
  const version = versionIn(answer);
  if (version === undefined) return problem("hub", `the program at ${apiUrl} is not JupyterHub`, advice);
  const major = Number.parseInt(version, 10);
  const message = `JupyterHub ${version} at ${apiUrl}`;
  if (major >= testedVersions.oldest && major <= testedVersions.newest) return ok("hub", message);
  return warning("hub", message, "WAIIDE is tested with JupyterHub 1.4 to 6; please report what does not work.");
}

function versionIn(answer: HubAnswer): string | undefined {
  if (answer.kind !== "ok") return undefined;
  const { version } = Object(answer.body) as { version?: unknown };
  return typeof version === "string" ? version : undefined;
}

/** The hub refuses activity from the future, and logins and tokens expire by its clock. */
function checkClock(answer: HubAnswer, now: number): Finding[] {
  if (answer.kind !== "ok" || answer.date === undefined) return [];
  const seconds = Math.round((now - Date.parse(answer.date)) / 1_000);
  if (Number.isNaN(seconds)) return [];
  if (Math.abs(seconds) <= clockTolerance) return [ok("hub clock", "agrees with this machine's")];
  const message = `this machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} the hub's`;
  return [warning("hub clock", message, "Set both by NTP: logins end, and idle servers are culled, at wrong times.")];
}

function checkToken(hub: HubSettings, answer: HubAnswer): Finding[] {
  if (answer.kind === "refused") {
    const message = "the hub does not know this server's token (JUPYTERHUB_API_TOKEN)";
    const action =
      "A token ends with its server: stop the server at the hub and start it again. Until then nobody can log in.";
    return [problem("hub token", message, action)];
  }
  const user = answer.kind === "ok" ? asHubUser(answer.body) : undefined;
  if (user === undefined) {
    const reason = answer.kind === "ok" ? "its answer names no user" : answer.reason;
    return [problem("hub token", `the hub did not say whether the token is valid: ${reason}`, "See “hub” above.")];
  }
  if (user.name !== hub.user) {
    const message = `the token is ${user.name}'s, but JUPYTERHUB_USER is ${hub.user}`;
    return [problem("hub token", message, "Do not set these variables in c.Spawner.environment: the hub does.")];
  }
  return [ok("hub token", `valid, ${user.name}'s`), ...checkTokenScopes(hub, user.scopes)];
}

function checkTokenScopes({ user }: HubSettings, scopes: readonly string[] | undefined): Finding[] {
  if (scopes === undefined || holdsOne([`users:activity!user=${user}`], scopes)) return [];
  const message = "the token may not report activity: the idle culler will treat this server as idle";
  return [warning("hub token", message, "Keep “users:activity!user” in the role “server” of c.JupyterHub.load_roles.")];
}

function checkScopes({ accessScopes, user }: HubSettings, answer: HubAnswer): Finding {
  const version = versionIn(answer);
  if (accessScopes === undefined) {
    const message = `the hub has no scopes: ${user}, and admins if the hub lets them, get in by name`;
    if (version === undefined || Number.parseInt(version, 10) < 2) return ok("hub access", message);
    const action = "JUPYTERHUB_OAUTH_ACCESS_SCOPES is missing; let the hub set it.";
    return warning("hub access", "the hub has scopes, but did not say which one gives access", action);
  }
  if (accessScopes.length > 0)
    return ok("hub access", `${user}, admins and services with ${accessScopes.join(" or ")}`);
  const action = "JUPYTERHUB_OAUTH_ACCESS_SCOPES is an empty list; let the hub set it.";
  return problem("hub access", "nobody can log in: no scope gives access", action);
}

function checkCallback({ oauthCallbackUrl, servicePrefix, host }: HubSettings): Finding {
  const isUrl = /^https?:\/\//.test(oauthCallbackUrl);
  const path = isUrl && URL.canParse(oauthCallbackUrl) ? new URL(oauthCallbackUrl).pathname : oauthCallbackUrl;
  if (decoded(path) !== decoded(`${servicePrefix}oauth_callback`)) {
    const message = `the login returns to ${oauthCallbackUrl}, which is not below ${servicePrefix}`;
    return problem("hub callback", message, "Do not set JUPYTERHUB_OAUTH_CALLBACK_URL yourself: the hub knows it.");
  }
  if (host !== "" && !isUrl) {
    const message = `${oauthCallbackUrl}, on the hub's own domain ${host}`;
    return ok("hub callback", message);
  }
  return ok("hub callback", oauthCallbackUrl);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Malformed escapes are compared as they are.
    return path;
  }
}

function checkCookies(hub: HubSettings): Finding {
  const { cookieHostPrefix, cookieOptions, publicUrl, servicePrefix } = hub;
  const message = `${new HubCookies(hub).session}, Path ${cookieHostPrefix ? "/" : servicePrefix}, SameSite=${cookieOptions.sameSite}`;
  if (cookieOptions.sameSite === "None" && !cookieOptions.secure && !cookieHostPrefix) {
    const action = "Browsers drop SameSite=None without Secure: set “secure” in c.JupyterHub.cookie_options, too.";
    return problem("hub cookies", message, action);
  }
  if ((cookieHostPrefix || cookieOptions.secure) && publicUrl?.startsWith("http:")) {
    const action = `They are Secure, but ${publicUrl} is not https: browsers drop them. Serve the hub over https.`;
    return problem("hub cookies", message, action);
  }
  return ok("hub cookies", message);
}

function checkSubdomains({ oauthCallbackUrl }: HubSettings): Finding {
  if (/^https?:\/\//.test(oauthCallbackUrl)) {
    return ok("hub subdomains", `every user has an origin of their own (${new URL(oauthCallbackUrl).origin})`);
  }
  return warning(
    "hub subdomains",
    "all users share one origin: a page that another user serves can use apps and ports of the person who opens it",
    "c.JupyterHub.subdomain_host gives every user a name of their own. Without it, open only pages of users you trust.",
  );
}

function checkListener({ listener, tls }: HubSettings): Finding {
  const scheme = tls === undefined ? "http" : "https, for the hub's certificates only (internal_ssl)";
  if (listener === undefined) return ok("hub address", `the hub sets none; --host and --port decide, ${scheme}`);
  return ok("hub address", `${listener.host}, port ${listener.port}, set by the hub; ${scheme}`);
}

function checkPolicy({ user }: HubSettings, { hubShareLevel, allowAnyHubUser }: AccessPolicy): Finding {
  if (allowAnyHubUser) {
    const message = `every user of the hub gets the IDE, and so can run anything as ${user}`;
    return warning("hub shares", message, "Turn --allow-any-hub-user off to let in only users with access at the hub.");
  }
  if (hubShareLevel === "terminal") {
    const message = `everyone with access to this server from the hub gets the IDE, and so can run anything as ${user}`;
    return warning("hub shares", message, "--hub-share-level none keeps them out.");
  }
  return ok("hub shares", "access given by the hub alone opens nothing here (--hub-share-level none)");
}

/** Whether share links get tokens of their own, with which the hub lists, logs and ends them (RULES R4). */
async function checkListing(companions: Pick<CompanionTokens, "unavailable">): Promise<Finding> {
  const check = "hub share list";
  try {
    const why = await companions.unavailable();
    if (why === undefined) return ok(check, "each share link has a hub token: the hub lists, logs and can end it");
    if (why.kind === "not granted") return ok(check, `share links are not listed at the hub: ${why.reason}`);
    const action =
      "Its token can create others with all of the user's rights: hide it as docs/sharing-admin.md says, or take “tokens!user” away.";
    return warning(check, `share links are not listed at the hub: ${why.reason}`, action);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return warning(check, "the hub does not say whether it lists share links", "See “hub” above.");
  }
}
