import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Ide } from "../../packages/gateway/src/ide/ide.ts";
import type { Forward } from "../../packages/gateway/src/proxy/forward.ts";
import { proxyUpgrade } from "../../packages/gateway/src/proxy/websocket.ts";
import { GatewayError } from "../../packages/gateway/src/server/errors.ts";
import type { RequestContext } from "../../packages/gateway/src/server/request-context.ts";

export interface IdeFront {
  readonly origin: string;
  close(): void;
}

/** Serves IDEs at `/base/<mount>`, as the gateway does behind its gate. `find` is asked for every request. */
export async function serveIdes(find: (mount: string) => Ide | undefined): Promise<IdeFront> {
  const locate = (request: IncomingMessage, fail: (error: unknown) => void) => {
    const [, mount = "", path = "", query = ""] =
      /^\/base\/((?:share\/[^/]+\/)?ide\/)([^?]*)(.*)$/.exec(request.url ?? "") ?? [];
    const ide = find(mount);
    if (ide === undefined) throw new GatewayError("NOT_FOUND", { path: request.url ?? "", base: "/base/" });
    const route = { kind: "ide", who: "owner", path: `/${path}`, mount: `/${mount}` } as const;
    const context: RequestContext = {
      id: "1",
      path: `/${mount}${path}`,
      query,
      baseUrl: "/base/",
      scheme: "http",
      host: request.headers.host ?? "",
      clientAddress: "127.0.0.1",
    };
    const destination = ide.destination(route, context, query);
    const forward: Forward = { ...destination, context, rewriteHtml: false, onError: fail };
    return { ide, forward, path: route.path };
  };
  const server = createServer((request, response) => {
    const fail = (error: unknown) => {
      if (response.headersSent) return response.destroy();
      const body = error instanceof GatewayError ? error.toBody() : { error: { code: "INTERNAL" } };
      const status = error instanceof GatewayError ? error.status : 500;
      return response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    try {
      const { ide, forward, path } = locate(request, fail);
      ide.handleRequest(request, response, forward, path).catch(fail);
    } catch (error) {
      fail(error);
    }
  });
  const sockets = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    try {
      const { ide, forward } = locate(request, () => socket.destroy());
      ide.requireReady();
      proxyUpgrade(request, socket, head, forward);
    } catch {
      // Browsers are told no more of a refused upgrade than that it failed.
      socket.destroy();
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
    },
  };
}
