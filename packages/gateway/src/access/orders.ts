import type { IncomingMessage } from "node:http";
import type { GatewayError } from "../base/errors.ts";
import type { RequestContext } from "../http/request-context.ts";

export type OrderVerdict =
  /** `who`: for the audit. */
  { readonly kind: "order"; readonly who: string } | { readonly kind: "refused"; readonly error: GatewayError };

/** Decides about orders that the hub's administrators send through their page. */
export interface OrderJudge {
  /** @returns undefined if the request is not an order */
  judge(request: IncomingMessage, context: Pick<RequestContext, "path" | "query">): OrderVerdict | undefined;
}
