import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";

/** As docs/sharing-apps.md says for nginx: the name alone says whose server answers. */
const appName = /^[0-9a-f]+--([a-z0-9]+(?:-[a-z0-9]+)*)\.apps\.example\.net$/;

/** One origin for all users, and names of shared apps: an administrator's proxy with a hub's behind it. */
export class Ingress {
  readonly #server: Server;
  readonly #servers: ReadonlyMap<string, string>;
  readonly #mapsNames: boolean;
  /** What reached no user's server. */
  readonly atHub: string[] = [];

  private constructor(servers: ReadonlyMap<string, string>, mapsNames: boolean) {
    this.#servers = servers;
    this.#mapsNames = mapsNames;
    this.#server = createServer((request, response) => {
      const forward = this.#forward(request);
      if (forward === undefined) return void response.end("the hub");
      forward.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.rawHeaders);
        answer.pipe(response);
      });
      request.pipe(forward);
    }).on("upgrade", (request, socket) => this.#upgrade(request, socket));
  }

  /** @param servers addresses of users' servers @param mapsNames false: it goes by the path alone, as it must not */
  static async start(servers: Readonly<Record<string, string>>, mapsNames = true): Promise<Ingress> {
    const ingress = new Ingress(new Map(Object.entries(servers)), mapsNames);
    ingress.#server.listen(0, "127.0.0.1");
    await once(ingress.#server, "listening");
    onTestFinished(() => {
      ingress.#server.closeAllConnections();
      ingress.#server.close();
    });
    return ingress;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #forward({ url = "", method, headers }: IncomingMessage) {
    const [, named] = appName.exec(headers.host ?? "") ?? [];
    const path = this.#mapsNames && named !== undefined ? `/user/${named}${url}` : url;
    const [, user = ""] = /^\/user\/([^/?]+)/.exec(path) ?? [];
    const server = this.#servers.get(user);
    if (server === undefined) {
      this.atHub.push(path);
      return undefined;
    }
    const { hostname, port } = new URL(server);
    return httpRequest({ hostname, port, path, method, headers });
  }

  #upgrade(request: IncomingMessage, socket: Duplex): void {
    const forward = this.#forward(request);
    if (forward === undefined) return void socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    const head = ({ statusCode, statusMessage, rawHeaders }: IncomingMessage) => {
      const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
      return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines.join("\r\n")}\r\n\r\n`;
    };
    forward
      .on("upgrade", (answer, back, first) => {
        socket.write(head(answer));
        socket.write(first);
        back
          .on("error", () => socket.destroy())
          .pipe(socket.on("error", () => back.destroy()))
          .pipe(back);
      })
      .on("response", (answer) => {
        socket.write(head(answer));
        answer.pipe(socket);
      })
      .on("error", () => socket.destroy())
      .end();
  }
}
