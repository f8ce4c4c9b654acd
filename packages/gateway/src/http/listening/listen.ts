import type { Server } from "node:http";
import { hasCode } from "../../base/error-code.ts";
import { GatewayError, reasonOf } from "../../base/errors.ts";

/**
 * Listens, or throws an error of our table.
 * @throws GatewayError PORT_BUSY, ADDRESS_UNAVAILABLE
 */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (error) {
    if (hasCode(error, "EADDRINUSE")) throw new GatewayError("PORT_BUSY", { host, port });
    throw new GatewayError("ADDRESS_UNAVAILABLE", { host, port, reason: reasonOf(error) }, { cause: error });
  } finally {
    server.off("error", reject);
  }
}
