import { GatewayError } from "../base/errors.ts";
import { pageProofHeader } from "../http/page-proof.ts";
import { confinedSetCookie, withoutOurCookies } from "./cookies.ts";
import type { Forward } from "./forward.ts";
import { confined, type Place, redirected } from "./paths.ts";
import type { RawHeaders } from "./raw-headers.ts";

/** Our name in `Via` (RFC 9110 §7.6.3). */
const viaName = "waiide";

type Rule =
  | "keep"
  | "drop"
  | "accept-encoding"
  | "authorization"
  | "connection"
  | "cookie"
  | "host"
  | "location"
  | "refresh"
  | "service-worker-allowed"
  | "set-cookie"
  | "te"
  | "trailer"
  | "upgrade"
  | "via";

/** RFC 9110 §7.6.1: for one connection. Proxy-Connection and the Proxy-Auth… pair are so by convention. */
const hopByHop: readonly [string, Rule][] = [
  ["connection", "connection"],
  ["keep-alive", "drop"],
  ["proxy-authenticate", "drop"],
  ["proxy-authorization", "drop"],
  ["proxy-connection", "drop"],
  ["transfer-encoding", "drop"],
  ["upgrade", "upgrade"],
  ["via", "via"],
];

const requestRules = new Map<string, Rule>([
  ...hopByHop,
  ["accept-encoding", "accept-encoding"],
  ["authorization", "authorization"],
  ["cookie", "cookie"],
  // We answer it, when the backend first reads the body.
  ["expect", "drop"],
  ["host", "host"],
  ["te", "te"],
  // The trailers of an upload are not forwarded (RFC 9110 §6.5.1 permits that), so they are not announced either.
  ["trailer", "drop"],
  // RULES R4: the proof of our page must not reach a backend.
  [pageProofHeader, "drop"],
  // RULES R5: built anew, or replaced by another header. ruleOf() drops all of X-Forwarded-*.
  ["forwarded", "drop"],
  ["x-forwarded", "drop"],
  // RULES R31: only we name a guest to an app.
  ["x-waiide-guest", "drop"],
  ["x-original-host", "drop"],
  ["x-proxycontextpath", "drop"],
  ["x-real-ip", "drop"],
  ["x-scheme", "drop"],
]);

const responseRules = new Map<string, Rule>([
  ...hopByHop,
  ["te", "drop"],
  ["clear-site-data", "drop"],
  // These concern the whole origin, which is not the backend's.
  ["strict-transport-security", "drop"],
  ["alt-svc", "drop"],
  ["nel", "drop"],
  ["report-to", "drop"],
  ["content-location", "location"],
  ["location", "location"],
  ["refresh", "refresh"],
  ["service-worker-allowed", "service-worker-allowed"],
  ["set-cookie", "set-cookie"],
  ["trailer", "trailer"],
]);

/** Rules by the spelling that was sent: there are few, and lower-casing each name again takes as long as everything else. */
class SpellingCache {
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #droppedBeginning: string;
  readonly #bySpelling = new Map<string, Rule>();

  constructor(rules: ReadonlyMap<string, Rule>, droppedBeginning: string) {
    this.#rules = rules;
    this.#droppedBeginning = droppedBeginning;
  }

  ruleOf(name: string): Rule {
    const known = this.#bySpelling.get(name);
    if (known !== undefined) return known;
    const lower = name.toLowerCase();
    const rule = this.#rules.get(lower) ?? (lower.startsWith(this.#droppedBeginning) ? "drop" : "keep");
    // Limited, because strangers choose header names.
    if (this.#bySpelling.size < 1000 && name.length <= 64) this.#bySpelling.set(name, rule);
    return rule;
  }
}

const requestSpellings = new SpellingCache(requestRules, "x-forwarded-");
const responseSpellings = new SpellingCache(responseRules, "\0");

interface RequestHeaderOptions {
  /** The requested protocol of an upgrade; undefined for a plain request. */
  readonly upgrade?: string | undefined;
  /** Whether to request an uncompressed body, to rewrite it. */
  readonly identity?: boolean;
  /** HTTP version of the browser's request. Default 1.1. */
  readonly version?: string;
}

/**
 * The headers for the backend: without those of one connection and without our secrets (RULES R4), with Host and Origin
 * unchanged, and with new forwarded headers (RULES R5).
 * @throws GatewayError BAD_REQUEST for a second Host header (RFC 9112 §3.2)
 */
export function backendRequestHeaders(raw: RawHeaders, forward: Forward, options: RequestHeaderOptions = {}): string[] {
  const headers: string[] = [];
  const custom = forward.requestHeaders;
  let named: string | undefined;
  let via: string | undefined;
  let hosts = 0;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    switch (requestSpellings.ruleOf(name)) {
      case "keep":
        headers.push(name, value);
        break;
      case "host":
        hosts += 1;
        headers.push(name, value);
        break;
      case "cookie": {
        const rest = withoutOurCookies(value);
        if (rest !== "") headers.push(name, rest);
        break;
      }
      case "authorization":
        if (forward.credentials !== "authorization") headers.push(name, value);
        break;
      case "accept-encoding":
        if (!options.identity) headers.push(name, value);
        break;
      case "connection":
        named = joined(named, value);
        break;
      case "via":
        via = joined(via, value);
        break;
      case "te":
        // We forward the trailers of responses, so `trailers` is true for the next connection too.
        if (hasToken(value, "trailers")) headers.push("TE", "trailers");
        break;
    }
  }
  if (hosts > 1) {
    throw new GatewayError("BAD_REQUEST", { reason: "it has two Host headers", base: forward.context.baseUrl });
  }
  const result = withoutNamed(headers, named);
  if (options.identity) result.push("Accept-Encoding", "identity");
  if (options.upgrade !== undefined) result.push("Connection", "Upgrade", "Upgrade", options.upgrade);
  result.push("Via", viaUs(via, options.version));
  pushForwarded(result, forward);
  return custom === undefined ? result : withCustom(result, custom);
}

/**
 * The headers for the browser: without those of one connection, and with cookies, redirects and service workers inside the
 * prefix (RULES R4, R6). The caller sets `Connection` and `Upgrade`.
 * @param keepTrailer whether announced trailers can be sent, unless the response has a Content-Length
 */
export function browserResponseHeaders(raw: RawHeaders, place: Place, keepTrailer: boolean): string[] {
  const headers: string[] = [];
  let named: string | undefined;
  let via: string | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    switch (responseSpellings.ruleOf(name)) {
      case "keep":
        headers.push(name, value);
        break;
      case "set-cookie": {
        const cookie = confinedSetCookie(value, place);
        if (cookie !== undefined) headers.push(name, cookie);
        break;
      }
      case "location":
        headers.push(name, redirected(value, place));
        break;
      case "refresh":
        headers.push(name, prefixedRefresh(value, place));
        break;
      case "service-worker-allowed":
        headers.push(name, confined(value, place));
        break;
      case "trailer":
        if (keepTrailer && !hasLength(raw)) headers.push(name, value);
        break;
      case "connection":
        named = joined(named, value);
        break;
      case "via":
        via = joined(via, value);
        break;
    }
  }
  const result = withoutNamed(headers, named);
  result.push("Via", viaUs(via));
  return result;
}

/** RULES R5. Without X-Forwarded-Port: VS Code puts it into its authority, and Host has the port anyway. */
function pushForwarded(headers: string[], forward: Forward): void {
  const { clientAddress, host, scheme } = forward.context;
  headers.push("X-Forwarded-For", clientAddress, "X-Forwarded-Proto", scheme);
  if (host !== "") headers.push("X-Forwarded-Host", host);
  headers.push("Forwarded", forwardedElement(clientAddress, host, scheme));
  if (!forward.prefixStripped || forward.prefix === "/") return;
  const prefix = forward.prefix.slice(0, -1);
  // jupyter-server-proxy sets the last two, and apps for it read them.
  headers.push("X-Forwarded-Prefix", prefix, "X-Forwarded-Context", prefix, "X-ProxyContextPath", prefix);
}

/** RFC 7239 §4: addresses with a colon are bracketed and quoted, and a host with a port is quoted. */
function forwardedElement(address: string, host: string, scheme: string): string {
  const node = address === "" ? "unknown" : address.includes(":") ? `"[${address}]"` : address;
  if (host === "") return `for=${node};proto=${scheme}`;
  return `for=${node};host="${host.includes('"') || host.includes("\\") ? host.replace(/["\\]/g, "\\$&") : host}";proto=${scheme}`;
}

/** `5; url=/next` as browsers read it: the separator may be a comma, the address quoted (WHATWG HTML, “refresh”). */
function prefixedRefresh(value: string, place: Place): string {
  const match = /^(\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?["']?)(.*)$/is.exec(value);
  return match === null ? value : `${match[1]}${redirected(match[2] as string, place)}`;
}

function hasLength(raw: RawHeaders): boolean {
  return raw.some((text, index) => index % 2 === 0 && text.toLowerCase() === "content-length");
}

/** One header, so that the order of the proxies is clear. */
function viaUs(others: string | undefined, version = "1.1"): string {
  const us = `${version} ${viaName}`;
  return others === undefined ? us : `${others}, ${us}`;
}

function joined(first: string | undefined, second: string): string {
  return first === undefined ? second : `${first},${second}`;
}

function hasToken(list: string, token: string): boolean {
  return list.split(",").some((item) => item.split(";", 1)[0]?.trim().toLowerCase() === token);
}

/** Headers that a message always needs; naming them in Connection removes none of them. */
const endToEnd = new Set([
  "",
  "close",
  "keep-alive",
  "upgrade",
  "te",
  "host",
  "content-length",
  "content-type",
  "cookie",
  "origin",
]);

/** Removes the headers that Connection names (RFC 9110 §7.6.1). */
function withoutNamed(headers: string[], connection: string | undefined): string[] {
  if (connection === undefined || connection === "keep-alive" || connection === "close" || connection === "Upgrade") {
    return headers;
  }
  const names = new Set(
    connection
      .split(",")
      .map((name) => name.trim().toLowerCase())
      .filter((name) => !endToEnd.has(name)),
  );
  return names.size === 0 ? headers : filtered(headers, (name) => !names.has(name));
}

function withCustom(headers: string[], custom: Readonly<Record<string, string>>): string[] {
  const names = new Set(Object.keys(custom).map((name) => name.toLowerCase()));
  return [...filtered(headers, (name) => !names.has(name)), ...Object.entries(custom).flat()];
}

function filtered(headers: string[], keeps: (lowerCaseName: string) => boolean): string[] {
  return headers.filter((_text, index) => keeps((headers[index - (index % 2)] as string).toLowerCase()));
}
