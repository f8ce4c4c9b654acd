import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { createInterface } from "node:readline";

/** What every object of Kubernetes has. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

export interface ApiAnswer<Body> {
  readonly status: number;
  readonly body: Body;
  /** What the server tells users besides, for instance that a Pod would be refused. */
  readonly warnings: readonly string[];
}

export interface WatchEvent<Item> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: Item;
}

/** Types of bodies. */
export const mergePatch = "application/merge-patch+json";
const applied = "application/apply-patch+yaml";

/** Kubernetes' API with one login. */
export class KubernetesApi {
  readonly #url: string;
  readonly #certificate: string;
  readonly #token: string;

  constructor(url: string, certificate: string, token: string) {
    this.#url = url;
    this.#certificate = certificate;
    this.#token = token;
  }

  /** Any call; says what came of it. */
  async call<Body>(method: string, path: string, body?: unknown, type = "application/json"): Promise<ApiAnswer<Body>> {
    const answer = await this.#send(method, path, body, type);
    let text = "";
    for await (const part of answer.setEncoding("utf8")) text += part;
    const { warning = [] } = answer.headers as { warning?: string | readonly string[] };
    const isJson = answer.headers["content-type"]?.startsWith("application/json") ?? false;
    return {
      status: answer.statusCode ?? 0,
      body: (isJson ? JSON.parse(text) : text) as Body,
      warnings: typeof warning === "string" ? [warning] : warning,
    };
  }

  /** @throws Error with the server's answer if it refuses */
  async get<Body>(path: string): Promise<Body> {
    return this.#expect(await this.call<Body>("GET", path), path);
  }

  async create<Body>(path: string, object: unknown): Promise<Body> {
    return this.#expect(await this.call<Body>("POST", path, object), path);
  }

  async patch<Body>(path: string, change: unknown): Promise<Body> {
    return this.#expect(await this.call<Body>("PATCH", path, change, mergePatch), path);
  }

  /**
   * Asks the server to admit an object as `kubectl apply` sends it, and to keep nothing of it.
   * @param namespace for objects that name none
   */
  async dryRun(object: KubernetesObject, namespace: string): Promise<ApiAnswer<{ readonly message?: string }>> {
    const group = `/${object.apiVersion.includes("/") ? "apis" : "api"}/${object.apiVersion}`;
    const { resources } = await this.get<{ resources: { name: string; kind: string; namespaced: boolean }[] }>(group);
    const resource = resources.find(({ kind, name }) => kind === object.kind && !name.includes("/"));
    if (resource === undefined) throw new Error(`the API server knows no ${object.kind} of ${object.apiVersion}`);
    const place = resource.namespaced ? `/namespaces/${object.metadata.namespace ?? namespace}` : "";
    const query = "dryRun=All&fieldManager=tests&fieldValidation=Strict";
    return this.call("PATCH", `${group}${place}/${resource.name}/${object.metadata.name}?${query}`, object, applied);
  }

  /** What is there and what changes, until the signal or the server ends it. @param path with a query */
  async *watch<Item>(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent<Item>> {
    const answer = await this.#send("GET", `${path}&watch=1`, undefined, "application/json", signal);
    if (answer.statusCode !== 200) throw new Error(`the API server answered ${answer.statusCode} to watch ${path}`);
    for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as WatchEvent<Item>;
  }

  async #send(
    method: string,
    path: string,
    body: unknown,
    type: string,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const content = body === undefined ? "" : JSON.stringify(body);
    const sent = request(this.#url + path, {
      method,
      ca: this.#certificate,
      headers: {
        authorization: `Bearer ${this.#token}`,
        accept: "application/json",
        "content-type": type,
        // Node alone does not say it for DELETE.
        "content-length": Buffer.byteLength(content),
      },
      ...(signal && { signal }),
    });
    sent.end(content);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    return answer;
  }

  #expect<Body>({ status, body }: ApiAnswer<Body>, path: string): Body {
    if (status >= 400) throw new Error(`the API server answered ${status} to ${path}: ${JSON.stringify(body)}`);
    return body;
  }
}
