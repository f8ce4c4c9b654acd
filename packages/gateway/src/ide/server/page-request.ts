import type { IncomingMessage, ServerResponse } from "node:http";
import { openerPolicy } from "../../http/isolation.ts";
import { backendFailure } from "../../proxy/failure.ts";
import type { Forward } from "../../proxy/forward.ts";
import { backendRequestHeaders, browserResponseHeaders } from "../../proxy/headers.ts";

// Serves the page of the IDE's workbench, changed on its way.

/** The workbench's page has 6 KB; what is much larger is something else. Bytes. */
const maxPageSize = 2 * 1024 * 1024;

/**
 * Fetches the IDE's page and answers with it, changed: its own headers (the content security policy names the scripts'
 * nonce) but for caching.
 * @param rewrite gets the page; what it returns is sent
 * @param frameSources further origins that the page may frame
 */
export async function servePage(
  request: IncomingMessage,
  response: ServerResponse,
  forward: Forward,
  rewrite: (html: string) => string,
  frameSources: readonly string[] = [],
): Promise<void> {
  const stop = new AbortController();
  response.once("close", () => stop.abort());
  const answer = await fetchPage(request, forward, stop.signal).catch((error: unknown) => {
    if (response.destroyed) return undefined;
    throw backendFailure(forward.backend, error);
  });
  if (!answer) return;
  const isPage = answer.status === 200 && /^text\/html\b/i.test(answer.type);
  const body = isPage ? Buffer.from(rewrite(answer.body.toString("utf8"))) : answer.body;
  const headers = withFrameSources(browserResponseHeaders(answer.headers, forward, false), frameSources);
  headers.push("Content-Length", String(body.length), "Cache-Control", "no-store", ...isolationOf(request));
  response.writeHead(answer.status, headers).end(request.method === "HEAD" ? undefined : body);
}

/** RULES R5: as its own header, the policy is added to the page's; so the browser keeps both. */
function isolationOf(request: IncomingMessage): string[] {
  return [
    ["Content-Security-Policy", "frame-ancestors 'none'"],
    ["X-Frame-Options", "DENY"],
    ["Cross-Origin-Opener-Policy", openerPolicy(request)],
    ["Cross-Origin-Resource-Policy", "same-origin"],
  ].flat();
}

async function fetchPage(request: IncomingMessage, forward: Forward, signal: AbortSignal) {
  const answer = await forward.backend.request({
    path: forward.target,
    method: "GET",
    headers: backendRequestHeaders(request.rawHeaders, forward, { identity: true, version: request.httpVersion }),
    signal,
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxPageSize) throw new Error("the page is larger than any workbench's");
    chunks.push(chunk);
  }
  const headers = Object.entries(answer.headers).flatMap(([name, value = ""]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => [name, one]),
  );
  return {
    status: answer.statusCode,
    type: String(answer.headers["content-type"] ?? ""),
    headers: without(headers, ["content-length", "transfer-encoding", "cache-control", "etag", "last-modified"]),
    body: Buffer.concat(chunks),
  };
}

/** Adds to `frame-src` of the page's content security policy, where there is one. */
function withFrameSources(raw: readonly string[], sources: readonly string[]): string[] {
  const added = sources.map((source) => ` ${source}`).join("");
  return raw.map((value, index) => {
    const isPolicy = index % 2 === 1 && raw[index - 1]?.toLowerCase() === "content-security-policy";
    return isPolicy ? value.replace(/(^|;\s*)frame-src\b/i, (directive) => directive + added) : value;
  });
}

function without(raw: readonly string[], names: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = "", value = ""] = raw.slice(index, index + 2);
    if (!names.includes(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}
