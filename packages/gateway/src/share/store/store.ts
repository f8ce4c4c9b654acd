import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { Worker } from "node:worker_threads";
import { auditFields, columnsOf, shareFields } from "@waiide/protocol";
import { GatewayError, reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Timer } from "../../base/timer.ts";
import { workerFile } from "../../system/worker-thread.ts";
import type { AnyChange } from "./database.ts";
import type { StoreFailure } from "./failure.ts";
import {
  type RequestBody,
  type StoreAnswer,
  type StoreMessage,
  type StoreRequest,
  type StoreThread,
  type StoreTiming,
  type StoreWorkerData,
  stage,
} from "./messages.ts";
import type {
  AuditQuery,
  ChangesQuery,
  LiveRecords,
  MessagesQuery,
  StoreChange,
  StoredAuditEntry,
  StoredChanges,
  StoredMessage,
  StoreStatus,
  StoreTrouble,
} from "./stored.ts";

const day = 24 * 60 * 60 * 1000;
/** How long audit entries and ended records are kept. Milliseconds. */
const retention = 90 * day;

/** What guests do is written down: it must not fill the owner's disk without end. Bytes. */
const maxSize = 2 ** 30;

const columns = { shares: columnsOf(shareFields), audit: columnsOf(auditFields) };

/** On top of its patience, for the thread to end. Milliseconds. */
const closingGrace = 1_000;

const defaultTiming: StoreTiming = { patience: 5_000, retry: 10_000, heartbeat: 10_000, staleAfter: 60_000 };

export interface ShareStoreOptions {
  /** Made if it is missing; shares.sqlite and shares.lease are in it. */
  readonly folder: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly timing?: Partial<StoreTiming>;
  /** Of the database, in bytes; beyond, it counts as full. */
  readonly maxSize?: number;
  /** For tests: what stands for the worker. */
  readonly startThread?: (data: StoreWorkerData) => StoreThread;
}

interface Pending {
  readonly body: RequestBody;
  readonly stage: Int32Array<SharedArrayBuffer>;
  readonly timer: NodeJS.Timeout | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Events {
  /** The status has changed. */
  change: [status: StoreStatus];
  /** What was given up as stalled is on disk after all: its promise was rejected, so undo it or take it in. */
  late: [changes: readonly StoreChange[]];
}

/**
 * Shares, links, sessions and the audit on disk (RULES R21). A thread of its own does all work, so that no disk can delay a
 * proxied byte. Any trouble only makes the store unavailable, and it retries by itself.
 */
export class ShareStore extends EventEmitter<Events> {
  readonly #options: ShareStoreOptions;
  readonly #timing: StoreTiming;
  readonly #token = randomUUID();
  readonly #pending = new Map<number, Pending>();
  /** Given up while they were being committed: they may land yet. */
  readonly #late = new Map<number, readonly AnyChange[]>();
  readonly #retry = new Timer();
  readonly #pruning = new Timer();
  #worker: StoreThread | undefined;
  #status: StoreStatus = { kind: "unavailable", trouble: "opening", reason: "it is being opened" };
  #openings = 0;
  #requests = 0;
  #probing = false;
  #closing: Promise<void> | undefined;

  private constructor(options: ShareStoreOptions) {
    super();
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
  }

  /** Never rejects for trouble of the store: see `status` and the event `change`. */
  static async open(options: ShareStoreOptions): Promise<ShareStore> {
    const store = new ShareStore(options);
    const { promise, resolve } = Promise.withResolvers<void>();
    store.once("change", () => resolve());
    const stalled = setTimeout(() => store.#become("stalled", "it does not answer"), store.#timing.patience);
    store.#startWorker();
    await promise;
    clearTimeout(stalled);
    if (store.#pending.size === 0) store.#worker?.unref();
    return store;
  }

  get status(): StoreStatus {
    return this.#status;
  }

  /** @throws GatewayError SHARING_UNAVAILABLE */
  async load(): Promise<LiveRecords> {
    return (await this.#ask({ kind: "load" })) as LiveRecords;
  }

  /**
   * One transaction, all or nothing; resolves once it is on disk.
   * @throws GatewayError SHARING_UNAVAILABLE: nothing of it is stored, but see the event `late`; Error: it cannot be stored
   */
  async commit(changes: readonly StoreChange[]): Promise<void> {
    await this.#ask({ kind: "commit", changes });
  }

  /**
   * Newest first.
   * @throws GatewayError SHARING_UNAVAILABLE
   */
  async audit(query: AuditQuery): Promise<StoredAuditEntry[]> {
    return (await this.#ask({ kind: "audit", query })) as StoredAuditEntry[];
  }

  /** @throws GatewayError SHARING_UNAVAILABLE */
  async changes(query: ChangesQuery): Promise<StoredChanges> {
    return (await this.#ask({ kind: "changes", query })) as StoredChanges;
  }

  /** Newest first. @throws GatewayError SHARING_UNAVAILABLE */
  async messages(query: MessagesQuery): Promise<StoredMessage[]> {
    return (await this.#ask({ kind: "messages", query })) as StoredMessage[];
  }

  /** Waits for pending requests, and gives the lease back. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#retry.stop();
    this.#pruning.stop();
    const worker = this.#worker;
    if (worker !== undefined) {
      const { promise: exited, resolve } = Promise.withResolvers<void>();
      worker.on("exit", () => resolve());
      // Its own requests have no patience that could end.
      for (const { timer, stage } of this.#pending.values()) if (timer === undefined) giveUp(stage);
      void this.#post({ kind: "close" });
      // What waits is given up after its patience, and the worker gets to this; if not, it hangs in the kernel.
      const stuck = setTimeout(() => {
        void worker.terminate();
        resolve();
      }, this.#timing.patience + closingGrace);
      await exited;
      clearTimeout(stuck);
    }
    this.#become("closed", "it is closed");
  }

  #startWorker(): void {
    const { folder, startThread = startWorker } = this.#options;
    const size = this.#options.maxSize ?? maxSize;
    const worker = startThread({ folder, token: this.#token, maxSize: size, columns, timing: this.#timing });
    this.#worker = worker;
    worker.on("message", (message: StoreMessage) => this.#hear(message));
    worker.on("error", (error) => this.#options.logger.error({ err: error }, "the thread of the share store failed"));
    worker.on("exit", () => this.#workerEnded());
  }

  #hear(message: StoreMessage): void {
    if (this.#closing !== undefined && message.kind !== "answers") return;
    switch (message.kind) {
      case "opened":
        this.#openings += 1;
        this.#becomeReady();
        this.#prune();
        break;
      case "unavailable":
        this.#becomeFailed(message.failure);
        break;
      case "warning":
        this.#options.logger.warn({ reason: message.reason }, "the share store failed");
        break;
      case "answers":
        for (const answer of message.answers) this.#settle(answer);
        break;
    }
  }

  #ask(body: RequestBody): Promise<unknown> {
    // A full disk may have room for this one; a revocation must not wait for more.
    const isFull = this.#status.kind === "unavailable" && this.#status.trouble === "full";
    if (this.#closing !== undefined) return Promise.reject(unavailable("it is closed"));
    if (this.#status.kind !== "ready" && !isFull) return Promise.reject(unavailable(this.#status.reason));
    return this.#post(body, this.#timing.patience);
  }

  /** @param patience milliseconds; without it the request is never given up */
  #post(body: RequestBody, patience?: number): Promise<unknown> {
    this.#requests += 1;
    const id = this.#requests;
    const stage = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#worker?.postMessage({ ...body, id, stage } satisfies StoreRequest);
    const timer = patience === undefined ? undefined : setTimeout(() => this.#giveUp(id), patience);
    this.#pending.set(id, { body, stage, timer, resolve, reject });
    this.#worker?.ref();
    return promise;
  }

  #giveUp(id: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const before = giveUp(pending.stage);
    // It is on disk, and its answer on its way: it was our own thread that was slow.
    if (before === stage.done) return;
    this.#pending.delete(id);
    if (before === stage.commits && pending.body.kind === "commit") this.#late.set(id, pending.body.changes);
    const reason = `it has not answered for ${this.#timing.patience / 1000} seconds`;
    pending.reject(unavailable(reason));
    if (this.#closing !== undefined) return;
    this.#become("stalled", reason);
    void this.#probe();
  }

  #settle(answer: StoreAnswer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) {
      this.#settleLate(answer);
      return;
    }
    this.#pending.delete(answer.id);
    clearTimeout(pending.timer);
    if (this.#pending.size === 0) this.#worker?.unref();
    if (answer.ok) {
      pending.resolve(answer.value);
      if (pending.body.kind === "commit" && this.#isTroubled("full")) this.#becomeReady();
      return;
    }
    if (answer.failure.trouble === "full") this.#becomeFailed(answer.failure);
    pending.reject(errorOf(answer.failure));
  }

  #settleLate({ id, ok }: StoreAnswer): void {
    const changes = this.#late.get(id);
    this.#late.delete(id);
    if (ok && changes !== undefined) this.emit("late", changes as readonly StoreChange[]);
  }

  /** Checks whether writing works again; the answer comes after those of earlier requests. */
  async #probe(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    try {
      await this.#post({ kind: "commit", changes: [{ type: "touch" }] });
      if (this.#isTroubled("stalled") || this.#isTroubled("full")) this.#becomeReady();
    } catch (error) {
      this.#options.logger.debug({ reason: reasonOf(error) }, "the share store cannot be written yet");
    } finally {
      this.#probing = false;
    }
  }

  #prune(): void {
    const before = (this.#options.clock ?? Date.now)() - retention;
    this.#post({ kind: "commit", changes: [{ type: "prune", before }] }).catch((error: unknown) => {
      this.#options.logger.warn({ reason: reasonOf(error) }, "old audit entries could not be removed");
    });
    this.#pruning.set(day, () => this.#prune());
  }

  #workerEnded(): void {
    this.#worker = undefined;
    this.#late.clear();
    for (const [id, { body, stage: now, timer, resolve, reject }] of this.#pending) {
      this.#pending.delete(id);
      clearTimeout(timer);
      if (body.kind === "close" || Atomics.load(now, 0) === stage.done) resolve(undefined);
      else reject(unavailable("its thread has ended"));
    }
    if (this.#closing !== undefined) return;
    this.#become("failed", "its thread has ended");
    this.#retry.set(this.#timing.retry, () => this.#startWorker());
  }

  #isTroubled(trouble: StoreTrouble): boolean {
    return this.#status.kind === "unavailable" && this.#status.trouble === trouble;
  }

  #becomeFailed({ trouble, reason }: StoreFailure): void {
    if (this.#closing !== undefined) return;
    this.#become(trouble === "busy" || trouble === "invalid" ? "failed" : trouble, reason);
    if (trouble === "full") this.#retry.set(this.#timing.retry, () => void this.#probe());
  }

  #become(trouble: StoreTrouble, reason: string): void {
    const now = this.#status;
    if (now.kind === "unavailable" && now.trouble === trouble && now.reason === reason) return;
    this.#status = { kind: "unavailable", trouble, reason };
    if (trouble !== "closed") this.#options.logger.warn({ trouble, reason }, "the share store is unavailable");
    this.emit("change", this.#status);
  }

  #becomeReady(): void {
    if (this.#closing !== undefined) return;
    this.#retry.stop();
    this.#status = { kind: "ready", opening: this.#openings };
    this.#options.logger.info({ folder: this.#options.folder }, "the share store is ready");
    this.emit("change", this.#status);
  }
}

function startWorker(workerData: StoreWorkerData): StoreThread {
  return new Worker(workerFile("store-worker", import.meta.url), {
    name: "share store",
    workerData,
    env: {},
    execArgv: [],
  });
}

/**
 * Gives a request up, unless it is done.
 * @returns where it stood
 */
function giveUp(now: Int32Array): number {
  for (;;) {
    const before = Atomics.load(now, 0);
    if (before === stage.done || Atomics.compareExchange(now, 0, before, stage.givenUp) === before) return before;
  }
}

function errorOf({ trouble, reason }: StoreFailure): Error {
  return trouble === "invalid" ? new Error(`the share store refused a record: ${reason}`) : unavailable(reason);
}

function unavailable(reason: string): GatewayError {
  return new GatewayError("SHARING_UNAVAILABLE", { reason });
}
