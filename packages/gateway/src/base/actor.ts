import type { IncomingMessage } from "node:http";

const actors = new WeakMap<IncomingMessage, string>();

/** Says who does what a request asks for, where that is not the owner. Only the gate knows; Fastify sees the request alone. */
export function actAs(request: IncomingMessage, who: string): void {
  actors.set(request, who);
}

/** For the audit; undefined: the owner. */
export function actorOf(request: IncomingMessage): string | undefined {
  return actors.get(request);
}
