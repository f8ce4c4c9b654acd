import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Admission } from "../access/gate.ts";
import type { Route } from "../access/routes.ts";
import type { RequestContext } from "../http/request-context.ts";

/** A request or upgrade that has arrived, and where its address leads. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly route: Route;
}

export type Admitted = Extract<Admission, { kind: "admitted" }>;

/** An arrival that the gate let in. */
export interface Exchange extends Arrival {
  readonly admitted: Admitted;
  /** Answers with an error. */
  readonly fail: (error: unknown) => void;
}

export interface RequestExchange extends Exchange {
  readonly response: ServerResponse;
}

export interface UpgradeExchange extends Exchange {
  readonly socket: Duplex;
  /** What the browser sent right behind its request. */
  readonly head: Buffer;
}
