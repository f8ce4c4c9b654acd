import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands between a server and the real hub: passes everything on, or answers 500 as a hub with a broken database does. */
export interface FaultyHub {
  readonly url: string;
  failing: boolean;
  /** Where to pass on to; known once the hub is. */
  target: string;
  close(): Promise<void>;
}

export async function startFaultyHub(): Promise<FaultyHub> {
  const faulty = { failing: false, target: "", url: "", close: async () => {} };
  const server = createServer((request, response) => {
    if (faulty.failing) {
      response
        .writeHead(500, { "Content-Type": "application/json" })
        .end('{"status": 500, "message": "database is locked"}');
      return;
    }
    const target = new URL(request.url ?? "/", faulty.target);
    const forward = httpRequest(target, { method: request.method, headers: { ...request.headers, host: target.host } });
    forward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forward.on("error", () => response.destroy());
    request.pipe(forward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  faulty.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  faulty.close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return faulty;
}
