import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { CreatedShare, CreateShare } from "@waiide/protocol";

/** The owner's API of a running gateway, over its control socket: what the extension and `waiide share` use. */
export class Control {
  readonly #socket: string;
  readonly #agent: Agent;

  /**
   * @param dataFolder the gateway's `--data-dir`; it must be running
   * @param connections kept open at most
   */
  constructor(dataFolder: string, connections: number) {
    const record = JSON.parse(readFileSync(join(dataFolder, "gateway/_/running.json"), "utf8")) as { socket: string };
    this.#socket = record.socket;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  async create(share: CreateShare): Promise<CreatedShare> {
    return (await this.#ask("POST", "/api/share/create", share)) as CreatedShare;
  }

  async revoke(id: string): Promise<void> {
    await this.#ask("DELETE", `/api/share/revoke/${id}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @throws Error with the answer unless it is a success */
  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = content === undefined ? {} : { "Content-Type": "application/json" };
    request({ socketPath: this.#socket, agent: this.#agent, method, path, headers })
      .on("response", (response) =>
        text(response).then((all) => resolve({ status: response.statusCode ?? 0, body: all }), reject),
      )
      .on("error", reject)
      .end(content);
    const answer = await promise;
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body === "" ? undefined : JSON.parse(answer.body);
  }
}
