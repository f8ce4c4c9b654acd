import type { AnyChange } from "./database.ts";
import type { StoreFailure } from "./failure.ts";
import type { AuditQuery, ChangesQuery, MessagesQuery, StoreColumns } from "./stored.ts";

/** The messages between the main thread and the store's thread. */

export interface StoreWorkerData {
  readonly folder: string;
  /** Names this store as the holder of the lease, over all threads that it may need. */
  readonly token: string;
  /** Of the database. Bytes. */
  readonly maxSize: number;
  /** The main thread knows the lists of fields: the store's thread starts without their schemas. */
  readonly columns: StoreColumns;
  readonly timing: StoreTiming;
}

/** What the main thread needs of the worker. */
export interface StoreThread {
  on(event: "message", listener: (message: StoreMessage) => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
  on(event: "exit", listener: () => void): unknown;
  postMessage(request: StoreRequest): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

/** Milliseconds. */
export interface StoreTiming {
  /** How long the main thread waits for an answer before it gives the request up. */
  readonly patience: number;
  /** Between two attempts to open a store that cannot be used, or to write to a full disk. */
  readonly retry: number;
  /** Between two signs of life of the holder of the lease, and after what silence it is taken for dead. */
  readonly heartbeat: number;
  readonly staleAfter: number;
}

/**
 * Where a request stands, in memory that both threads see. The worker turns `waits` into `commits` just before it commits,
 * and back if that comes to nothing; what the main thread has given up before is never committed.
 */
export const stage = { waits: 0, commits: 1, done: 2, givenUp: 3 } as const;

export type RequestBody =
  | { readonly kind: "commit"; readonly changes: readonly AnyChange[] }
  | { readonly kind: "load" }
  | { readonly kind: "audit"; readonly query: AuditQuery }
  | { readonly kind: "changes"; readonly query: ChangesQuery }
  | { readonly kind: "messages"; readonly query: MessagesQuery }
  | { readonly kind: "close" };

export type StoreRequest = RequestBody & { readonly id: number; readonly stage: Int32Array<SharedArrayBuffer> };

export type StoreAnswer =
  | { readonly id: number; readonly ok: true; readonly value?: unknown }
  | { readonly id: number; readonly ok: false; readonly failure: StoreFailure };

export type StoreMessage =
  | { readonly kind: "opened" }
  | { readonly kind: "unavailable"; readonly failure: StoreFailure }
  | { readonly kind: "warning"; readonly reason: string }
  | { readonly kind: "answers"; readonly answers: readonly StoreAnswer[] };
