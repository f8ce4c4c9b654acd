import type { IncomingMessage } from "node:http";

/** Whether a person opened this address: only then does a page make sense (RULES R1). */
export function isNavigation(request: IncomingMessage): boolean {
  if (request.method !== "GET") return false;
  const mode = request.headers["sec-fetch-mode"];
  if (mode !== undefined) return mode === "navigate";
  return (request.headers.accept ?? "").includes("text/html");
}

/** Whether a person looks at what is answered, as opposed to a program that only would take a page. */
export function isPersonsNavigation(request: IncomingMessage): boolean {
  const { "sec-fetch-mode": mode, "user-agent": agent } = request.headers;
  // Browsers leave Sec-Fetch-* out on plain HTTP; they all call themselves so.
  return isNavigation(request) && (mode !== undefined || agent?.startsWith("Mozilla/") === true);
}

/** A login in a frame would not be shown: the hub lets nobody frame it. */
export function isTopLevelNavigation(request: IncomingMessage): boolean {
  const destination = request.headers["sec-fetch-dest"];
  return isNavigation(request) && (destination === undefined || destination === "document");
}

/** Asked by browsers before what a page of another origin wants to send, and never with a login (Fetch §4.8). */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers.origin !== undefined && headers["access-control-request-method"] !== undefined;
}
