/**
 * Every error that a user, an administrator or a program can see. One row a code: the HTTP status (or, for errors that
 * end the command, its exit code), what happened, and what to do. `docs/reference/errors.md` is compared with this
 * table by a test.
 */
interface ErrorRow {
  /** HTTP status, where the error answers a request. */
  readonly status?: number;
  /** Exit code, where the error ends the `waiide` command. */
  readonly exit?: number;
  /** What happened and why; `{name}` is filled from the error's details. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly action: string;
}

export const errorTable = {
  // Requests
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
  IDE_STARTING: {
    status: 503,
    message: "The IDE server is not ready yet: {phase}.",
    action: "Try again in a moment.",
  },
  IDE_FAILED: {
    status: 503,
    message: "The IDE server is not running: {reason}",
    action: "Run “waiide doctor”; it says what to fix.",
  },
  PORT_INVALID: {
    status: 400,
    message: "“{port}” is not a port number.",
    action: "Use a whole number from 1 to 65535.",
  },
  PORT_REFUSED: {
    status: 403,
    message: "Port {port} on {host} is never proxied: {reason}.",
    action: "Use the port of your own program.",
  },
  PROXY_HOST_REFUSED: {
    status: 403,
    message: "The host “{host}” may not be proxied.",
    action: "An administrator can allow it with --proxy-hosts {host}.",
  },
  APP_UNKNOWN: {
    status: 404,
    message: "There is no app named “{name}”.",
    action: "Apps are listed at {base}api/services and configured under “apps”.",
  },
  APP_STARTING: {
    status: 503,
    message: "The app “{title}” is starting.",
    action: "Its first start can take a while. If it does not start, its last output says why.",
  },
  APP_FAILED: {
    status: 502,
    message: "The app “{name}” could not be started: {reason}",
    action: "Check its command and the log of WAIIDE.",
  },
  BACKEND_UNREACHABLE: {
    status: 502,
    message: "Nothing answers on {backend}: {reason}.",
    action: "Start the program, or check its port.",
  },
  BACKEND_BROKEN: {
    status: 502,
    message: "{backend} sent an answer that is not HTTP: {reason}.",
    action: "Check the log of that program.",
  },
  BACKEND_CLOSED: {
    status: 502,
    message: "{backend} closed the connection before its answer was complete: {reason}.",
    action: "Check the log of that program; it may have crashed.",
  },
  ENDED_UNUSED: {
    status: 503,
    message: "This server was stopped because nobody used it. Your saved files are unchanged.",
    action: "Start it again: on a hub from its home page, else with “waiide”.",
  },
  SHARING_UNAVAILABLE: {
    status: 503,
    message: "Sharing is not available now: {reason}.",
    action:
      "Try again in a moment. If this lasts, run “waiide doctor”, which checks the data folder. Everything else works.",
  },
  SHARE_INVALID: {
    status: 400,
    message: "“{field}” cannot be used: {reason}.",
    action: "Correct it and try again; nothing was changed.",
  },
  SHARE_CONFIRM: {
    status: 409,
    message: "This shares {what}, which may contain more than you want to share.",
    action: "Share {instead} instead, or confirm it (“confirm”: true; --yes on the command line).",
  },
  SHARE_CEILING: {
    status: 403,
    message: "This may not be shared: {reason}.",
    action: "Change that, or ask an administrator of this server.",
  },
  HUB_LISTING: {
    status: 503,
    message: "JupyterHub could not add this share to its list: {reason}.",
    action:
      "Nothing was shared. Try again in a moment; if this lasts, tell an administrator of the hub (“waiide doctor” says more).",
  },
  SHARE_UNKNOWN: {
    status: 404,
    message: "There is no such share or guest, or it has ended.",
    action: "“waiide share list” shows the active ones.",
  },
  PUBLIC_URL_UNKNOWN: {
    status: 409,
    message: "WAIIDE does not know the address at which others reach this server, so it cannot create a link.",
    action: "Open the IDE once at that address in a browser, or ask an administrator to set --public-url.",
  },
  SHARE_LINK_WRONG: {
    status: 404,
    message: "This link is invalid or has expired.",
    action: "Check that the link is complete, or ask the person who sent it for a new one.",
  },
  SHARE_LOGIN: {
    status: 401,
    message: "You have not joined this share, or it has ended.",
    action: "Open the link again, or ask the person who sent it for a new one.",
  },
  SHARE_HUB_LOGIN: {
    status: 401,
    message: "This share is for people with an account at JupyterHub, and you are not logged in there.",
    action:
      "Open the link in a browser and choose “Log in”. If JupyterHub then says “403: Forbidden”, you have no access to this server: ask its owner or an administrator.",
  },
  SHARE_COOKIE_DOUBLE: {
    status: 400,
    message: "The browser sent two cookies for this share, and only one can be real.",
    action: "Open the link again. If this happens again, delete this address's cookies in the browser.",
  },
  SHARE_LEVEL: {
    status: 403,
    message: "This share's level does not permit that.",
    action: "Ask the owner for a higher level.",
  },
  SHARE_FULL: {
    status: 403,
    message: "At most {most} guests can be in this share at once.",
    action: "Try again when somebody has left, or ask the owner.",
  },
  SHARE_BUSY: {
    status: 429,
    message: "Too many pages or requests of this share are open: at most {most} at once.",
    action: "Wait for a request to end, or close a page of the share, then try again.",
  },
  SHARE_FILE_MISSING: {
    status: 404,
    message: "There is no such file in this share.",
    action: "Look for it in the list of files.",
  },
  SHARE_FILE_REFUSED: {
    status: 403,
    message: "This file cannot be fetched: {reason}.",
    action: "Ask the owner.",
  },
  UPGRADE_REFUSED: {
    status: 400,
    message: "This address does not accept WebSockets.",
    action: "Connect below /ide/, /proxy/<port>/ or /apps/<name>/.",
  },
  BAD_REQUEST: {
    status: 400,
    message: "The request is not valid: {reason}.",
    action: "The API is described at {base}api/openapi.json.",
  },
  INTERNAL: {
    status: 500,
    message: "WAIIDE failed while answering this request.",
    action: "The log has the details under request {request}. Please report it.",
  },

  // The command
  FLAG_UNKNOWN: {
    exit: 2,
    message: "Unknown flag “{name}”{suggestion}",
    action: "“waiide --help” lists all flags.",
  },
  USAGE: {
    exit: 2,
    message: "{reason}",
    action: "“waiide --help” lists all commands and options.",
  },
  CONFIRMATION_NEEDED: {
    exit: 2,
    message: "{question}",
    action: "Add --yes to confirm.",
  },
  NOT_CONFIRMED: {
    exit: 2,
    message: "You did not confirm it, so nothing was shared.",
    action: "Run the command again and answer “y”, or add --yes.",
  },
  VARIABLE_UNKNOWN: {
    exit: 2,
    message: "Unknown environment variable “{name}”{suggestion}",
    action: "Unset it, or correct its name; “waiide config” lists all settings.",
  },
  KEY_UNKNOWN: {
    exit: 2,
    message: "Unknown key “{name}” in {file}{suggestion}",
    action: "Remove or correct it; “waiide config” lists all settings.",
  },
  SETTING_INVALID: {
    exit: 2,
    message: "The setting “{name}” from {source} is not valid: {reason}.",
    action:
      "“waiide config” shows every setting with its source; docs/reference/settings.md lists what each one accepts.",
  },
  SETTING_NOT_YOURS: {
    exit: 2,
    message: "Only an administrator may set “{name}”, which is in {file}.",
    action: "Move it to /etc/waiide/config.json, a WAIIDE_ variable or a flag.",
  },
  CONFIG_UNREADABLE: {
    exit: 2,
    message: "The configuration file {file} cannot be read: {reason}.",
    action: "Correct the file; it must hold one JSON object.",
  },
  AUTH_CHOICE_NEEDED: {
    exit: 2,
    message: "{host} can be reached from other machines, and anyone who reaches WAIIDE can run programs as you.",
    action:
      "Choose: --auth token (prints a login link), --auth none (only behind something that checks logins), or --host 127.0.0.1.",
  },
  HUB_VARIABLE_MISSING: {
    exit: 2,
    message: "JupyterHub's variable {name} is not set: {purpose}.",
    action:
      'Let JupyterHub start WAIIDE (c.Spawner.cmd = ["waiide"]) and keep its variables, or use --mode standalone without a hub.',
  },
  HUB_VARIABLE_INVALID: {
    exit: 2,
    message: "JupyterHub's variable {name} cannot be used: {reason}.",
    action: "Check what sets it: “c.Spawner.environment” overrides the hub's own values.",
  },
  HUB_SERVICE_UNUSABLE: {
    exit: 2,
    message: "The administrator's page cannot start: {reason}.",
    action: "Let the hub start it, as deploy/jupyterhub/admin-page.py and docs/sharing-admin.md show.",
  },
  PORT_BUSY: {
    exit: 1,
    message: "Port {port} on {host} is already in use.",
    action: "Stop the program that uses it (“ss -ltnp” names it), or start WAIIDE with another --port.",
  },
  ADDRESS_UNAVAILABLE: {
    exit: 1,
    message: "WAIIDE cannot listen on {host}:{port}: {reason}.",
    action: "Choose an address of this machine with --host, and a port above 1023 unless you are root.",
  },
  TLS_UNREADABLE: {
    exit: 2,
    message: "The TLS certificate or key cannot be used: {reason}.",
    action: "--tls-cert and --tls-key must name a PEM certificate and its key, readable by this user.",
  },
  RUNTIME_FOLDER_UNUSABLE: {
    exit: 1,
    message: "WAIIDE cannot create a private folder for sockets: {reason}.",
    action: "XDG_RUNTIME_DIR or /tmp must be writable and have free space.",
  },
  HOME_MISSING: {
    exit: 1,
    message: "The user {uid} has no home folder: HOME is not set, and the system knows no such user.",
    action: "Set HOME to a folder that this user can write to.",
  },
  DATA_FOLDER_UNUSABLE: {
    exit: 1,
    message: "The data folder {folder} cannot be used: {reason}.",
    action: "Make it writable, free some space, or choose another with --data-dir.",
  },
  WORKSPACE_MISSING: {
    exit: 1,
    message: "The workspace {folder} {reason}.",
    action: "Create it, make it readable for this user, or choose another with --workspace.",
  },
  USER_NAME_REFUSED: {
    exit: 2,
    message: "The user name {name} cannot be the name of a home folder: {reason}.",
    action:
      "The hub's authenticator can map names (“username_map”, “normalize_username”); without a hub set WAIIDE_USER.",
  },
  HOME_UNUSABLE: {
    exit: 1,
    message: "The home folder {folder} cannot be used: {reason}.",
    action:
      "Mount a volume there that user 1000 or group 100 may read and write (in Kubernetes: fsGroup: 100), or start the container as root: it then gives the folder to that user and drops root. docs/docker.md explains both.",
  },
  ROOT_NOT_DROPPED: {
    exit: 1,
    message: "The container runs as root and cannot drop root: {reason}.",
    action: "Keep the capabilities CHOWN, SETUID, SETGID and KILL (“cap_add”), or start it as 1000:100.",
  },
  IDE_MISSING: {
    exit: 1,
    message: "There is no IDE server at {folder}.",
    action: "Run “waiide ide install”, or name one with --ide-server.",
  },
  IDE_UNUSABLE: {
    exit: 1,
    message: "The IDE server at {folder} cannot run here: {reason}.",
    action: "Run “waiide ide install” to install one for this machine.",
  },
  IDE_PORT_BUSY: {
    exit: 1,
    message: "Port {port} on {host}, where the IDE server should listen, is already in use.",
    action: "Stop the program that uses it (“ss -ltnp” names it), or choose another address with --ide-listen.",
  },
  INSTALL_FAILED: {
    exit: 1,
    message: "The IDE server could not be installed, at the step “{step}”: {reason}.",
    action: "{advice}",
  },
  REFUSED: {
    exit: 1,
    message: "{message}",
    action: "{action} ({code})",
  },
  RECORD_DAMAGED: {
    exit: 1,
    message: "The file {file}, with which commands find the running WAIIDE, is damaged.",
    action: "Restart WAIIDE, which writes that file again. It contains no shares and no settings.",
  },
  NOT_RUNNING: {
    exit: 1,
    message: "No WAIIDE is running with the data folder {folder}.",
    action: "Start one with “waiide”, or name its data folder with --data-dir.",
  },
  ANSWER_UNREADABLE: {
    exit: 1,
    message: "The running WAIIDE did not answer as expected at {socket}: {reason}.",
    action: "Try again. If this lasts, restart WAIIDE, and use the “waiide” of the same version.",
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** A failure that somebody outside can see. Thrown or returned; never caught to be ignored. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(fill(errorTable[code].message, details), options);
    this.name = "GatewayError";
    this.code = code;
    this.details = details;
  }

  /** HTTP status; 500 for errors of the command that surface in a request. */
  get status(): number {
    return (errorTable[this.code] as ErrorRow).status ?? 500;
  }

  /** Exit code of the command; 1 for errors of requests that end it. */
  get exit(): number {
    return (errorTable[this.code] as ErrorRow).exit ?? 1;
  }

  get action(): string {
    return fill(errorTable[this.code].action, this.details);
  }

  /** The body that programs get: `{error: {code, message, action}}`, and which field is wrong where one is. */
  toBody(): { error: { code: ErrorCode; message: string; action: string; field?: string } } {
    const { field } = this.details;
    const error = { code: this.code, message: this.message, action: this.action };
    return { error: typeof field === "string" ? { ...error, field } : error };
  }
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}

/** The text of an unknown thrown value, without its stack. */
export function reasonOf(error: unknown): string {
  // Node's own, when no address of a host answered, has no text itself.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
