import type { IncomingMessage } from "node:http";
import type { GatewayError } from "../base/errors.ts";
import type { RequestContext } from "../http/request-context.ts";

export type OrderVerdict =
  /** `who`: for the audit. */
  { readonly kind: "order"; readonly who: string } | { readonly kind: "refused"; readonly error: GatewayError };

/** Decides about what the hub's administrators order through their page. */
export interface OrderJudge {
  /** @returns undefined for a request that is no order */
  judge(request: IncomingMessage, context: Pick<RequestContext, "path" | "query">): OrderVerdict | undefined;
}
