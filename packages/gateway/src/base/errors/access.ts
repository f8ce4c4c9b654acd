import type { ErrorRows } from "./row.ts";

/** Requests: addresses, logins, origins, and what JupyterHub says about a person. */
export const accessErrors = {
  NOT_FOUND: {
    status: 404,
    message: "Nothing is served at {path}.",
    action: "Check the address. The API is described at {base}api/openapi.json.",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: "This address does not accept {method} requests.",
    action: "Use {allow}. The API is described at api/openapi.json, below the server's address.",
  },
  LOGIN_REQUIRED: {
    status: 401,
    message: "This address needs a login.",
    action:
      "Open it in a browser and log in (without JupyterHub: with the login link that WAIIDE printed when it started), or send the header “Authorization: token …”.",
  },
  TOKEN_WRONG: {
    status: 401,
    message: "This is not the token of this server.",
    action: "Use the login link that WAIIDE printed at its last start; without --token, each start creates a new one.",
  },
  PASSWORD_WRONG: {
    status: 401,
    message: "This is not the password of this server.",
    action: "Try again. The person who runs WAIIDE sets it with --hashed-password.",
  },
  PASSWORD_PAUSED: {
    status: 429,
    message: "Too many wrong passwords came from this address.",
    action: "Wait {seconds} seconds, then try again.",
  },
  HUB_TOKEN_REFUSED: {
    status: 401,
    message: "JupyterHub does not know this token: it is wrong, expired or revoked.",
    action: "Create a new one on the hub's page “Token”, and send it as “Authorization: token …”.",
  },
  HUB_ACCESS_DENIED: {
    status: 403,
    message: "You are logged in as {user}, who has no access to this server of {owner}.",
    action:
      "Ask {owner} or an administrator of the hub for access. To log in as another user, open {base}logout first.",
  },
  HUB_SHARE_LEVEL: {
    status: 403,
    message:
      "You are logged in as {user}. The hub gives you access to this server of {owner} ({scopes}), by a share made at the hub or by a role, but this server lets in only its owner, administrators and services this way.",
    action:
      "Ask {owner} to share with you in WAIIDE. An administrator can let in everyone with access from the hub, who can then run anything as {owner}: hub-share-level terminal (WAIIDE_HUB_SHARE_LEVEL=terminal in c.Spawner.environment). To log in as another user, open {base}logout first.",
  },
  PORT_NAME_NO_LOGIN: {
    status: 401,
    message: "{host} needs a login, and this server does not know yet where people log in.",
    action:
      "Open WAIIDE itself once, then this address again. An administrator can name WAIIDE's own address: public-url (WAIIDE_PUBLIC_URL).",
  },
  PORT_LOGIN_STALE: {
    status: 403,
    message: "This step of a login is over: it was used before, took too long, or began in another browser.",
    action: "Open the port's address again.",
  },
  PORT_NAMES_REFUSED: {
    status: 403,
    message: "Ports have no names of their own here: {reason}.",
    action:
      "Ports are at /proxy/<port>/, below WAIIDE's own address. An administrator can set proxy-domain to a domain that has nothing to do with the hub's.",
  },
  OWNER_ONLY: {
    status: 403,
    message: "Only {owner} may do this; you are logged in as {user}.",
    action: "Ask {owner} to do it.",
  },
  SHARE_ORDER_KEY_UNKNOWN: {
    status: 403,
    message: "This server refused an order of the administrator's page: {reason}.",
    action: "Compare share-admin-keys with what “waiide hub-service key” prints, and restart the server.",
  },
  SHARE_ORDER_REFUSED: {
    status: 403,
    message: "This server refused an order of the administrator's page: {reason}.",
    action: "Check that both machines have the right time, and try again.",
  },
  HUB_LIST_FAILED: {
    status: 503,
    message: "JupyterHub did not list the running servers: {reason}.",
    action:
      "Try again in a moment. If this lasts, check that the service has the scopes list:users, read:servers and read:users:groups.",
  },
  FORM_STALE: {
    status: 403,
    message: "This form belongs to another login, or the administrator's page has restarted.",
    action: "Open {base} again and repeat what you did.",
  },
  HUB_SERVICE_DENIED: {
    status: 403,
    message: "You are logged in as {user}, who may not see and end the shares of this hub.",
    action:
      "An administrator of the hub can permit it with the scope custom:waiide:admin. To log in as another user, open {base}logout first.",
  },
  HUB_UNREACHABLE: {
    status: 503,
    message: "JupyterHub cannot say who you are: {reason}.",
    action:
      "Try again in a moment. People who are logged in stay logged in. If this lasts, tell an administrator of the hub.",
  },
  HUB_LOGIN_FAILED: {
    status: 400,
    message: "The login at JupyterHub was not completed: {reason}.",
    action: "Open {base} again. If this happens again, allow cookies for this address in the browser.",
  },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    message: "Too many wrong tokens or links came from this address.",
    action: "Check the token or link: the right one works at once. Others are checked again in {seconds} seconds.",
  },
  HOST_REFUSED: {
    status: 403,
    message: "The request names the host “{host}”, which is not one of this server's ({allowed}).",
    action: "Use one of those names, or start WAIIDE with --allowed-hosts {name}.",
  },
  ORIGIN_REFUSED: {
    status: 403,
    message: "The request comes from the origin “{origin}”, but was sent to “{host}”.",
    action:
      "Open the page at its own address, or start WAIIDE with --allowed-origins {origin}. Programs send “Authorization: token …” instead of a cookie.",
  },
  PAGE_NOT_OPENED: {
    status: 403,
    message: "Another page tried to load this page inside itself.",
    action: "Open the address in its own tab. Programs send “Authorization: token …” instead of a cookie.",
  },
  PAGE_UNKNOWN: {
    status: 403,
    message: "The request does not come from a page that this server made for you.",
    action: "Reload the page. Programs send “Authorization: token …” instead of a cookie.",
  },
  SERVICE_WORKER_REFUSED: {
    status: 403,
    message: "{path} is not a service worker that may be registered on this origin.",
    action: "Serve it from another origin: a service worker here could read everything that the owner opens.",
  },
} as const satisfies ErrorRows;
