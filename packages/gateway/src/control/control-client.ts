import { request as httpRequest, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { GatewayError } from "../server/errors.ts";
import { readRunningRecord } from "./control-server.ts";

/** One answer of the running gateway's API. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Milliseconds. */
const defaultTimeout = 5000;

/**
 * Asks the gateway that uses a data folder, over its control socket.
 * @param folder the gateway's data folder of this server name
 * @throws GatewayError NOT_RUNNING if nothing answers there
 */
export async function askRunningGateway(
  folder: string,
  path: string,
  timeout = defaultTimeout,
): Promise<ControlAnswer> {
  const record = await readRunningRecord(folder);
  if (record === undefined) throw new GatewayError("NOT_RUNNING", { folder });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const signal = AbortSignal.timeout(timeout);
  httpRequest({ socketPath: record.socket, path, signal }).on("response", resolve).on("error", reject).end();
  const response = await promise.catch((cause: unknown) => {
    throw new GatewayError("NOT_RUNNING", { folder }, { cause });
  });
  return { status: response.statusCode ?? 0, body: await json(response) };
}
