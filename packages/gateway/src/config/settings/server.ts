import { existsSync } from "node:fs";
import { WholeNumber } from "@waiide/protocol";
import { Type } from "typebox";
import { bracketed } from "../../proxy/backend.ts";
import { unbracketed } from "../addresses.ts";
import { hubVariables, readListener } from "../hub-settings.ts";
import { absolutePath } from "../paths.ts";
import { type Context, OneOf, setting } from "./setting.ts";

/** How the gateway runs, and where it listens. */

type Mode = "auto" | "jupyterhub" | "standalone";

/** Whether there is a hub, and why so, for “waiide doctor”. */
export function decideMode(mode: Mode, environment: NodeJS.ProcessEnv) {
  const found = hubVariables.filter((name) => environment[name]);
  if (mode !== "auto") return { mode, modeReason: "set by --mode" };
  if (found.length > 0) return { mode: "jupyterhub" as const, modeReason: `${found.join(", ")} is set` };
  return { mode: "standalone" as const, modeReason: `none of ${hubVariables.join(", ")} is set` };
}

export const mode = setting({
  schema: OneOf("auto", "jupyterhub", "standalone"),
  default: "auto",
  description:
    "jupyterhub or standalone; auto: jupyterhub if JUPYTERHUB_SERVICE_PREFIX, JUPYTERHUB_USER or JUPYTERHUB_API_TOKEN is set.",
  setBy: "administrator",
  decide: (given: Mode, { inputs }) => decideMode(given, inputs.environment).mode,
});

export const disableUserConfig = setting({
  schema: Type.Boolean(),
  default: false,
  description:
    "Do not read the user's own configuration file (~/.config/waiide/config.json). Default behind a hub: JUPYTERHUB_DISABLE_USER_CONFIG.",
  setBy: "administrator",
  key: null,
  warn: (isOn, { inputs: { userFile } }) =>
    isOn && existsSync(userFile) ? `${userFile} is not read: disable-user-config is on.` : undefined,
});

export const host = setting({
  schema: Type.String({ minLength: 1 }),
  default: "127.0.0.1",
  description: "Address to listen on. Behind a hub JUPYTERHUB_SERVICE_URL decides, if it is set.",
  setBy: "administrator",
  decide: (given, context): string => listenerOf(context)?.host ?? unbracketed(given),
  warn: (_value, context) => movedWarning(context),
});

export const port = setting({
  schema: WholeNumber({ minimum: 0, maximum: 65535 }),
  default: 8070,
  description: "Port to listen on; 0: any free one. Behind a hub JUPYTERHUB_SERVICE_URL decides, if it is set.",
  setBy: "administrator",
  decide: (given, context): number => listenerOf(context)?.port ?? given,
});

function listenerOf({ isBehindHub, inputs }: Context) {
  return isBehindHub ? readListener(inputs.environment.JUPYTERHUB_SERVICE_URL) : undefined;
}

/** About host and port in one sentence. */
function movedWarning({ hub, isSet, given, value }: Context): string | undefined {
  if (hub?.listener === undefined) return undefined;
  const isMoved =
    (isSet(host) && unbracketed(given(host)) !== value(host)) || (isSet(port) && given(port) !== value(port));
  if (!isMoved) return undefined;
  return `JUPYTERHUB_SERVICE_URL decides where to listen: ${bracketed(value(host))}:${value(port)}.`;
}

export const socket = setting({
  schema: Type.String({ minLength: 1 }),
  description: "Unix socket to listen on, in place of --host and --port: the path of a file.",
  setBy: "administrator",
  standaloneOnly: true,
  decide: (given, { isBehindHub }) => (isBehindHub || given === undefined ? undefined : absolutePath(given)),
});

export const socketMode = setting({
  schema: Type.String({ pattern: "^0?[0-7]{3}$" }),
  default: "600",
  description:
    "Permissions of the file of --socket: who may write to it may connect. With more than 600, --auth needs an explicit choice.",
  setBy: "administrator",
  standaloneOnly: true,
  decide: (given): number => Number.parseInt(given, 8),
  show: (mode) => mode.toString(8),
});

const open = setting({
  schema: Type.Boolean(),
  default: false,
  description: "Open WAIIDE in the browser of this machine once it is ready ($BROWSER, else xdg-open).",
  setBy: "user",
  standaloneOnly: true,
});

const baseUrl = setting({
  schema: Type.String({ pattern: "^/(?!/)[^?#\\\\\\s]*$" }),
  description: "Path prefix of all URLs. Default: JUPYTERHUB_SERVICE_PREFIX, else /.",
  setBy: "administrator",
  standaloneOnly: true,
  decide: (given, { hub, inputs }) =>
    hub?.servicePrefix ?? withSlash(given ?? inputs.environment.JUPYTERHUB_SERVICE_PREFIX ?? "/"),
});

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}

const defaultUrl = setting({
  schema: Type.String({ pattern: "^/" }),
  description:
    "Page that the prefix itself opens. Default behind a hub: JUPYTERHUB_DEFAULT_URL, else /ide; without one: / (the IDE itself).",
  setBy: "administrator",
  decide: (given, context): string => decideDefaultUrl(given, context).path,
  warn: (_value, context): string | undefined => decideDefaultUrl(context.given(defaultUrl), context).warning,
});

/** Pages of Jupyter itself. Hubs that were set up for it often name one as the default of every server. */
const jupyterPages = /^\/(lab|tree|doc|notebooks|nbclassic|retro|edit|consoles)(\/|\?|$)/;

function decideDefaultUrl(
  given: string | undefined,
  { isBehindHub, inputs }: Context,
): { path: string; warning?: string } {
  const ofHub = inputs.environment.JUPYTERHUB_DEFAULT_URL;
  if (!isBehindHub) return { path: given ?? ofHub ?? "/" };
  const path = given ?? (ofHub || "/ide");
  // The gateway's own path serves the IDE, and `/` must not: it would redirect to itself.
  if (path === "/" || !path.startsWith("/")) return { path: "/ide" };
  if (given !== undefined || !jupyterPages.test(path)) return { path };
  const warning = `The hub's default URL ${path} is a page of JupyterLab; /ide is used instead. An app's address is /apps/<name>/.`;
  return { path: "/ide", warning };
}

export const serverSettings = {
  mode,
  "disable-user-config": disableUserConfig,
  host,
  port,
  socket,
  "socket-mode": socketMode,
  open,
  "base-url": baseUrl,
  "default-url": defaultUrl,
} as const;
