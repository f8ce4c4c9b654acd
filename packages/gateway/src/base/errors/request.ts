import type { ErrorRows } from "./row.ts";

/** Requests that are not valid, and faults of ours. */
export const requestErrors = {
  UPGRADE_REFUSED: {
    status: 400,
    message: "This address does not accept WebSockets.",
    action: "Connect below /ide/, /proxy/<port>/ or /apps/<name>/.",
  },
  BAD_REQUEST: {
    status: 400,
    message: "The request is not valid: {reason}.",
    action: "The API is described at {base}api/openapi.json.",
  },
  GIT_PULL_REFUSED: {
    status: 400,
    message: "This link to a repository cannot be followed: {reason}.",
    action: "Ask whoever gave you the link, or clone the repository in a terminal.",
  },
  INTERNAL: {
    status: 500,
    message: "WAIIDE failed while answering this request.",
    action: "The log has the details under request {request}. Please report it.",
  },
} as const satisfies ErrorRows;
