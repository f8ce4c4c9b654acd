import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Copy } from "@waiide/protocol";
import { onTestFinished } from "vitest";
import { zipOfEntries } from "../zip.ts";

/** A copy of two files. */
export const tides: Copy = {
  ...{ format: 1, name: "tides", owner: "ana", commit: null, has_files: true, files: 2, size: 20, left_out: [] },
  ...{ devcontainer: null, locks: [], kernels: [], python: "3.12.4", image: "quay.io/a:1", profile: null },
  ...{ extensions: [], extensions_left_out: [], settings: {}, runs: [] },
};
export const tidesZip = zipOfEntries([
  { name: "tides/README.md", text: "# Tides\n" },
  {
    name: "tides/.devcontainer/devcontainer.json",
    text: '{"image": "x", "initializeCommand": "touch ran", "postCreateCommand": "pip install -r requirements.txt"}',
  },
]);

type Answers = (request: IncomingMessage, response: ServerResponse) => void;

/** Another user's server on the hub's origin, as far as a copy needs it, and everything that it was asked. */
export class OwnerServer {
  readonly path = "/user/ana/share/aaaa/";
  readonly ticket = "wct_0123456789abcdef";
  readonly asked: { readonly url: string; readonly headers: IncomingMessage["headers"] }[] = [];
  /** In place of the usual answer, by the last part of the path. */
  readonly answers = new Map<string, Answers>();
  copy: Copy = tides;
  archive: Buffer = tidesZip;
  #server = createServer((request, response) => this.#answer(request, response));

  /** Ends with the test. */
  static async start(): Promise<OwnerServer> {
    const owner = new OwnerServer();
    owner.#server.listen(0, "127.0.0.1");
    await once(owner.#server, "listening");
    onTestFinished(() => {
      owner.#server.closeAllConnections();
      owner.#server.close();
    });
    return owner;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = "", headers } = request;
    this.asked.push({ url, headers });
    const own = this.answers.get(url.slice(this.path.length));
    if (own !== undefined) own(request, response);
    else if (headers.authorization !== `Bearer ${this.ticket}`) {
      response.writeHead(401, { "Content-Type": "application/json" });
      response.end(
        JSON.stringify({ error: { code: "SHARE_COPY_TICKET", message: "This ticket is over.", action: "" } }),
      );
    } else if (url === `${this.path}copy.json`) {
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(this.copy));
    } else {
      response.writeHead(200, { "Content-Type": "application/zip" }).end(this.archive);
    }
  }
}
