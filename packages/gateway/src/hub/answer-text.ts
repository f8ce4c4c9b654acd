import type { Dispatcher } from "undici";

/**
 * The body of a response as text.
 * @throws Error if it is longer than `maxLength` bytes
 */
export async function readText(body: Dispatcher.ResponseData["body"], maxLength: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxLength) throw new Error(`its answer is longer than ${maxLength} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Undefined if it is not JSON; what that means depends on the status. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
