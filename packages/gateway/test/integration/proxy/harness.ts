import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type RequestOptions,
  type Server,
  type ServerResponse,
  request as startRequest,
} from "node:http";
import {
  type AddressInfo,
  connect,
  createServer as createRawServer,
  type Server as RawServer,
  type Socket,
} from "node:net";
import type { Duplex } from "node:stream";
import type { GatewayError } from "../../../src/base/errors.ts";
import { createHttpServer, type HttpServerOptions } from "../../../src/http/http-server.ts";
import { Backend, type BackendAddress } from "../../../src/proxy/backend.ts";
import type { Forward } from "../../../src/proxy/forward.ts";
import { proxyRequest } from "../../../src/proxy/http.ts";
import { proxyUpgrade } from "../../../src/proxy/websocket.ts";

export const prefix = "/user/alice/proxy/3000/";

/** Something that listens on a port of its own and is closed with everything that hangs on it. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

export interface Proxy extends Listening {
  readonly server: Server;
  readonly backend: Backend;
  /** What onError and onCut were told. */
  readonly errors: GatewayError[];
  readonly cuts: GatewayError[];
}

type ForwardChanges = Partial<Omit<Forward, "backend" | "onError" | "onCut">>;

const open = new Set<Listening>();

/** For afterEach: whatever a test started, also where it failed. */
export async function closeAll(): Promise<void> {
  for (const part of [...open].reverse()) await part.close();
}

/** Puts the proxy path before a backend, as the front door does: the prefix is stripped from the target. */
export async function startProxy(
  address: number | BackendAddress,
  forward: ForwardChanges = {},
  options: HttpServerOptions & { before?: (request: IncomingMessage) => Promise<void> } = {},
): Promise<Proxy> {
  const server = createHttpServer(options) as Server;
  const backend = new Backend(
    "port 3000",
    typeof address === "number" ? { host: "127.0.0.1", port: address } : address,
  );
  const errors: GatewayError[] = [];
  const cuts: GatewayError[] = [];
  const forwardOf = (request: IncomingMessage, answer: (error: GatewayError) => void): Forward => ({
    backend,
    target: `/${(request.url ?? "").slice(prefix.length)}`,
    prefix,
    prefixStripped: true,
    context: {
      id: "1",
      path: request.url ?? "",
      query: "",
      baseUrl: "/user/alice/",
      scheme: "http",
      host: request.headers.host ?? "",
      clientAddress: request.socket.remoteAddress ?? "",
    },
    rewriteHtml: false,
    ...forward,
    onError: (error) => {
      errors.push(error);
      answer(error);
    },
    onCut: (error) => cuts.push(error),
  });
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const answer = (error: GatewayError): void => {
      response.writeHead(error.status, { "Content-Type": "application/json" }).end(JSON.stringify(error.toBody()));
    };
    const proceed = (): void => {
      proxyRequest(request, response, forwardOf(request, answer));
    };
    if (options.before) void options.before(request).then(proceed);
    else proceed();
  };
  server.on("request", onRequest).on("checkContinue", onRequest);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const answer = (error: GatewayError): void => {
      const body = JSON.stringify(error.toBody());
      socket.end(
        `HTTP/1.1 ${error.status} Error\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    };
    const proceed = (): void => proxyUpgrade(request, socket, head, forwardOf(request, answer));
    if (options.before) void options.before(request).then(proceed);
    else proceed();
  });
  const listening = await listen(server);
  return register({
    ...listening,
    server,
    backend,
    errors,
    cuts,
    close: async () => {
      await backend.close();
      await listening.close();
    },
  });
}

/** A backend that speaks proper HTTP. */
export async function startBackend(
  onRequest: RequestListener,
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<Listening & { readonly server: Server }> {
  const server = createServer({ maxHeaderSize: 128 * 1024, requestTimeout: 0 }, onRequest);
  if (onUpgrade) server.on("upgrade", onUpgrade);
  return register({ ...(await listen(server)), server });
}

/** A backend that does whatever the test says with each raw connection. */
export async function startRawBackend(onConnection: (socket: Socket) => void): Promise<Listening> {
  const server = createRawServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  });
  return register(await listen(server));
}

/** Answers the first bytes that arrive on each connection with these. */
export function startCannedBackend(answer: string): Promise<Listening> {
  return startRawBackend((socket) => socket.once("data", () => socket.end(answer, "latin1")));
}

async function listen(server: RawServer): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function register<Part extends Listening>(part: Part): Part {
  const registered = {
    ...part,
    close: async () => {
      open.delete(registered);
      await part.close();
    },
  };
  open.add(registered);
  return registered;
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: string[];
  readonly trailers: IncomingMessage["trailers"];
  readonly informational: { readonly status: number; readonly rawHeaders: string[] }[];
  readonly body: Buffer;
}

/** One request on a connection of its own. Rejects where the answer breaks off. */
export async function ask(
  port: number,
  path: string,
  options: RequestOptions & { body?: string | Buffer; headers?: OutgoingHttpHeaders | string[] } = {},
): Promise<Answer> {
  const { body, ...rest } = options;
  const request = startRequest({ host: "127.0.0.1", port, path, agent: false, ...rest });
  const informational: Answer["informational"] = [];
  request.on("information", ({ statusCode: status, rawHeaders }) => informational.push({ status, rawHeaders }));
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { statusCode: status = 0, statusMessage: reason = "", headers, rawHeaders, trailers } = response;
  return { status, reason, headers, rawHeaders, trailers, informational, body: Buffer.concat(chunks) };
}

/** A raw connection that gathers what it receives as Latin-1. */
export class RawClient {
  readonly socket: Socket;
  received = "";
  ended = false;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text: string) => {
      this.received += text;
    });
    this.socket.on("end", () => {
      this.ended = true;
    });
    this.socket.on("error", () => {
      this.ended = true;
    });
  }

  send(text: string | Buffer): this {
    if (typeof text === "string") this.socket.write(text, "latin1");
    else this.socket.write(text);
    return this;
  }

  /** Resolves when the text was received; rejects when the connection ends without it. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.ended || this.socket.destroyed)
        throw new Error(`closed before ${JSON.stringify(text)}: ${this.received}`);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          for (const event of ["data", "end", "close"]) this.socket.off(event, done);
          resolve();
        };
        for (const event of ["data", "end", "close"]) this.socket.on(event, done);
      });
    }
    return this.received;
  }

  /** Resolves with everything received once the other side has ended. */
  async untilEnd(): Promise<string> {
    if (!this.ended && !this.socket.destroyed) {
      await new Promise<void>((resolve) => {
        this.socket.once("end", resolve);
        this.socket.once("close", () => resolve());
      });
    }
    this.socket.destroy();
    return this.received;
  }
}

/** Collects what happens in a backend so that a test can await it. */
export function deferred<Value = void>(): {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
} {
  const { promise, resolve } = Promise.withResolvers<Value>();
  return { promise, resolve };
}

export async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
