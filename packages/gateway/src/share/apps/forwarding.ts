import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { sessionClose } from "@waiide/protocol";
import { PollingFilter } from "../../activity/polling.ts";
import { GatewayError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { RequestContext } from "../../http/request-context.ts";
import type { Forward } from "../../proxy/forward.ts";
import { proxyRequest } from "../../proxy/http.ts";
import type { Tunnel } from "../../proxy/tunnel.ts";
import { proxyUpgrade } from "../../proxy/websocket.ts";
import { whoIs } from "../audit/audit-log.ts";
import type { OpenPart } from "../guests/guests.ts";
import type { StoredShare } from "../store/stored.ts";
import type { Capability } from "./capabilities.ts";
import { endAnswer, noSuchApp } from "./sealing.ts";
import type { SharedApps } from "./shared-apps.ts";
import type { Located } from "./target.ts";

export interface AppLimits {
  /** Of one guest, at once. */
  readonly requests: number;
  readonly sockets: number;
  /** Bytes of a request. */
  readonly upload: number;
}

export interface ForwardingParts {
  readonly apps: SharedApps;
  readonly limits: AppLimits;
  readonly logger: Logger;
  /** A guest did something that counts as activity (RULES R20). */
  readonly onActivity: () => void;
}

/** A guest's request to an app, once it is permitted. */
export interface PermittedRequest {
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly capability: Capability;
  readonly share: StoredShare;
  /** Below the app, begins with `/`. */
  readonly path: string;
  /** Where the browser sees the app, and what happens to requests and answers. */
  readonly way: Pick<Forward, "prefix" | "prefixStripped" | "credentials" | "reshape">;
}

interface OpenCounts {
  requests: number;
  sockets: number;
}

/** Takes permitted requests of guests to apps, within their limits (RULES R14): all end when the guest's permission does. */
export class Forwarding {
  readonly #parts: ForwardingParts;
  readonly #polling = new PollingFilter();
  readonly #open = new Map<string, OpenCounts>();

  constructor(parts: ForwardingParts) {
    this.#parts = parts;
  }

  async forward(asked: PermittedRequest, response: ServerResponse, fail: (error: unknown) => void): Promise<void> {
    const { request, context, capability, share } = asked;
    const length = Number(request.headers["content-length"] ?? 0);
    if (length > this.#parts.limits.upload) throw uploadRefused(this.#parts.limits.upload);
    const closed = this.#count(capability, "requests");
    response.once("close", closed);
    const located = await this.#locate(asked).catch((error: unknown) => {
      closed();
      throw error;
    });
    response.once("close", located.release);
    if (capability.isOver) throw noSuchApp();
    if (share.app?.keepsServer === true && this.#polling.isPersonal(request, context.path, context.query)) {
      this.#parts.onActivity();
    }
    const giveUp = proxyRequest(request, response, this.#forwardOf(asked, located, fail));
    const part: OpenPart = {
      end: () => {
        giveUp();
        if (response.headersSent) endAnswer(response);
        else fail(noSuchApp());
      },
    };
    response.once("close", capability.opened(part));
  }

  async connect(asked: PermittedRequest, socket: Duplex, head: Buffer, fail: (error: unknown) => void): Promise<void> {
    const { request, capability, share } = asked;
    const closed = this.#count(capability, "sockets");
    socket.once("close", closed);
    const located = await this.#locate(asked);
    socket.once("close", located.release);
    if (capability.isOver) throw noSuchApp();
    let tunnel: Tunnel | undefined;
    const part: OpenPart = {
      end: (reason) => {
        if (tunnel === undefined) socket.destroy();
        else tunnel.close(sessionClose[reason], reason);
      },
    };
    socket.once("close", capability.opened(part));
    proxyUpgrade(request, socket, head, {
      ...this.#forwardOf(asked, located, fail),
      onTunnel: (accepted) => {
        tunnel = accepted;
        this.#watch(accepted, share, capability);
      },
    });
  }

  /** What people send counts as activity where the owner chose it; what a browser sends by itself does not. */
  #watch(tunnel: Tunnel, share: StoredShare, { traffic }: Capability): void {
    const touch = () => {
      if (share.app?.keepsServer === true) this.#parts.onActivity();
    };
    tunnel.watchBrowser(
      {
        onFrame: ({ opcode, length }) => {
          traffic.received += Number(length);
          if (opcode < 8) touch();
          return false;
        },
      },
      touch,
    );
  }

  #forwardOf(
    { context, way }: PermittedRequest,
    { backend, target, requestHeaders }: Located,
    onError: (error: unknown) => void,
  ): Forward {
    const { logger } = this.#parts;
    return {
      backend,
      target,
      context,
      hubPrefix: "",
      rewriteHtml: false,
      ...(requestHeaders === undefined ? {} : { requestHeaders }),
      ...way,
      onError,
      onCut: (error) => logger.warn({ request: context.id, reason: error.message }, "an app's answer broke off"),
    };
  }

  #locate({ share, capability, path, context }: PermittedRequest): Promise<Located> {
    const target = this.#parts.apps.targetOf(share);
    return Promise.resolve(target.locate(path, context.query, whoIs(capability.session)));
  }

  /** @returns call it when it is over */
  #count({ session }: Capability, kind: keyof OpenCounts): () => void {
    const counts = this.#open.get(session.id) ?? { requests: 0, sockets: 0 };
    const most = this.#parts.limits[kind];
    if (counts[kind] >= most) throw new GatewayError("SHARE_BUSY", { most });
    counts[kind] += 1;
    this.#open.set(session.id, counts);
    let isOpen = true;
    return () => {
      if (isOpen) counts[kind] -= 1;
      isOpen = false;
      if (counts.requests + counts.sockets === 0) this.#open.delete(session.id);
    };
  }
}

function uploadRefused(most: number): GatewayError {
  return new GatewayError("SHARED_APP_UPLOAD", { most });
}
