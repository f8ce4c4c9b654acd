import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { GatewayError, reasonOf } from "../base/errors.ts";
import { readRunningRecord } from "./control-server.ts";

/** One answer of the running gateway's API. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Milliseconds. */
const defaultTimeout = 5000;

export interface ControlRequest {
  readonly method?: string;
  readonly body?: unknown;
  /** Milliseconds. Default 5,000. */
  readonly timeout?: number;
  /** The socket that the owner's IDE names (WAIIDE_CONTROL_SOCKET). Default: that of the folder's gateway. */
  readonly socket?: string | undefined;
}

/**
 * Asks the gateway that uses a data folder, over its control socket.
 * @param folder the gateway's data folder of this server name
 * @throws GatewayError NOT_RUNNING if nothing answers there; ANSWER_UNREADABLE
 */
export async function askRunningGateway(
  folder: string,
  path: string,
  { method = "GET", body, timeout = defaultTimeout, socket }: ControlRequest = {},
): Promise<ControlAnswer> {
  const socketPath = socket ?? (await readRunningRecord(folder))?.socket;
  if (socketPath === undefined) throw new GatewayError("NOT_RUNNING", { folder });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const signal = AbortSignal.timeout(timeout);
  const content = body === undefined ? undefined : JSON.stringify(body);
  const headers = content === undefined ? {} : { "Content-Type": "application/json" };
  httpRequest({ socketPath, path, method, headers, signal }).on("response", resolve).on("error", reject).end(content);
  const response = await promise.catch((cause: unknown) => {
    throw new GatewayError("NOT_RUNNING", { folder }, { cause });
  });
  const status = response.statusCode ?? 0;
  try {
    return { status, body: bodyOf(await text(response), status) };
  } catch (cause) {
    throw new GatewayError("ANSWER_UNREADABLE", { socket: socketPath, reason: reasonOf(cause) }, { cause });
  }
}

/** Whoever asks reads properties of it, and of every refusal its reason. */
function bodyOf(answer: string, status: number): unknown {
  if (answer === "" && status < 400) return undefined;
  const body: unknown = JSON.parse(answer);
  if (typeof body !== "object" || body === null) throw new TypeError("it is not a JSON object");
  return body;
}
