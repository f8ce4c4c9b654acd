import { WholeNumber } from "@waiide/protocol";
import { type Static, Type } from "typebox";
import { appFault, appNamePattern } from "./app-faults.ts";
import { setting, TextList } from "./setting.ts";

/** An app under `/apps/<name>/`. The options are those of jupyter-server-proxy, durations in seconds; see docs/apps.md. */
export const AppSchema = Type.Object(
  {
    command: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description:
          "Program and arguments; {port}, {unix_socket} and {base_url} are filled in, {{ and }} are braces. Without it, the app must already run, at port or unix_socket.",
      }),
    ),
    title: Type.Optional(Type.String({ description: "Shown in lists. Default: the app's name." })),
    icon_path: Type.Optional(
      Type.String({
        pattern: "^/.*\\.(svg|png|jpg|jpeg|gif|webp|ico)$",
        description: "Picture shown in lists: a file's absolute path; SVG, PNG, JPEG, GIF, WebP or ICO.",
      }),
    ),
    open_path: Type.Optional(
      Type.String({ pattern: "^/", description: "Where lists open the app, below its prefix. Default /." }),
    ),
    new_browser_tab: Type.Optional(Type.Boolean({ description: "Whether lists open it in a new tab. Default true." })),
    listed: Type.Optional(Type.Boolean({ description: "Whether lists show it. Default true." })),
    environment: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: "Variables added to its environment, with the same placeholders as command.",
      }),
    ),
    port: Type.Optional(
      WholeNumber({
        minimum: 1,
        maximum: 65535,
        description: "Loopback port that it listens on. Default: a free port.",
      }),
    ),
    unix_socket: Type.Optional(
      Type.Union([Type.Boolean(), Type.String({ pattern: "^/" })], {
        description:
          "Listens on a unix socket: true (a private one) or its path. Default: true if {unix_socket} is used and {port} is not.",
      }),
    ),
    absolute_url: Type.Optional(
      Type.Boolean({ description: "Keep the prefix in requests to the app. Default false." }),
    ),
    mappath: Type.Optional(
      Type.Record(Type.String({ pattern: "^/" }), Type.String({ pattern: "^/" }), {
        description: "Other paths for paths below the app's prefix, such as /index.html for /.",
      }),
    ),
    timeout: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: "Seconds in which it must answer. Default 30." }),
    ),
    request_headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: "Headers added to each request to the app, with the same placeholders as command.",
      }),
    ),
    ready_path: Type.Optional(
      Type.String({
        pattern: "^/",
        description: "The app is ready when this path answers with a status below 500. Default /.",
      }),
    ),
    idle_timeout: Type.Optional(
      Type.Number({
        minimum: 0,
        description: "Seconds without a request or open socket after which it is stopped; 0: never. Default 0.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type AppSettings = Static<typeof AppSchema>;

const apps = setting({
  schema: Type.Record(Type.String({ pattern: appNamePattern }), AppSchema, { additionalProperties: false }),
  default: {},
  description: "Other programs under /apps/<name>/, as a JSON object or a file with one; see docs/apps.md.",
  setBy: "user",
  fault: (value) => appFault(value, Object.keys(AppSchema.properties)),
  show: (programs) => Object.fromEntries(Object.entries(programs).map(([name, app]) => [name, masked(app)])),
});

/** The environment and headers of apps may hold their keys and passwords. */
function masked(app: AppSettings): AppSettings {
  const { environment, request_headers } = app;
  return {
    ...app,
    ...(environment === undefined ? {} : { environment: maskedValues(environment) }),
    ...(request_headers === undefined ? {} : { request_headers: maskedValues(request_headers) }),
  };
}

function maskedValues(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(record).map((key) => [key, "***"]));
}

const serverProxyPythons = setting({
  schema: TextList,
  default: ["python3"],
  description:
    "Pythons, by name or path, whose packages for jupyter-server-proxy become apps; none: no packages. See docs/apps.md.",
  setBy: "administrator",
  decide: (given): readonly string[] => (given.length === 1 && given[0] === "none" ? [] : given),
});

export const appSettings = { apps, "server-proxy-pythons": serverProxyPythons } as const;
