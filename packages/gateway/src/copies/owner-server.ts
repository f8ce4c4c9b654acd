import { type Copy, CopySchema, copyTargetHeader } from "@waiide/protocol";
import Value from "typebox/value";
import { GatewayError, reasonOf } from "../base/errors.ts";

/** Of a share whose copy is asked for. */
export interface CopyAddress {
  /** Ends with `/`. */
  readonly url: URL;
  /** The credential. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * RULES R30: everything that a gateway ever sends to another server.
 * @param url on the origin of our own hub
 * @param to for whom the ticket was made
 */
export function withTicket(url: URL, ticket: string, to: string): CopyAddress {
  return { url, headers: { Authorization: `Bearer ${ticket}`, [copyTargetHeader]: to } };
}

/** Descriptions are short. Bytes. */
const maxDescription = 1024 ** 2;
/** The timeout of a description. Milliseconds. */
const describeTimeout = 15_000;
/** How long an archive may be in the making, and the pause between two questions. Milliseconds. */
const maxWait = 300_000;
const maxPause = 30_000;

/**
 * What the owner's server says that a copy consists of.
 * @throws GatewayError COPY_UNREACHABLE, COPY_NOT_GIVEN
 */
export async function readDescription(address: CopyAddress): Promise<Copy> {
  const answer = await ask(address, "copy.json", AbortSignal.timeout(describeTimeout));
  return checkDescription(await parsed(answer));
}

/** @throws GatewayError COPY_NOT_GIVEN for what is no description */
export function checkDescription(value: unknown): Copy {
  if (Value.Check(CopySchema, value)) return value;
  throw new GatewayError("COPY_NOT_GIVEN", { reason: "its description of the copy cannot be read" });
}

/**
 * The archive, as it comes. A server that is making it says when to ask again.
 * @throws GatewayError COPY_UNREACHABLE, COPY_NOT_GIVEN
 */
export async function openArchive(address: CopyAddress, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const begun = Date.now();
  for (;;) {
    const answer = await ask(address, "archive.zip", signal, [503]);
    if (answer.status !== 503) {
      if (answer.body === null) throw unreachable("it sent nothing");
      return answer.body;
    }
    await answer.body?.cancel();
    if (Date.now() - begun > maxWait) throw unreachable("it has too much to do");
    const seconds = Number(answer.headers.get("retry-after") ?? 5);
    await pause(Math.min(Math.max(seconds || 1, 1) * 1_000, maxPause), signal);
  }
}

async function ask(
  { url, headers }: CopyAddress,
  what: string,
  signal: AbortSignal,
  expected: readonly number[] = [],
): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(new URL(what, url), {
      headers: { ...headers, Accept: "application/json, application/zip" },
      // A redirect would lead to another server, and is none of ours to follow.
      redirect: "manual",
      signal,
    });
  } catch (error) {
    if (signal.aborted && (signal.reason as Error | undefined)?.name !== "TimeoutError") throw error;
    throw unreachable(causeOf(error));
  }
  if (answer.ok || expected.includes(answer.status)) return answer;
  if (answer.status >= 400 && isJson(answer)) throw refusalIn(await parsed(answer));
  await answer.body?.cancel();
  throw unreachable(`it answered ${answer.status}`);
}

/** @throws GatewayError COPY_UNREACHABLE for what is no JSON, as a proxy's page */
async function parsed(answer: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > maxDescription) throw new GatewayError("COPY_NOT_GIVEN", { reason: "its description is too long" });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw unreachable("its answer is no JSON");
    throw error;
  }
}

function isJson({ headers }: Response): boolean {
  return headers.get("content-type")?.includes("json") === true;
}

/** What a stranger's server says is shown as text, and not at any length. */
function refusalIn(body: unknown): GatewayError {
  const { message } = Object(Object(body).error) as { message?: unknown };
  const reason = typeof message === "string" ? message.slice(0, 300).replace(/\.$/, "") : "it did not say why";
  return new GatewayError("COPY_NOT_GIVEN", { reason });
}

function unreachable(reason: string): GatewayError {
  return new GatewayError("COPY_UNREACHABLE", { reason });
}

/** `fetch` says why in the cause of its error. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return reasonOf(cause ?? error);
}

function pause(time: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, time);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
