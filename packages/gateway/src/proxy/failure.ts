import { GatewayError, reasonOf } from "../base/errors.ts";
import type { Backend } from "./backend.ts";

/** Error codes of a connection that could not be made. */
const unreachable = new Set([
  "ECONNREFUSED",
  "ENOENT",
  "EACCES",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Error codes of a connection that the backend ended too early. */
const closed = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_CLOSED", "UND_ERR_DESTROYED"]);

/** The error for a client when the exchange with a backend fails. */
export function backendFailure(backend: Backend, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const details = { backend: backend.name, reason: reasonOf(error) };
  const code = codeOf(error);
  if (unreachable.has(code)) return new GatewayError("BACKEND_UNREACHABLE", details, { cause: error });
  if (closed.has(code)) return new GatewayError("BACKEND_CLOSED", details, { cause: error });
  return new GatewayError("BACKEND_BROKEN", details, { cause: error });
}

/** Whether the backend closed an idle connection just as we used it, as it may (RFC 9112 §9.5). */
export function isClosedConnection(error: unknown): boolean {
  return closed.has(codeOf(error));
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
