import { createLogger } from "../base/log.ts";
import { HubService } from "../hub-service/hub-service.ts";
import { readOrMakeKey } from "../hub-service/key-file.ts";
import { readServiceSettings, type ServiceFlags } from "../hub-service/settings.ts";
import { publicKeyText } from "../share/hub-link/orders.ts";
import { ChildProcesses } from "../system/child-process.ts";
import { Ending } from "./ending.ts";

/** “waiide hub-service run”: runs the administrator's page until a signal stops it. */
export async function run(flags: ServiceFlags): Promise<void> {
  const settings = readServiceSettings(flags, process.env);
  const logger = await createLogger({ logLevel: "info", logFormat: process.stderr.isTTY ? "text" : "json" });
  const ending = new Ending(logger, new ChildProcesses());
  const service = await HubService.start(settings, logger);
  ending.attach(service);
  if (ending.asked) return;
  logger.info({ path: settings.hub.servicePrefix, proxy: settings.proxyUrl }, "the administrator's page is ready");
}

export async function printKey(file: string): Promise<void> {
  process.stdout.write(`${publicKeyText(readOrMakeKey(file))}\n`);
}
