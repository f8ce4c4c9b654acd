import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { reasonOf } from "../../base/errors.ts";
import { appNamePattern } from "../../config/settings/app-faults.ts";
import { AppSchema, type AppSettings } from "../../config/settings/apps.ts";
import { checkApp } from "../check-apps.ts";
import { serverProxyProgram } from "./program.ts";

const OptionalText = Type.Union([Type.String(), Type.Null()]);

/** One entry point as the Python program describes it. */
const FoundServerSchema = Type.Object({
  has_command: Type.Boolean(),
  port: Type.Unknown(),
  unix_socket: Type.Unknown(),
  absolute_url: Type.Boolean(),
  timeout: Type.Unknown(),
  raw_socket_proxy: Type.Boolean(),
  mappath: Type.Record(Type.String(), Type.String()),
  request_headers: Type.Record(Type.String(), Type.String()),
  new_browser_tab: Type.Boolean(),
  enabled: Type.Boolean(),
  title: OptionalText,
  icon_path: OptionalText,
  path_info: OptionalText,
  /** Options that cannot be carried over: functions of Python. */
  lost: Type.Array(Type.String()),
});
export type FoundServer = Static<typeof FoundServerSchema>;

export const ProgramAnswerSchema = Type.Object({
  servers: Type.Record(Type.String(), FoundServerSchema),
  /** Why an entry point could not be read. */
  broken: Type.Record(Type.String(), Type.String()),
});

/** An app of a package, or why there is none; and what of it is missing. */
export interface CarriedServer {
  readonly name: string;
  readonly settings: AppSettings | undefined;
  /** In words; empty: everything was carried over. */
  readonly problems: readonly string[];
}

const picture = /^\/.*\.(svg|png|jpg|jpeg|gif|webp|ico)$/;

/**
 * The app that does what an entry point says.
 * @param python the program that runs it. @param appsUrl what it takes for its server's base URL, so that its own address, which
 * it makes of that and its name, is the app's here
 */
export function carriedOver(entry: string, found: FoundServer, python: string, appsUrl: string): CarriedServer {
  const name = entry.toLowerCase();
  const problems = found.lost.map((option) => `${option} is a function in Python, which is not called`);
  const refused = refusalOf(name, found);
  if (refused !== undefined) return { name: entry, settings: undefined, problems: [refused] };
  const icon = found.icon_path ?? "";
  if (icon !== "" && !picture.test(icon)) problems.push("its picture is of a kind that is not shown");
  const settings = {
    ...(found.has_command ? { command: commandOf(entry, python, appsUrl) } : {}),
    title: found.title ?? name,
    ...(picture.test(icon) ? { icon_path: icon } : {}),
    open_path: openPath(entry, found.path_info),
    new_browser_tab: found.new_browser_tab,
    listed: found.enabled,
    ...(typeof found.port === "number" && found.port > 0 ? { port: found.port } : {}),
    ...(found.unix_socket === true || (typeof found.unix_socket === "string" && found.unix_socket !== "")
      ? { unix_socket: found.unix_socket }
      : {}),
    absolute_url: found.absolute_url,
    mappath: found.mappath,
    request_headers: Object.fromEntries(
      Object.entries(found.request_headers).map(([header, value]) => [header, filledBase(value, appsUrl)]),
    ),
    // Theirs of 5 s is often too short on a busy machine.
    timeout: Math.max(30, typeof found.timeout === "number" ? found.timeout : 0),
  };
  const wrong = Value.Errors(AppSchema, settings)[0];
  if (wrong !== undefined) {
    return { name: entry, settings: undefined, problems: [`${wrong.instancePath.slice(1)} ${wrong.message}`] };
  }
  const app = Value.Parse(AppSchema, settings);
  try {
    checkApp(app);
    return { name, settings: app, problems };
  } catch (error) {
    return { name: entry, settings: undefined, problems: [reasonOf(error)] };
  }
}

function refusalOf(name: string, found: FoundServer): string | undefined {
  if (!new RegExp(appNamePattern).test(name)) return "its name cannot be part of an address";
  if (found.raw_socket_proxy) return "it asks for raw_socket_proxy, and only HTTP and WebSockets are passed on";
  return undefined;
}

/** The program calls the entry point at each start: its command and environment may be functions. */
function commandOf(entry: string, python: string, appsUrl: string): string[] {
  const fixed = [python, "-c", serverProxyProgram, "run", entry].map(literal);
  return [...fixed, "{port}", "{unix_socket}", literal(appsUrl)];
}

/** There it is the server's base URL, here it would be the app's. */
function filledBase(text: string, appsUrl: string): string {
  return text.replaceAll("{base_url}", literal(appsUrl));
}

/** A text as it stands in a command with placeholders. */
function literal(text: string): string {
  return text.replace(/[{}]/g, "$&$&");
}

/** `path_info` begins with the entry point's name. */
function openPath(entry: string, pathInfo: string | null): string {
  if (pathInfo === null) return "/";
  const path = pathInfo.replace(/^\/+/, "");
  if (!path.startsWith(entry)) return "/";
  const rest = path.slice(entry.length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}
