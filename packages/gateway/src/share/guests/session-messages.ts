import { type ErrorMessage, type Method, methods, type Person, type SessionErrorCode } from "@waiide/protocol";
import Value from "typebox/value";
import { GatewayError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { FileError } from "../../workspace/file-error.ts";

/** Errors of the gateway, as guests' pages know them. */
const codes: Readonly<Record<number, SessionErrorCode>> = { 400: "INVALID", 404: "NOT_FOUND", 429: "BUSY" };

/** Between two invitations of one page to follow it. Milliseconds. */
export const invitationInterval = 5_000;

/** @returns why a request is none of the protocol's, in words */
export function problemOf(method: string, params: unknown): string | undefined {
  if (!Object.hasOwn(methods, method)) return "there is no such request";
  const problem = Value.Errors(methods[method as Method].params, params)[0];
  if (problem === undefined) return undefined;
  const place = problem.instancePath.slice(1).replaceAll("/", ".");
  return `${place === "" ? "params" : place} ${problem.message}`;
}

/** @returns undefined for what is no JSON: the caller ends the session with that reason */
export function parseMessage(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A person without what they no longer say. */
export function without(person: Person, field: "view" | "follows"): Person {
  const { [field]: _removed, ...rest } = person;
  return rest;
}

/** Why a request failed, as its answer says it. What nobody expected is in the log. */
export function failureOf(error: unknown, logger: Logger): ErrorMessage["error"] {
  if (error instanceof FileError) {
    const { code, message, version } = error;
    return { code, message, ...(version !== undefined && { version }) };
  }
  if (error instanceof GatewayError && error.status < 500) {
    return { code: codes[error.status] ?? "DENIED", message: `${error.message} ${error.action}` };
  }
  logger.error({ err: error }, "a guest's request failed");
  return { code: "FAILED", message: "WAIIDE failed while answering this request" };
}
