import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { Lease, type LeaseHolder } from "../../system/lease.ts";
import { StoreDatabase } from "./database.ts";
import { failureOf, StoreError, type StoreFailure } from "./failure.ts";
import { type StoreAnswer, type StoreMessage, type StoreRequest, type StoreWorkerData, stage } from "./messages.ts";

/** Between two checks whether a locked database is free. Milliseconds. */
const lockedPause = 20;
/** So many commits share one transaction at most. */
const maxGroupSize = 500;

type Question = Extract<StoreRequest, { kind: "load" | "audit" | "changes" | "messages" }>;
type CommitRequest = Extract<StoreRequest, { kind: "commit" }>;

interface Opened {
  readonly database: StoreDatabase;
  readonly lease: Lease;
}

/** The store's own thread: everything that may wait for a disk happens here, in the order of the requests. */
class StoreWorker {
  readonly #port: MessagePort;
  readonly #options: StoreWorkerData;
  readonly #file: string;
  readonly #leaseFile: string;
  readonly #heart: NodeJS.Timeout;
  #queue: StoreRequest[] = [];
  #scheduled: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #opened: Opened | undefined;
  #wasOpened = false;
  #retry: NodeJS.Timeout | undefined;
  /** Why it is not open. */
  #failure: StoreFailure = { trouble: "opening", reason: "it is being opened" };

  constructor(port: MessagePort, options: StoreWorkerData) {
    this.#port = port;
    this.#options = options;
    this.#file = join(options.folder, "shares.sqlite");
    this.#leaseFile = join(options.folder, "shares.lease");
    this.#heart = setInterval(() => this.#beat(), options.timing.heartbeat);
    port.on("message", (request: StoreRequest) => {
      this.#queue.push(request);
      // Not at once: what else has arrived by then shares its transaction.
      this.#scheduled ??= setImmediate(() => this.#work());
    });
    this.#open();
  }

  #open(): void {
    try {
      this.#opened = this.#takeAndOpen();
      this.#say({ kind: "opened" });
    } catch (error) {
      this.#fail(failureOf(error, this.#file));
    }
  }

  #takeAndOpen(): Opened {
    const { folder, token, maxSize, columns, timing } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const lease = Lease.take({ file: this.#leaseFile, token, staleAfter: timing.staleAfter });
    if (!(lease instanceof Lease)) {
      throw new StoreError("held", `another gateway uses the shares in ${folder}: ${wordsFor(lease.heldBy)}`);
    }
    try {
      const database = StoreDatabase.open({ file: this.#file, token, maxSize, columns, mustExist: this.#wasOpened });
      this.#wasOpened = true;
      return { lease, database };
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  /** Closes what is open, and tries again later. */
  #fail(failure: StoreFailure): void {
    this.#failure = failure;
    this.#release();
    this.#say({ kind: "unavailable", failure });
    this.#retry = setTimeout(() => this.#open(), this.#options.timing.retry);
  }

  #release(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    try {
      opened?.database.close();
      opened?.lease.release();
    } catch (error) {
      this.#warn(error);
    }
  }

  #beat(): void {
    try {
      const opened = this.#opened;
      if (opened === undefined) return;
      if (opened.lease.isOurs()) opened.lease.beat();
      else this.#fail(lostTo(opened.lease));
    } catch (error) {
      // Each transaction checks whether we still hold it; a missed beat alone changes nothing.
      this.#warn(error);
    }
  }

  #work(): void {
    this.#scheduled = undefined;
    while (this.#queue.length > 0) {
      this.#dropGivenUp();
      const [first] = this.#queue;
      if (first === undefined) return;
      const isDone = first.kind === "commit" ? this.#commitGroup(this.#leadingCommits()) : this.#answerOne(first);
      if (isDone) continue;
      this.#scheduled = setTimeout(() => this.#work(), lockedPause);
      return;
    }
  }

  #dropGivenUp(): void {
    const dropped = this.#queue.filter((request) => Atomics.load(request.stage, 0) === stage.givenUp);
    if (dropped.length > 0) this.#settle(dropped.map(({ id }) => ({ id, ok: false, failure: givenUp })));
  }

  #leadingCommits(): CommitRequest[] {
    const end = this.#queue.findIndex(({ kind }) => kind !== "commit");
    const count = Math.min(end === -1 ? this.#queue.length : end, maxGroupSize);
    return this.#queue.slice(0, count).filter((request) => request.kind === "commit");
  }

  /** @returns whether they were answered, rather than stopped by a lock or shortened by what was given up */
  #commitGroup(group: readonly CommitRequest[]): boolean {
    const failure = this.#tryCommit(group);
    if (failure === undefined) {
      this.#settle(group.map(({ id }) => ({ id, ok: true })));
      return true;
    }
    if (failure.trouble === "busy") return false;
    // A wrong or too large commit must not fail the others.
    if (group.length > 1 && (failure.trouble === "invalid" || failure.trouble === "full")) {
      return group.every((request) => this.#commitGroup([request]));
    }
    if (this.#opened && failure.trouble !== "invalid" && failure.trouble !== "full") this.#fail(failure);
    this.#settle(group.map(({ id }) => ({ id, ok: false, failure })));
    return true;
  }

  /** One transaction: all of the group or nothing. Without the lease, or once one of them was given up, nothing. */
  #tryCommit(group: readonly CommitRequest[]): StoreFailure | undefined {
    const opened = this.#opened;
    if (opened === undefined) return this.#failure;
    const { database, lease } = opened;
    try {
      if (!lease.isOurs()) return lostTo(lease);
      database.begin();
      for (const { changes } of group) for (const change of changes) database.apply(change);
      if (!lease.isOurs()) return lostTo(lease);
      if (!group.every(begins)) return givenUp;
      database.commit();
      for (const request of group) Atomics.store(request.stage, 0, stage.done);
      return undefined;
    } catch (error) {
      return failureOf(error, this.#file);
    } finally {
      for (const request of group) Atomics.compareExchange(request.stage, 0, stage.commits, stage.waits);
      this.#rollback(database);
    }
  }

  #rollback(database: StoreDatabase): void {
    try {
      database.rollback();
    } catch (error) {
      this.#warn(error);
    }
  }

  /** @returns whether it was answered, rather than stopped by a lock */
  #answerOne(request: Exclude<StoreRequest, CommitRequest>): boolean {
    if (request.kind === "close") {
      this.#close();
      return true;
    }
    try {
      const database = this.#opened?.database;
      if (database === undefined) {
        this.#settle([{ id: request.id, ok: false, failure: this.#failure }]);
        return true;
      }
      const value = answerOf(request, database);
      this.#settle([{ id: request.id, ok: true, value }]);
    } catch (error) {
      const failure = failureOf(error, this.#file);
      if (failure.trouble === "busy") return false;
      if (failure.trouble !== "invalid") this.#fail(failure);
      this.#settle([{ id: request.id, ok: false, failure }]);
    }
    return true;
  }

  #close(): void {
    this.#queue = [];
    clearInterval(this.#heart);
    clearTimeout(this.#retry);
    this.#release();
    // Nothing keeps the thread then.
    this.#port.close();
  }

  #settle(answers: readonly StoreAnswer[]): void {
    const answered = new Set(answers.map(({ id }) => id));
    this.#queue = this.#queue.filter(({ id }) => !answered.has(id));
    this.#say({ kind: "answers", answers });
  }

  #warn(error: unknown): void {
    this.#say({ kind: "warning", reason: failureOf(error, this.#file).reason });
  }

  #say(message: StoreMessage): void {
    this.#port.postMessage(message);
  }
}

/** Of a group too: without the one that was given up, the rest is tried again. */
const givenUp: StoreFailure = { trouble: "busy", reason: "it was given up" };

/** Whether it may be committed now. */
function begins(request: StoreRequest): boolean {
  return Atomics.compareExchange(request.stage, 0, stage.waits, stage.commits) === stage.waits;
}

function lostTo(lease: Lease): StoreFailure {
  const holder = lease.holder();
  const reason =
    holder === undefined
      ? "the file that names the writer of the shares was removed"
      : `another gateway took the shares over, as this one was silent: ${wordsFor(holder)}`;
  return { trouble: "lost", reason };
}

function wordsFor(holder: LeaseHolder | undefined): string {
  if (holder === undefined) return "one that cannot be told";
  return `process ${holder.pid} on ${holder.host}, since ${holder.since}`;
}

if (parentPort) new StoreWorker(parentPort, workerData as StoreWorkerData);

function answerOf(request: Question, database: StoreDatabase): unknown {
  if (request.kind === "load") return database.load();
  if (request.kind === "messages") return database.messages(request.query);
  return request.kind === "audit" ? database.audit(request.query) : database.changes(request.query);
}
