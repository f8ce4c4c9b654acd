import type { CreateShare } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { parseNumber } from "../share-flags.ts";

export interface AppFlags {
  readonly permission?: string;
  readonly port?: string;
  readonly app?: string;
  readonly path?: string;
}

/**
 * The app that a share is for; undefined: it is for files.
 * @throws GatewayError USAGE
 */
export function parseApp({ permission, port, app, path }: AppFlags): CreateShare["app"] {
  const start = path === undefined ? {} : { path };
  if (port === undefined && app === undefined) {
    if (path === undefined) return undefined;
    throw new GatewayError("USAGE", { reason: "--path is a place in an app: add --port or --app." });
  }
  if (port !== undefined && app !== undefined) {
    throw new GatewayError("USAGE", { reason: "Name a port (--port) or an app (--app), not both." });
  }
  if (permission !== undefined && permission !== "app" && permission !== "Use the App") {
    throw new GatewayError("USAGE", { reason: "An app is shared as “Use the App”: leave --permission out." });
  }
  return port === undefined ? { name: app ?? "", ...start } : { port: parseNumber("--port", port), ...start };
}
