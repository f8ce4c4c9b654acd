import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GatewayError } from "../../base/errors.ts";
import { loadConfig } from "../../config/config.ts";
import { defaultInputs } from "../../config/inputs.ts";
import { type IdeServer, inspectIdeServer } from "../../ide/install/ide-server.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { findWindow } from "./ide-window.ts";

/** Hands a command line to VS Code's own command, and this to a window of the running IDE. */
export async function openInIde(given: readonly string[]): Promise<void> {
  const { ideServer, dataFolder, gatewayFolder } = loadConfig({ ...defaultInputs(new Map()), tolerant: true });
  const server = await inspectIdeServer(ideServer);
  if (server instanceof GatewayError) throw server;
  const script = await scriptOf(server);
  const needsWindow = !given.some((argument) => /^(-h|--help|-v|--version)$/.test(argument));
  // Without a socket the script only says that there is none, even to who asks for help.
  const socket = needsWindow ? await findWindow({ environment: process.env, dataFolder, gatewayFolder }) : "/";
  const child = spawn(server.node, [script, "code", server.version, server.commit ?? "", "code", ...given], {
    stdio: "inherit",
    // The script takes PWD for the folder, and programs that start it need not have set that.
    env: { ...process.env, VSCODE_IPC_HOOK_CLI: socket, PWD: process.cwd() },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}

async function scriptOf(server: IdeServer): Promise<string> {
  const script = join(dirname(server.mainScript), "server-cli.js");
  if ((await unlessMissing(stat(script))) !== undefined) return script;
  throw new GatewayError("IDE_UNUSABLE", {
    folder: server.folder,
    reason: "it has no command line: server-cli.js is missing",
  });
}
