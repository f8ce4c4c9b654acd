import type { IncomingMessage } from "node:http";

/** Who acts in place of the owner, for the audit. Only the gate knows; Fastify and its routes see the request alone. */
export class RequestActors {
  readonly #actors = new WeakMap<IncomingMessage, string>();

  set(request: IncomingMessage, actor: string): void {
    this.#actors.set(request, actor);
  }

  /** @returns undefined for the owner */
  of(request: IncomingMessage): string | undefined {
    return this.#actors.get(request);
  }
}
