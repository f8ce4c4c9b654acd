/** A pool without what undici's own entry point adds to it. */
type BarePool = Omit<import("undici").Pool, "request" | "stream" | "pipeline" | "connect" | "upgrade">;

declare module "undici/lib/dispatcher/pool.js" {
  import type { Pool } from "undici";

  const pool: new (...args: ConstructorParameters<typeof Pool>) => BarePool;
  export = pool;
}

declare module "undici/lib/api/api-request.js" {
  import type { Dispatcher } from "undici";

  function request(this: BarePool, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
  export = request;
}
