import type { Finding } from "../base/finding.ts";
import type { Config } from "../config/config.ts";
import { askRunningGateway } from "../control/control-client.ts";
import { checkHub } from "../hub/checks.ts";
import { HubClient } from "../hub/client.ts";
import { CompanionTokens } from "../hub/companion-tokens.ts";
import { exposureOf, exposureSigns } from "../hub/exposure.ts";

/** Enough for several requests to a slow hub. Milliseconds. */
const timeout = 20_000;

/**
 * Checks the hub. In the IDE's terminal the hub's token is missing on purpose (RULES R4): there, the running gateway does the
 * checks.
 */
export async function checkHubMode(config: Config, isRunning: boolean): Promise<Finding[]> {
  const { hub, hubError, gatewayFolder } = config;
  if (hub !== undefined) {
    const client = new HubClient(hub);
    const exposed = exposureOf(exposureSigns(config.passHubToken));
    const companions = new CompanionTokens({ client, hub, exposed, allowExposed: config.allowExposedHubToken });
    return checkHub(hub, config, client, companions).finally(() => client.close());
  }
  if (isRunning) {
    const { status, body } = await askRunningGateway(gatewayFolder, "/api/hub/checks", { timeout });
    if (status === 200) return (body as { findings: Finding[] }).findings;
  }
  const message = hubError?.message ?? "the running WAIIDE knows nothing about the hub";
  return [{ check: "hub variables", result: "problem", message, action: hubError?.action ?? "Start it again." }];
}
