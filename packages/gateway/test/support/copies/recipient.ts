import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { CopyProgress } from "@waiide/protocol";
import { onTestFinished } from "vitest";
import type { Answer } from "../asking.ts";
import { PlainHub } from "../plain-hub.ts";
import { SharingGateway, type SharingOptions } from "../sharing-gateway.ts";
import type { OwnerServer } from "./owner-server.ts";

/** Bob's server behind a hub, and Bob as a program with his token. */
export class Recipient {
  readonly server: SharingGateway;

  private constructor(server: SharingGateway) {
    this.server = server;
  }

  /** Ends with the test. */
  static async start(options: SharingOptions = {}): Promise<Recipient> {
    const hub = await PlainHub.start("bob", ["access:servers!server=bob/"]);
    onTestFinished(() => hub.close());
    const server = await SharingGateway.start({
      ...options,
      flags: { auth: undefined, token: undefined, "public-url": undefined, ...options.flags },
      environment: { ...hub.environmentOf({ user: "bob", prefix: "/user/bob/" }), ...options.environment },
    });
    return new Recipient(server);
  }

  /** @param path below the server's own */
  async ask(
    path: string,
    { method = "GET", body, headers = {} }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const { hostname, port, pathname } = new URL(this.server.url);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const content = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const type = Buffer.isBuffer(body) ? "application/zip" : "application/json";
    httpRequest({
      ...{ hostname, port, method, path: `${pathname}${path}`, agent: false },
      headers: {
        authorization: "token bobs-own-token",
        ...(content === undefined ? {} : { "content-type": type }),
        ...headers,
      },
    })
      .on("response", resolve)
      .on("error", reject)
      .end(content);
    const response = await promise;
    return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
  }

  /** What the browser brings back from the owner's server. */
  async begin(owner: { readonly path: string }): Promise<string> {
    const { headers } = await this.ask(`copy?from=${encodeURIComponent(owner.path)}`);
    const to = new URL(headers.location ?? "", "http://hub").searchParams.get("to") ?? "";
    return new URL(to, "http://hub").searchParams.get("state") ?? "";
  }

  async show(owner: OwnerServer, more: object = {}): Promise<Answer & { readonly copy: CopyProgress }> {
    const body = { state: await this.begin(owner), ticket: owner.ticket, ...more };
    const answer = await this.ask("api/copies", { method: "POST", body, headers: { origin: owner.origin } });
    return { ...answer, copy: JSON.parse(answer.body) as CopyProgress };
  }

  /** The copy once it is made, or has failed. */
  async finished(id: string): Promise<CopyProgress> {
    for (;;) {
      const { status, body } = await this.ask(`api/copies/${id}`);
      if (status !== 200) throw new Error(`the copy is not there: ${status} ${body}`);
      const progress = JSON.parse(body) as CopyProgress;
      if (progress.state === "done" || progress.state === "failed") return progress;
    }
  }
}
