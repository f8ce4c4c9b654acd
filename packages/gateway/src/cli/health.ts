import type { Health } from "@waiide/protocol";
import { loadConfig } from "../config/config.ts";
import type { ConfigInputs } from "../config/sources.ts";
import { askRunningGateway } from "../control/control-client.ts";

/** Exit code 0 if the gateway with this data folder runs and its IDE can be used; else 1. Needs no login and no port. */
export async function health(inputs: ConfigInputs): Promise<void> {
  const { gatewayFolder } = loadConfig(inputs);
  const { body } = await askRunningGateway(gatewayFolder, "/api/health");
  const { status, version, ide } = body as Health;
  process.stdout.write(`${status} (WAIIDE ${version}, IDE server ${ide})\n`);
  process.exitCode = status === "ok" ? 0 : 1;
}
