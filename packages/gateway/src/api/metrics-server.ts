import { createServer, type Server } from "node:http";
import { listen } from "../http/listening/listen.ts";
import type { Metrics } from "./metrics.ts";

/** Prometheus metrics on a port of their own, for scrapers that cannot log in (`--metrics-port`). */
export class MetricsServer {
  readonly #server: Server;

  constructor(metrics: Metrics) {
    this.#server = createServer(async (request, response) => {
      if (request.url?.split("?", 1)[0] !== "/metrics") {
        response.writeHead(404).end();
        return;
      }
      if (request.method !== "GET" && request.method !== "HEAD") {
        response.writeHead(405, { Allow: "GET, HEAD" }).end();
        return;
      }
      const { contentType, text } = await metrics.scrape();
      response.writeHead(200, { "Content-Type": contentType }).end(text);
    });
  }

  /** @throws GatewayError PORT_BUSY, ADDRESS_UNAVAILABLE */
  async start(host: string, port: number): Promise<void> {
    await listen(this.#server, host, port);
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    if (this.#server.listening) await promise;
  }
}
