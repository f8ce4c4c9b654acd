import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerOptions } from "node:http";
import {
  createServer as createSecureServer,
  type Server as SecureServer,
  type ServerOptions as SecureServerOptions,
} from "node:https";
import { createSecureContext } from "node:tls";
import { GatewayError, reasonOf } from "../base/errors.ts";
import { AwaitedResponse, answerHalfClosed } from "./half-closed.ts";

/** PEM texts of a certificate (with its chain) and its key. */
export interface TlsTexts {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Set: clients need a certificate signed by this one (the hub's `internal_ssl`). */
  readonly clientCa?: Buffer;
}

export interface HttpServerOptions {
  /** Serves HTTPS. */
  readonly tls?: TlsTexts;
  /** Milliseconds within which the headers of a request must arrive. Default 60,000. */
  readonly headersTimeout?: number;
  /** Milliseconds that an idle connection stays open. Default 650,000. */
  readonly keepAliveTimeout?: number;
}

/**
 * A server with limits that fit a proxy (RULES R7), without listeners. It needs listeners for `request`, `upgrade` and
 * `checkContinue`: without the last Node answers 100 by itself.
 */
export function createHttpServer(options: HttpServerOptions = {}): Server | SecureServer {
  const serverOptions: ServerOptions = {
    // Node's 300 s would end every longer upload.
    requestTimeout: 0,
    // Only headers have a timeout; this prevents slowloris attacks.
    headersTimeout: options.headersTimeout ?? 60_000,
    connectionsCheckingInterval: Math.min(30_000, options.headersTimeout ?? 30_000),
    // A proxy in front must close idle connections first: one that reuses a connection just as we close it gets a reset. The
    // longest default is that of Google's load balancer (600 s); Go's proxies have 90 s, nginx 60 s.
    keepAliveTimeout: options.keepAliveTimeout ?? 650_000,
    // The hub's own limit is 64 KiB; requests that pass it must not fail here with 431.
    maxHeaderSize: 128 * 1024,
    noDelay: true,
    // Finds peers that vanished, for example behind idle WebSockets.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
    shouldUpgradeCallback: isUpgrade,
    ServerResponse: AwaitedResponse,
  };
  const server = options.tls
    ? createSecureServer({ ...serverOptions, ...secureOptions(options.tls), allowHalfOpen: true })
    : createServer(serverOptions);
  // maxHeaderSize is the limit. A maximum count would cut `request.headers`, but not `request.rawHeaders`, so that we would
  // check other headers than we forward.
  server.maxHeadersCount = 0;
  answerHalfClosed(server, options.tls !== undefined);
  return server;
}

function secureOptions({ cert, key, clientCa }: TlsTexts): SecureServerOptions {
  if (clientCa === undefined) return { cert, key };
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

/**
 * Reads certificate and key and checks that they belong together, so that a wrong pair is an error at the start.
 * @throws GatewayError TLS_UNREADABLE
 */
export async function readTls(files: {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string;
}): Promise<TlsTexts> {
  try {
    const [cert, key] = await Promise.all([readFile(files.certificateFile), readFile(files.keyFile)]);
    if (files.clientCaFile === undefined) {
      createSecureContext({ cert, key });
      return { cert, key };
    }
    const clientCa = await readFile(files.clientCaFile);
    createSecureContext({ cert, key, ca: clientCa });
    return { cert, key, clientCa };
  } catch (error) {
    throw new GatewayError("TLS_UNREADABLE", { reason: reasonOf(error) }, { cause: error });
  }
}

/**
 * Whether to accept an upgrade. Not for `h2c`, which some clients offer with every request, nor if a body follows: those are
 * served as plain requests, as RFC 9110 §7.8 allows.
 */
function isUpgrade(request: IncomingMessage): boolean {
  const { upgrade, "content-length": length = "0", "transfer-encoding": coding } = request.headers;
  return upgrade?.toLowerCase() !== "h2c" && length === "0" && coding === undefined;
}
