import type { Dispatcher } from "undici";

/**
 * The body of an answer as text.
 * @param longest bytes
 * @throws Error where it is longer
 */
export async function readText(body: Dispatcher.ResponseData["body"], longest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longest) throw new Error(`its answer is longer than ${longest} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Undefined where it is not JSON: what to make of that depends on the answer's status. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
