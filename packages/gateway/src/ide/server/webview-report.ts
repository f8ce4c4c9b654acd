import type { IncomingMessage } from "node:http";
import { GatewayError } from "../../base/errors.ts";

/** Bytes; a longer report is cut, and then does not match. */
const maxLength = 100;

/**
 * Reads what a page of the IDE reports about its webviews.
 * @returns whether they were loaded from an origin of their own
 * @throws GatewayError BAD_REQUEST
 */
export async function readWebviewReport(request: IncomingMessage, base: string): Promise<boolean> {
  const separated = /^\{"separated":(true|false)\}$/.exec(await readStart(request))?.[1];
  if (separated === undefined)
    throw new GatewayError("BAD_REQUEST", { reason: "it says nothing about webviews", base });
  return separated === "true";
}

async function readStart(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString("latin1");
    if (text.length > maxLength) break;
  }
  return text;
}
