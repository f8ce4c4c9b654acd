import { GatewayError } from "../../base/errors.ts";
import { loadConfig } from "../../config/config.ts";
import { defaultInputs } from "../../config/inputs.ts";
import { askRunningGateway, type ControlRequest } from "../../control/control-client.ts";

/** A refusal of the running gateway, with its own message. */
export class RefusedByGateway extends GatewayError {
  readonly refusal: { readonly code: string; readonly message: string; readonly action: string };

  constructor(refusal: RefusedByGateway["refusal"]) {
    super("REFUSED", { message: refusal.message, action: refusal.action, code: refusal.code });
    this.refusal = refusal;
  }
}

/** Sends a request to the running gateway, which decides everything about shares. */
export async function ask(path: string, request: ControlRequest = {}): Promise<unknown> {
  const { gatewayFolder } = loadConfig({ ...defaultInputs(new Map()), tolerant: true });
  const socket = process.env.WAIIDE_CONTROL_SOCKET || undefined;
  const { status, body } = await askRunningGateway(gatewayFolder, path, { timeout: 30_000, socket, ...request });
  if (status < 400) return body;
  throw new RefusedByGateway((body as { error: RefusedByGateway["refusal"] }).error);
}
