import { join } from "node:path";
import { WholeNumber } from "@waiide/protocol";
import { Type } from "typebox";
import { absolutePath } from "../paths.ts";
import { type Context, setting } from "./setting.ts";

/** Where webviews come from, and where data is kept. */

const webviewOrigin = setting({
  schema: Type.String({ pattern: "^(auto|same|https?://(\\{\\{?uuid\\}?\\}\\.)?[^/?#\\s{}]+(/[^?#\\s]*)?)$" }),
  default: "auto",
  description:
    "Origin of webviews (notebook outputs, previews), which separates their scripts from the IDE: auto (another origin on this machine, if the browser reaches one), same (the IDE's own origin), or https://{{uuid}}.webviews.example.org; see docs/ide.md.",
  setBy: "administrator",
});

const webviewPort = setting({
  schema: WholeNumber({ minimum: 0, maximum: 65535 }),
  default: 0,
  description:
    "Standalone: second port on --host, only for webview files, if webview-origin is auto; 0: a free one, the same at each start.",
  setBy: "administrator",
});

export const webviewSettings = { "webview-origin": webviewOrigin, "webview-port": webviewPort } as const;

const dataDir = setting({
  schema: Type.String({ minLength: 1 }),
  description:
    "Data of the IDE; the gateway's own data is in gateway/<server name or _>/ below it. Default ~/.WAIIDE-server.",
  setBy: "administrator",
  key: "dataFolder",
  decide: (given) => absolutePath(given ?? "~/.WAIIDE-server"),
});

/** The gateway's own data, in one folder for each server name (RULES R23). */
export function gatewayFolderOf({ inputs, value }: Context): string {
  return join(value(dataDir), "gateway", folderName(inputs.environment.JUPYTERHUB_SERVER_NAME ?? ""));
}

/** Old hubs allow any name; `_` is the default server's. */
function folderName(serverName: string): string {
  if (serverName === "") return "_";
  return encodeURIComponent(serverName).replace(/^[._]/, (first) => (first === "." ? "%2E" : "%5F"));
}

const cacheDir = setting({
  schema: Type.String({ minLength: 1 }),
  description:
    "Compressed static files, if the IDE's folder is read-only. Default: XDG_CACHE_HOME/waiide or ~/.cache/waiide.",
  setBy: "user",
  key: "cacheFolder",
  decide: (given, { inputs }) => absolutePath(given ?? join(inputs.environment.XDG_CACHE_HOME || "~/.cache", "waiide")),
});

export const folderSettings = { "data-dir": dataDir, "cache-dir": cacheDir } as const;
