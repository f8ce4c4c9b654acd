import type { Duplex } from "node:stream";
import type { serverEnds } from "@waiide/protocol";
import type { Recheck, SocketWatch } from "../access/socket-watch.ts";
import type { Activity } from "../activity/activity.ts";
import type { IdeActivity } from "../activity/ide-activity.ts";
import { SocketActivity } from "../activity/socket-activity.ts";
import type { Forward } from "../proxy/forward.ts";
import type { Tunnel } from "../proxy/tunnel.ts";
import { proxyUpgrade } from "../proxy/websocket.ts";
import type { UpgradeExchange } from "./exchange.ts";

export interface UpgradesOptions {
  readonly activity: Activity;
  readonly ideActivity: IdeActivity;
  readonly sockets: SocketWatch;
}

type ServerEnd = (typeof serverEnds)[keyof typeof serverEnds];

/** Upgrades that go to a backend: they count as connections and activity, and end with their login and with the gateway. */
export class Upgrades {
  readonly #options: UpgradesOptions;
  readonly #sockets = new Set<Duplex>();
  /** The accepted ones, with the browsers' sockets. */
  readonly #tunnels = new Map<Tunnel, Duplex>();

  constructor(options: UpgradesOptions) {
    this.#options = options;
  }

  /**
   * Proxies an upgrade.
   * @param onClose called once, when the browser's socket has closed
   */
  open(exchange: UpgradeExchange, forward: Forward, onClose: () => void = () => {}): void {
    const { request, socket, head } = exchange;
    const closed = this.#options.activity.opened();
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      closed();
      onClose();
    });
    const onTunnel = (tunnel: Tunnel) => {
      this.#watch(tunnel, exchange);
      forward.onTunnel?.(tunnel);
    };
    proxyUpgrade(request, socket, head, { ...forward, onTunnel });
  }

  /** Sends every WebSocket a close frame that says why; each is cut after a second at the latest. */
  closeTunnels({ code, reason }: ServerEnd): void {
    for (const tunnel of this.#tunnels.keys()) tunnel.close(code, reason);
  }

  /** The same, and cuts upgrades that no backend has accepted yet. */
  close(end: ServerEnd): void {
    const accepted = new Set(this.#tunnels.values());
    this.closeTunnels(end);
    for (const socket of this.#sockets) if (!accepted.has(socket)) socket.destroy();
  }

  /** What browsers send counts as activity (RULES R20). */
  #watch(tunnel: Tunnel, { route, admitted, socket }: UpgradeExchange): void {
    const { activity, ideActivity } = this.#options;
    const touch = route.kind === "ide" ? () => ideActivity.passed() : () => activity.touch();
    if (route.kind === "ide") socket.once("close", ideActivity.opened());
    this.#tunnels.set(tunnel, socket);
    socket.once("close", () => this.#tunnels.delete(tunnel));
    if (route.kind === "ide" || (route.kind === "share" && route.part === "ide")) {
      const listener = new SocketActivity(tunnel.terms.extensions, touch);
      tunnel.watchBrowser(listener, touch);
      socket.once("close", () => listener.close());
    } else {
      tunnel.watchBrowser({ onFrame: ({ opcode }) => countUnlessControl(opcode, touch) }, touch);
    }
    this.#endWithLogin(tunnel, admitted.recheck, socket);
  }

  /** RULES R1. */
  #endWithLogin(tunnel: Tunnel, recheck: Recheck | undefined, socket: Duplex): void {
    if (recheck !== undefined) socket.once("close", this.#options.sockets.add(tunnel, recheck));
  }
}

/** Browsers send pings and pongs by themselves, and no person sends a close (RFC 6455 §5.5). The payload is not read. */
function countUnlessControl(opcode: number, touch: () => void): false {
  if (opcode < 8) touch();
  return false;
}
