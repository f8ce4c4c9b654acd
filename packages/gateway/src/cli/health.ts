import type { Health } from "@waiide/protocol";
import { loadConfig } from "../config/config.ts";
import type { ConfigInputs } from "../config/inputs.ts";
import { askRunningGateway } from "../control/control-client.ts";

/** “waiide health”: exit code 0 if the gateway with this data folder runs and its IDE can be used, else 1. Needs no login. */
export async function health(inputs: ConfigInputs): Promise<void> {
  const { gatewayFolder } = loadConfig(inputs);
  const { body } = await askRunningGateway(gatewayFolder, "/api/health");
  const { status, version, ide } = body as Health;
  process.stdout.write(`${status} (WAIIDE ${version}, IDE server ${ide})\n`);
  process.exitCode = status === "ok" ? 0 : 1;
}
