import type { ErrorMessage, Params, Result } from "@waiide/protocol";
import type { FromGateway, ToGateway } from "../live/connection.ts";

export type GuestMethod = "say" | "talk" | "comments" | "comment" | "reply" | "resolve" | "delete-comment";

/** Why a request failed, in the gateway's words. */
export class RequestError extends Error {
  readonly code: ErrorMessage["error"]["code"] | "LOST";

  constructor(code: RequestError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

type Answer = Extract<FromGateway, { type: "response" | "error" }>;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: RequestError) => void;
}

/** The requests of a Terminal Access guest's window. */
export class Requests {
  readonly #send: (message: ToGateway) => boolean;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(send: (message: ToGateway) => boolean) {
    this.#send = send;
  }

  /** @throws RequestError */
  async ask<M extends GuestMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    const id = ++this.#lastId;
    if (!this.#send({ type: "request", id, method, params })) throw lost();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    return promise as Promise<Result<M>>;
  }

  receive(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.type === "response") waiting?.resolve(answer.result);
    else waiting?.reject(new RequestError(answer.error.code, answer.error.message));
  }

  /** The connection is gone, and with it the answers. */
  lost(): void {
    for (const { reject } of this.#waiting.values()) reject(lost());
    this.#waiting.clear();
  }
}

function lost(): RequestError {
  return new RequestError("LOST", "There is no connection to the share.");
}
