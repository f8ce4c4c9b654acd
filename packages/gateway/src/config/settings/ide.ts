import { existsSync } from "node:fs";
import { join } from "node:path";
import { Type } from "typebox";
import { bracketed } from "../../proxy/backend.ts";
import { homeFolder } from "../../system/home-folder.ts";
import { unbracketed } from "../addresses.ts";
import { absolutePath, defaultIdeServer } from "../paths.ts";
import { OneOf, setting, TextList } from "./setting.ts";

/** The IDE server: where it is, where it listens, and what it starts with. */

const workspace = setting({
  schema: Type.String({ minLength: 1 }),
  description:
    "Folder that the IDE opens. Default: JUPYTERHUB_ROOT_DIR, else ~/workspace if it exists, else the current folder.",
  setBy: "user",
  decide: (given, { inputs }) => absolutePath(given ?? (inputs.environment.JUPYTERHUB_ROOT_DIR || defaultWorkspace())),
});

function defaultWorkspace(): string {
  const folder = join(homeFolder(), "workspace");
  return existsSync(folder) ? folder : process.cwd();
}

const ideServer = setting({
  schema: Type.String({ minLength: 1 }),
  description:
    "Folder of the VS Code server. Default: /opt/calliope/WAIIDE-server if it exists, else the one that “waiide ide install” installed.",
  setBy: "administrator",
  variable: "WAIIDE_SERVER_ROOT",
  decide: (given, { inputs }) => absolutePath(given ?? defaultIdeServer(inputs.environment)),
});

type IdeListen = "unix" | { readonly host: string; readonly port: number };

const ideListen = setting({
  schema: Type.String({ pattern: "^(unix|(127\\.0\\.0\\.1|localhost|\\[::1\\]):[0-9]{1,5})$" }),
  default: "unix",
  description: "Where the IDE server listens: unix (a private socket) or a loopback address such as 127.0.0.1:8071.",
  setBy: "administrator",
  fault(value) {
    const port = Number(/:(\d{1,5})$/.exec(String(value))?.[1] ?? 1);
    return port < 1 || port > 65535 ? "the port must be from 1 to 65535" : undefined;
  },
  decide(given): IdeListen {
    if (given === "unix") return given;
    const colon = given.lastIndexOf(":");
    return { host: unbracketed(given.slice(0, colon)), port: Number(given.slice(colon + 1)) };
  },
  show: (listen) => (listen === "unix" ? listen : `${bracketed(listen.host)}:${listen.port}`),
});

const waitingPageStatus = setting({
  schema: OneOf("error", "200"),
  default: "error",
  description:
    "HTTP status of the pages that people see while the IDE, an app or a port is starting: error (503, or 502 for a port), or 200, for ingresses that replace errors with their own pages. Programs always get the error.",
  setBy: "administrator",
});

const disableFileDownloads = setting({
  schema: Type.Boolean(),
  default: false,
  description:
    "Remove “Download…” from the IDE (code-server). A terminal, and a guest who may read a file, can still take its content out.",
  setBy: "administrator",
});

const disableFileUploads = setting({
  schema: Type.Boolean(),
  default: false,
  description: "Remove “Upload…” and dropping of files from the IDE (code-server). A terminal can still fetch files.",
  setBy: "administrator",
});

const openLastFolder = setting({
  schema: Type.Boolean(),
  default: true,
  description:
    "Open the folder that was open last. Off, or where that folder is gone: the workspace. ?folder= in the address wins over both.",
  setBy: "user",
});

const locale = setting({
  schema: Type.String({ pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$" }),
  description:
    "Display language of the IDE, such as de; its language pack must be among the extensions. Default: what the user chose in the IDE, else the browser's.",
  setBy: "user",
});

const appName = setting({
  schema: Type.String({ minLength: 1, maxLength: 60 }),
  description: "Name in the title of the window and on the login page. Default: the IDE's own name.",
  setBy: "administrator",
});

const welcomeText = setting({
  schema: Type.String({ minLength: 1, maxLength: 1000 }),
  description: "Text on the login page in place of WAIIDE's own. Default: what to enter, and where to find it.",
  setBy: "administrator",
});

export const ideSettings = {
  workspace,
  "open-last-folder": openLastFolder,
  locale,
  "app-name": appName,
  "welcome-text": welcomeText,
  "ide-server": ideServer,
  "ide-listen": ideListen,
  "waiting-page-status": waitingPageStatus,
  "disable-file-downloads": disableFileDownloads,
  "disable-file-uploads": disableFileUploads,
} as const;

const extensionGallery = setting({
  schema: Type.String({ pattern: "^(none|https?://.+)$" }),
  default: "https://open-vsx.org/vscode",
  description: "Extension gallery of the IDE: its URL, or none.",
  setBy: "administrator",
  decide: (given): string | undefined => (given === "none" ? undefined : given),
  show: (url) => url ?? "none",
});

const extensions = setting({
  schema: TextList,
  default: [],
  description: "Extensions (ids or .vsix files) installed before the page opens.",
  setBy: "user",
});

const defaultSettings = setting({
  schema: Type.Record(Type.String(), Type.Unknown()),
  default: {},
  description: "Defaults for the IDE's settings; users' own settings override them. A JSON object, or a file with one.",
  setBy: "user",
});

const telemetry = setting({
  schema: Type.Boolean(),
  default: false,
  description: "Let the IDE send telemetry to its vendor.",
  setBy: "user",
});

const workspaceTrust = setting({
  schema: Type.Boolean(),
  default: false,
  description: "Let the IDE ask whether to trust the workspace.",
  setBy: "user",
});

const copySetup = setting({
  schema: Type.Boolean(),
  default: true,
  description:
    "Offer “Set Up” for a copy of what others share: it runs the commands that were shown; see docs/copies.md.",
  setBy: "administrator",
});

const aiFeatures = setting({
  schema: Type.Boolean(),
  default: false,
  description: "Show the IDE's chat panel, which needs an external service.",
  setBy: "user",
});

export const extensionSettings = {
  "extension-gallery": extensionGallery,
  extensions,
  "default-settings": defaultSettings,
  telemetry,
  "workspace-trust": workspaceTrust,
  "copy-setup": copySetup,
  "ai-features": aiFeatures,
} as const;
