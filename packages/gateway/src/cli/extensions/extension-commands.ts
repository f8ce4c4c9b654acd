import { spawn } from "node:child_process";
import { once } from "node:events";
import { GatewayError } from "../../base/errors.ts";
import { loadConfig } from "../../config/config.ts";
import { defaultInputs } from "../../config/inputs.ts";
import { listDamage } from "../../ide/extensions/missing-extensions.ts";
import { ownExtensionId } from "../../ide/extensions/own-extension.ts";
import { inspectIdeServer } from "../../ide/install/ide-server.ts";
import { ideEnvironment } from "../../ide/server/environment.ts";
import { dataArguments } from "../../ide/server/launch.ts";

export interface InstallExtensionsFlags {
  readonly force?: true;
}

export async function list(): Promise<void> {
  await manage(["--list-extensions", "--show-versions"]);
}

export async function install(names: readonly string[], { force }: InstallExtensionsFlags): Promise<void> {
  await manage([...names.flatMap((name) => ["--install-extension", name]), ...(force ? ["--force"] : [])]);
}

/** @throws GatewayError USAGE for WAIIDE's own, which every start installs again */
export async function uninstall(names: readonly string[]): Promise<void> {
  const own = names.find((name) => name.toLowerCase() === ownExtensionId);
  if (own !== undefined)
    throw new GatewayError("USAGE", { reason: `${own} is a part of WAIIDE and cannot be uninstalled.` });
  await manage(names.flatMap((name) => ["--uninstall-extension", name]));
}

/** Runs the IDE server once, only for this: it works whether or not the IDE runs. */
async function manage(what: readonly string[]): Promise<void> {
  // The folder holds the owner's extensions, also where a guest's terminal asks (RULES R16).
  if (process.env.WAIIDE_SHARE !== undefined) throw new GatewayError("GUEST_TERMINAL", { what: "manage extensions" });
  const config = loadConfig({ ...defaultInputs(new Map()), tolerant: true });
  const server = await inspectIdeServer(config.ideServer);
  if (server instanceof GatewayError) throw server;
  const damage = await listDamage(config.dataFolder);
  if (damage !== undefined) throw new GatewayError("EXTENSION_LIST_DAMAGED", { reason: `${damage}.` });
  const child = spawn(server.node, [server.mainScript, ...what, ...dataArguments(config.dataFolder)], {
    stdio: "inherit",
    env: ideEnvironment(process.env, config),
  });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}
