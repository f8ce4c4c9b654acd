import { readFileSync } from "node:fs";
import type { Dispatcher } from "undici";
// Only the parts in use, as proxy/backend.ts does.
import sendRequest from "undici/lib/api/api-request.js";
import Pool from "undici/lib/dispatcher/pool.js";
import { GatewayError, reasonOf } from "../base/errors.ts";
import { type HubSettings, hubEndpoint } from "../config/hub-settings.ts";
import { parsedJson, readText } from "./answer-text.ts";

/**
 * The result of a request to the hub. `refused`: we (or the token) may not do this, or the request is wrong (4xx). `failed`:
 * an unexpected response. `unreachable`: no response in time.
 */
export type HubAnswer =
  | { readonly kind: "ok"; readonly status: number; readonly body: unknown; readonly date: string | undefined }
  | { readonly kind: "refused"; readonly status: number; readonly reason: string }
  | { readonly kind: "failed"; readonly status: number; readonly reason: string }
  | { readonly kind: "unreachable"; readonly reason: string };

export interface HubRequest {
  /** Sent as `Authorization: token …`. */
  readonly token?: string | undefined;
  /** Sent as JSON, or as a form. */
  readonly body?: URLSearchParams | Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  /** Media type of the response, where the hub has several. Default: JSON. */
  readonly accept?: string;
}

/** Where the hub is, and our credentials. */
export type HubAddress = Pick<HubSettings, "apiUrl" | "apiToken" | "tls">;

/** The timeout of a request. Milliseconds. */
const defaultTimeout = 5_000;
/** Longer responses do not come from a hub. Bytes. */
const maxAnswerLength = 4 * 1024 * 1024;

/** Requests to the hub's API. Never throws for what the hub does: each kind of failure is an answer. */
export class HubClient {
  readonly #pool: InstanceType<typeof Pool>;
  readonly #path: string;
  readonly #apiToken: string;
  readonly #timeout: number;
  #version: string | undefined;

  /**
   * @param timeout milliseconds until a response must be complete
   * @throws GatewayError TLS_UNREADABLE
   */
  constructor({ apiUrl, apiToken, tls }: HubAddress, timeout = defaultTimeout) {
    const endpoint = hubEndpoint(apiUrl);
    if (endpoint === undefined) {
      throw new GatewayError("HUB_VARIABLE_INVALID", { name: "JUPYTERHUB_API_URL", reason: "it is not an address" });
    }
    const { origin, path, socketPath } = endpoint;
    this.#path = path;
    this.#apiToken = apiToken;
    this.#timeout = timeout;
    this.#pool = new Pool(origin, {
      connections: 8,
      pipelining: 1,
      // Tornado closes idle connections silently when the hub restarts; a request on one of those is lost.
      keepAliveTimeout: 2_000,
      connect: { timeout, ...(tls === undefined ? {} : readTlsFiles(tls)) },
      ...(socketPath === undefined ? {} : { socketPath }),
    });
  }

  /** The hub's version; undefined until a response has told it. */
  get version(): string | undefined {
    return this.#version;
  }

  /**
   * @param path below the API's URL, begins with `/` (empty: the API itself), or a whole URL of the same hub such as
   * JUPYTERHUB_ACTIVITY_URL
   */
  async request(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    request: HubRequest = {},
  ): Promise<HubAnswer> {
    const timeout = AbortSignal.timeout(this.#timeout);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
    try {
      const response = await sendRequest.call(this.#pool, { ...this.#options(method, path, request), signal });
      return await this.#read(response);
    } catch (error) {
      return { kind: "unreachable", reason: timeout.aborted ? `no answer in ${this.#timeout} ms` : reasonOf(error) };
    }
  }

  /** Needs no token: whether there is a hub, and its version. */
  getVersion(): Promise<HubAnswer> {
    return this.request("GET", "");
  }

  /** The user of a token. Hubs of every version answer 403 for one that is wrong, expired or revoked. */
  getUser(token = this.#apiToken): Promise<HubAnswer> {
    return this.request("GET", "/user", { token });
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #options(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    { token, body, accept = "application/json" }: HubRequest,
  ): Dispatcher.RequestOptions {
    const isForm = body instanceof URLSearchParams;
    return {
      method,
      path: path === "" || path.startsWith("/") ? `${this.#path}${path}` : (hubEndpoint(path)?.path ?? path),
      headers: {
        accept,
        ...(token === undefined ? {} : { authorization: `token ${token}` }),
        ...(body === undefined
          ? {}
          : { "content-type": isForm ? "application/x-www-form-urlencoded" : "application/json" }),
      },
      body: body === undefined ? null : isForm ? body.toString() : JSON.stringify(body),
    };
  }

  async #read({ statusCode: status, headers, body }: Dispatcher.ResponseData): Promise<HubAnswer> {
    const version = headers["x-jupyterhub-version"];
    if (typeof version === "string") this.#version = version;
    const text = await readText(body, maxAnswerLength);
    const json = parsedJson(text);
    if (status >= 200 && status < 300) {
      if (text !== "" && json === undefined) return { kind: "failed", status, reason: "its answer is not JSON" };
      return { kind: "ok", status, body: json, date: typeof headers.date === "string" ? headers.date : undefined };
    }
    const reason = reasonIn(json) ?? `it answered ${status}`;
    // 408 and 429 do not concern the token, and a redirect does not come from the hub's API.
    const refused = status >= 400 && status < 500 && status !== 408 && status !== 429;
    return { kind: refused ? "refused" : "failed", status, reason };
  }
}

function readTlsFiles({ keyFile, certificateFile, clientCaFile }: NonNullable<HubSettings["tls"]>) {
  try {
    return { key: readFileSync(keyFile), cert: readFileSync(certificateFile), ca: readFileSync(clientCaFile) };
  } catch (error) {
    throw new GatewayError("TLS_UNREADABLE", { reason: `of internal_ssl: ${reasonOf(error)}` }, { cause: error });
  }
}

/** `{status, message}` of the API's errors, `{error, error_description}` of OAuth's (RFC 6749 §5.2). */
function reasonIn(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { message, error, error_description: description } = body as Record<string, unknown>;
  for (const text of [description, message, error]) {
    if (typeof text === "string" && text !== "") return text;
  }
  return undefined;
}
