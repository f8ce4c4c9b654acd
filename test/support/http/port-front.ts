import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface PortFront {
  readonly port: number;
  close(): Promise<void>;
}

/** The ingress of docs/jupyterhub.md for ports on names of their own: Host stays, the user's prefix comes before the path. */
export async function startPortFront(target: number, prefix: string): Promise<PortFront> {
  const options = ({ method, url = "/", headers }: IncomingMessage) => ({
    port: target,
    host: "127.0.0.1",
    method,
    path: `${prefix.slice(0, -1)}${url}`,
    headers,
    agent: false,
  });
  const server = createServer((asked, response) => {
    const passed = request(options(asked), (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    asked.pipe(passed.on("error", () => response.destroy()));
  });
  server.on("upgrade", (asked, socket) => {
    const passed = request(options(asked));
    passed.on("error", () => socket.destroy());
    passed.on("response", ({ statusCode }) =>
      socket.end(`HTTP/1.1 ${statusCode} Refused\r\nConnection: close\r\n\r\n`),
    );
    passed.on("upgrade", (_answer, other) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      other
        .on("error", () => socket.destroy())
        .pipe(socket.on("error", () => other.destroy()))
        .pipe(other);
    });
    passed.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
