import type { IncomingMessage } from "node:http";
import type { PageHolder } from "../http/page-proof.ts";

interface Actor {
  /** Who acts in place of the owner, for the audit. */
  readonly actor?: string;
  /** The person for whom a page of ours is made now. */
  readonly holder?: PageHolder | undefined;
}

/** Who sends a request. Only the gate knows; Fastify and its routes see the request alone. */
export class RequestActors {
  readonly #actors = new WeakMap<IncomingMessage, Actor>();

  set(request: IncomingMessage, actor: Actor): void {
    this.#actors.set(request, actor);
  }

  /** @returns undefined for the owner */
  of(request: IncomingMessage): string | undefined {
    return this.#actors.get(request)?.actor;
  }

  holderOf(request: IncomingMessage): PageHolder | undefined {
    return this.#actors.get(request)?.holder;
  }
}
