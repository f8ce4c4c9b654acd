import { constants } from "node:fs";
import { access, mkdir, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Health, ServerFacts, Status } from "@waiide/protocol";
import { hasCode } from "../base/error-code.ts";
import { GatewayError, reasonOf } from "../base/errors.ts";
import { type Finding, ok } from "../base/finding.ts";
import { version } from "../base/version.ts";
import type { Config } from "../config/config.ts";
import { askRunningGateway } from "../control/control-client.ts";
import { untrustedProxy } from "../http/forwarded.ts";
import { ownExtensionFile } from "../ide/extensions/own-extension.ts";
import { readVsixIdentity } from "../ide/extensions/vsix.ts";
import { type IdeServer, inspectIdeServer } from "../ide/install/ide-server.ts";
import { checkWorkspace } from "../ide/server/workspace.ts";
import {
  cachedCompressionFolderOf,
  compressionFolderOf,
  readCompressionManifest,
} from "../ide/static/compression-manifest.ts";
import { usersWhoCanConnect } from "../system/other-users.ts";
import { isListening } from "../system/ports.ts";

import { RuntimeFolder } from "../system/runtime-folder.ts";
import { checkAppNames } from "./app-names.ts";
import { checkHubMode } from "./hub-mode.ts";
import { checkPackageApps } from "./package-apps.ts";
import { checkPortNames } from "./port-names.ts";
import { checkSettings } from "./settings.ts";

const gibibyte = 1024 ** 3;

/** Runs every check. One that fails does not stop the others. */
export async function runChecks(config: Config): Promise<Finding[]> {
  const ideServer = await inspectIdeServer(config.ideServer);
  const running = await runningGateway(config);
  const findings = await Promise.all([
    checkMode(config),
    checkRuntime(),
    checkRunning(running),
    checkIdeServer(ideServer),
    checkCompression(config, ideServer),
    checkOwnExtension(),
    checkWorkspaceFolder(config),
    checkPort(config, running !== undefined),
    checkIdePort(config, running !== undefined),
    checkSockets(),
    checkDataFolder(config),
    config.mode === "jupyterhub" ? checkHubMode(config, running !== undefined) : checkAccess(config),
    checkProxies(config, running !== undefined),
    checkWebviews(config, running !== undefined),
    checkPackageApps(config),
    checkPortNames(config),
    checkAppNames(config, running !== undefined),
    checkSettings(config),
  ]);
  return findings.flat();
}

function failed(check: string, result: "warning" | "problem", error: unknown): Finding {
  if (!(error instanceof GatewayError)) throw error;
  return { check, result, message: error.message, action: error.action };
}

function checkMode({ mode, modeReason, baseUrl }: Config): Finding {
  return ok("mode", `${mode}: ${modeReason}; everything is below ${baseUrl}`);
}

function checkRuntime(): Finding {
  const { platform, arch, versions } = process;
  const machine = `WAIIDE ${version} on Node ${versions.node}, ${platform} ${arch}`;
  if (platform === "linux" && (arch === "x64" || arch === "arm64")) return ok("machine", machine);
  const action = "WAIIDE supports Linux on x64 or arm64, and on macOS only the standalone IDE.";
  return { check: "machine", result: "warning", message: machine, action };
}

async function runningGateway({ gatewayFolder }: Config): Promise<Health | GatewayError | undefined> {
  try {
    return (await askRunningGateway(gatewayFolder, "/api/health")).body as Health;
  } catch (error) {
    if (error instanceof GatewayError && error.code === "NOT_RUNNING") return undefined;
    if (error instanceof GatewayError && (error.code === "RECORD_DAMAGED" || error.code === "ANSWER_UNREADABLE")) {
      return error;
    }
    throw error;
  }
}

function checkRunning(health: Health | GatewayError | undefined): Finding {
  if (health instanceof GatewayError) {
    return { check: "running", result: "problem", message: health.message, action: health.action };
  }
  if (health === undefined) return ok("running", "no WAIIDE is running with this data folder");
  if (health.status !== "failed") return ok("running", `WAIIDE ${health.version} is running, IDE server ${health.ide}`);
  const message = `WAIIDE ${health.version} is running, but its IDE server is not`;
  return {
    check: "running",
    result: "problem",
    message,
    action: "Its log and its page say why; the page can restart it.",
  };
}

function checkIdeServer(ideServer: IdeServer | GatewayError): Finding {
  if (ideServer instanceof GatewayError) return failed("IDE server", "problem", ideServer);
  const { productName, release, version: vscode, folder, distribution } = ideServer;
  const message = `${productName} ${release} (VS Code ${vscode}) in ${folder}`;
  if (distribution.tested) return ok("IDE server", message);
  const action = "WAIIDE is tested with code-server only; please report what does not work.";
  return { check: "IDE server", result: "warning", message: `${message}; this distribution is not tested`, action };
}

async function checkCompression(config: Config, ideServer: IdeServer | GatewayError): Promise<Finding> {
  if (ideServer instanceof GatewayError) return ok("compressed files", "not checked without an IDE server");
  for (const folder of [compressionFolderOf(ideServer), cachedCompressionFolderOf(config.cacheFolder, ideServer)]) {
    const manifest = await readCompressionManifest(folder, ideServer);
    if (manifest !== undefined) return ok("compressed files", `${manifest.files.size} files in ${folder}`);
  }
  return {
    check: "compressed files",
    result: "warning",
    message: "none for this IDE server: the first page loads slower until WAIIDE has created them",
    action: "“waiide ide install” creates them in advance.",
  };
}

async function checkOwnExtension(): Promise<Finding> {
  const file = ownExtensionFile();
  try {
    const { id, version: release } = await readVsixIdentity(file);
    return ok("extension", `${id} ${release}, built into the IDE`);
  } catch (error) {
    const missing = hasCode(error, "ENOENT");
    const message = `WAIIDE's own extension is not built into the IDE: ${missing ? `there is no ${file}` : reasonOf(error)}`;
    const action = "Run “npm run build”. Without it nothing can be shared from the IDE.";
    return { check: "extension", result: "warning", message, action };
  }
}

async function checkWorkspaceFolder({ workspace }: Config): Promise<Finding> {
  try {
    await checkWorkspace(workspace);
  } catch (error) {
    return failed("workspace", "problem", error);
  }
  const writable = await access(workspace, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (writable) return ok("workspace", workspace);
  const action = "Files in it can be read but not saved; change its permissions or choose another with --workspace.";
  return { check: "workspace", result: "warning", message: `${workspace} is read-only`, action };
}

async function checkPort({ host, port, socket }: Config, ours: boolean): Promise<Finding> {
  if (socket !== undefined) return ok("port", `none; the unix socket ${socket}`);
  if (port === 0 || ours || !(await isListening(host, port))) return ok("port", `${host}:${port}`);
  return failed("port", "problem", new GatewayError("PORT_BUSY", { host, port }));
}

async function checkIdePort({ ideListen }: Config, ours: boolean): Promise<Finding> {
  if (ideListen === "unix") return ok("IDE socket", "a private unix socket");
  const { host, port } = ideListen;
  if (!ours && (await isListening(host, port)))
    return failed("IDE socket", "problem", new GatewayError("PORT_BUSY", { host, port }));
  return {
    check: "IDE socket",
    result: "warning",
    message: `${host}:${port}: every user of this machine can reach it without a login`,
    action: "Leave --ide-listen at unix unless something needs the port.",
  };
}

async function checkSockets(): Promise<Finding> {
  try {
    const folder = await RuntimeFolder.create(process.env);
    await folder.close();
    return ok("sockets", `private folders below ${dirname(folder.path)}`);
  } catch (error) {
    return failed("sockets", "problem", error);
  }
}

async function checkDataFolder({ dataFolder, gatewayFolder }: Config): Promise<Finding> {
  try {
    await mkdir(gatewayFolder, { recursive: true, mode: 0o700 });
    await access(gatewayFolder, constants.W_OK);
  } catch (error) {
    return failed(
      "data",
      "problem",
      new GatewayError("DATA_FOLDER_UNUSABLE", { folder: dataFolder, reason: reasonOf(error) }),
    );
  }
  const { bavail, bsize } = await statfs(dataFolder);
  const free = `${((bavail * bsize) / gibibyte).toFixed(1)} GiB free in ${dataFolder}`;
  if (bavail * bsize > gibibyte) return ok("disk", free);
  const action = "Free some space: editors, extensions and terminals fail in odd ways on a full disk.";
  return { check: "disk", result: "warning", message: free, action };
}

async function checkAccess(config: Config): Promise<Finding> {
  const { host, socket, authentication } = config;
  const where = socket === undefined ? host : `the unix socket ${socket}`;
  if (authentication.kind === "token" || authentication.kind === "password") {
    return ok("access", `${where}, with a ${authentication.kind}`);
  }
  const others = await usersWhoCanConnect(config);
  if (others.length === 0) return ok("access", `${where}, without a login`);
  return {
    check: "access",
    result: "warning",
    message: `${where}, without a login; other users of this machine (${others.slice(0, 5).join(", ")}) can reach it`,
    action: "“--auth token” keeps them out.",
  };
}

/** The running gateway knows which proxies have forwarded requests to it. */
async function checkProxies({ gatewayFolder, trustedProxies }: Config, isRunning: boolean): Promise<Finding[]> {
  const message = trustedProxies.length === 0 ? "none is trusted" : trustedProxies.join(", ");
  if (!isRunning) return [ok("proxies", message)];
  const { body } = await askRunningGateway(gatewayFolder, "/api/status");
  const { untrusted_proxy: address } = body as Status;
  if (address === undefined) return [ok("proxies", message)];
  const action = `If it is your reverse proxy or ingress, set trusted-proxies (WAIIDE_TRUSTED_PROXIES) to ${address} or its network.`;
  return [{ check: "proxies", result: "warning", message: untrustedProxy(address), action }];
}

/** If webviews are on the IDE's own origin, people who may write a file can run programs as the owner (RULES R11). */
async function checkWebviews({ mode, webviewOrigin, gatewayFolder }: Config, isRunning: boolean): Promise<Finding> {
  const facts = isRunning ? await askRunningGateway(gatewayFolder, "/api/server") : undefined;
  const separated = facts?.status === 200 ? (facts.body as ServerFacts).webviews?.separated : undefined;
  const isLikely = webviewOrigin !== "same" && (webviewOrigin !== "auto" || mode === "standalone");
  if (separated ?? isLikely) {
    const where = webviewOrigin === "auto" ? "another origin on this machine" : webviewOrigin;
    return ok("webviews", `loaded from ${where}, apart from the IDE`);
  }
  return {
    check: "webviews",
    result: "warning",
    message:
      "notebook outputs and previews run on the IDE's own origin: a script in a file that a guest changed can run as you when you open it",
    action: "Set webview-origin (see docs/ide.md). Until then, use Restricted Mode while you share at Full Access.",
  };
}
