import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import type { TLSSocket } from "node:tls";
import { GatewayError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { asDeclared } from "../http/content-type.ts";
import type { AllowedHosts } from "../http/hosts.ts";
import { createHttpServer, type TlsTexts } from "../http/http-server.ts";
import { listen } from "../http/listening/listen.ts";
import { splitTarget } from "../http/request-target.ts";
import { unlessMissing } from "../system/missing-file.ts";
import type { WebviewFiles } from "./webview-files.ts";

export interface WebviewServerOptions {
  readonly files: WebviewFiles;
  readonly baseUrl: string;
  readonly hosts: AllowedHosts;
  readonly tls: TlsTexts | undefined;
  readonly logger: Logger;
  /** Holds the port of the last start. */
  readonly portFile: string;
}

/**
 * A second port on the page's host is another origin, and the same site. Only the webviews' files are served there: no API, no
 * IDE, no cookie, no login (RULES R18).
 */
export class WebviewServer {
  readonly #options: WebviewServerOptions;
  readonly #server: Server;

  constructor(options: WebviewServerOptions) {
    this.#options = options;
    this.#server = createHttpServer(options.tls === undefined ? {} : { tls: options.tls });
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response).catch((error: unknown) => {
        options.logger.error({ err: error }, "a file for webviews was not sent");
        response.destroy();
      });
    };
    this.#server.on("request", answer).on("checkContinue", answer);
    this.#server.on("upgrade", (_request, socket) => socket.destroy());
  }

  /**
   * @param port 0: the one of the last start if it is free, as pages that are still open go on with it; else any free one
   * @returns the port that it has got
   * @throws GatewayError PORT_BUSY, ADDRESS_UNAVAILABLE
   */
  async start(host: string, port: number): Promise<number> {
    const { portFile } = this.#options;
    const last = port === 0 ? await readPort(portFile).catch(() => 0) : 0;
    if (last === 0 || !(await this.#takes(host, last))) await listen(this.#server, host, port);
    const taken = (this.#server.address() as AddressInfo).port;
    await this.#remember(taken);
    return taken;
  }

  /** Where that fails, only the next start has another port. */
  async #remember(port: number): Promise<void> {
    const { portFile, logger } = this.#options;
    try {
      await mkdir(dirname(portFile), { recursive: true, mode: 0o700 });
      await writeFile(portFile, `${port}\n`, { mode: 0o600 });
    } catch (error) {
      logger.warn({ err: error }, "the port for webviews cannot be stored for the next start");
    }
  }

  async #takes(host: string, port: number): Promise<boolean> {
    try {
      await listen(this.#server, host, port);
      return true;
    } catch (error) {
      if (error instanceof GatewayError && error.code === "PORT_BUSY") return false;
      throw error;
    }
  }

  /** Takes a renewed certificate. */
  use(texts: TlsTexts): void {
    if (this.#server instanceof SecureServer) this.#server.setSecureContext(texts);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { files, baseUrl, hosts } = this.#options;
    const host = request.headers.host ?? "";
    const target = splitTarget(request.url ?? "", baseUrl);
    if (!hosts.allows(host) || typeof target !== "object" || !target.path.startsWith("/webviews/")) {
      response.writeHead(404, { "Content-Type": "text/plain", ...asDeclared }).end("Not found");
      return;
    }
    const scheme = (request.socket as Partial<TLSSocket>).encrypted ? "https" : "http";
    await files.handle(request, response, target.path.slice("/webviews".length), { host, scheme });
  }
}

async function readPort(file: string): Promise<number> {
  const port = Number(await unlessMissing(readFile(file, "utf8")));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}
