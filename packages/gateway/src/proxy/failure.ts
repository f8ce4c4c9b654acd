import { hasCode } from "../base/error-code.ts";
import { GatewayError, reasonOf } from "../base/errors.ts";
import type { Backend } from "./backend.ts";

// What becomes of errors between the gateway and a backend.

/** Error codes of a connection that could not be made. */
const unreachable = [
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
] as const;

/** Error codes of a connection that the backend ended too early. */
const closed = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_CLOSED", "UND_ERR_DESTROYED"] as const;

/** The error for a client when the exchange with a backend fails. */
export function backendFailure(backend: Backend, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const details = { backend: backend.name, reason: reasonOf(error) };
  if (hasCode(error, ...unreachable)) return new GatewayError("BACKEND_UNREACHABLE", details, { cause: error });
  if (hasCode(error, ...closed)) return new GatewayError("BACKEND_CLOSED", details, { cause: error });
  return new GatewayError("BACKEND_BROKEN", details, { cause: error });
}

/** Whether the backend closed an idle connection just as we used it, as it may (RFC 9112 §9.5). */
export function isClosedConnection(error: unknown): boolean {
  return hasCode(error, ...closed);
}
