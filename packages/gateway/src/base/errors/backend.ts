import type { ErrorRows } from "./row.ts";

/** Requests to what runs behind the gateway: the IDE, ports and apps. */
export const backendErrors = {
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
  PROXY_DISABLED: {
    status: 403,
    message: "An administrator has turned the port proxy off.",
    action: "Ask them to configure the program as an app, or to remove --disable-proxy.",
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
    action: "Apps are listed at {base}apps/ and configured under “apps”.",
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
} as const satisfies ErrorRows;
