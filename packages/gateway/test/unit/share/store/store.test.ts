import { EventEmitter } from "node:events";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type StoreMessage, type StoreRequest, type StoreThread, stage } from "../../../../src/share/store/messages.ts";
import { ShareStore } from "../../../../src/share/store/store.ts";
import type { StoreChange } from "../../../../src/share/store/stored.ts";
import { shareChange } from "../../../support/share-records.ts";

/** Stands for the worker: keeps the requests, and answers as it is told. */
class FakeThread extends EventEmitter implements StoreThread {
  readonly requests: StoreRequest[] = [];
  isHolding = true;

  postMessage(request: StoreRequest): void {
    this.requests.push(request);
    if (request.kind === "close") this.emit("exit");
  }
  ref(): void {
    this.isHolding = true;
  }
  unref(): void {
    this.isHolding = false;
  }
  async terminate(): Promise<void> {
    this.emit("exit");
  }

  say(message: StoreMessage): void {
    this.emit("message", message);
  }
  done({ id }: StoreRequest, value?: unknown): void {
    this.say({ kind: "answers", answers: [{ id, ok: true, value }] });
  }
  /** Answers everything so far. */
  doneAll(): void {
    for (const request of this.requests.splice(0)) this.done(request);
  }
  get last(): StoreRequest {
    const request = this.requests.at(-1);
    if (request === undefined) throw new Error("nothing was asked for");
    return request;
  }
}

const day = 86_400_000;
let threads: FakeThread[];
let store: ShareStore;

/** The thread that was started last. */
function thread(): FakeThread {
  const last = threads.at(-1);
  if (last === undefined) throw new Error("no thread was started");
  return last;
}

beforeEach(async () => {
  vi.useFakeTimers();
  threads = [];
  const startThread = () => {
    threads.push(new FakeThread());
    return thread();
  };
  const opening = ShareStore.open({
    folder: "/f",
    logger: pino({ level: "silent" }),
    clock: () => 100 * day,
    startThread,
  });
  thread().say({ kind: "opened" });
  store = await opening;
  thread().doneAll();
});

afterEach(async () => {
  await store.close();
  vi.useRealTimers();
});

/** A commit, and what became of it. */
function commit(change: StoreChange): { request: StoreRequest; outcome: () => string } {
  let outcome = "waits";
  store.commit([change]).then(
    () => (outcome = "stored"),
    (error: Error) => (outcome = error.message),
  );
  return { request: thread().last, outcome: () => outcome };
}

const change = shareChange("s");

describe("R21 a command that is given up", () => {
  it("while it waits is marked so that the thread leaves it", async () => {
    const { request, outcome } = commit(change);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(outcome()).toBe("waits");
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome()).toContain("it has not answered for 5 seconds");
    expect(Atomics.load(request.stage, 0)).toBe(stage.givenUp);
    expect(store.status).toMatchObject({ trouble: "stalled" });
  });

  it("during its commit may complete: that is reported, and can be undone", async () => {
    const late: (readonly StoreChange[])[] = [];
    store.on("late", (changes) => late.push(changes));
    const { request, outcome } = commit(change);
    Atomics.store(request.stage, 0, stage.commits);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(outcome()).toContain("not answered");
    expect(late).toEqual([]);
    thread().done(request);
    expect(late).toEqual([[change]]);
    expect(store.status).toMatchObject({ trouble: "stalled" });
    // The question whether it can write again came after.
    thread().doneAll();
    await vi.advanceTimersByTimeAsync(0);
    expect(store.status).toEqual({ kind: "ready", opening: 1 });
  });

  it("during its commit, if it then fails, is forgotten", async () => {
    const late = vi.fn();
    store.on("late", late);
    const { request } = commit(change);
    Atomics.store(request.stage, 0, stage.commits);
    await vi.advanceTimersByTimeAsync(5_000);
    const failure = { trouble: "failed", reason: "x" } as const;
    thread().say({ kind: "answers", answers: [{ id: request.id, ok: false, failure }] });
    thread().done(request);
    expect(late).not.toHaveBeenCalled();
  });

  it("never concerns stored data, even with a late answer", async () => {
    const { request, outcome } = commit(change);
    Atomics.store(request.stage, 0, stage.done);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(outcome()).toBe("waits");
    thread().done(request);
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome()).toBe("stored");
    expect(store.status.kind).toBe("ready");
  });
});

describe("R21 the store's thread", () => {
  it("that ends is started again; what was on disk was stored, the rest not", async () => {
    const first = commit(change);
    const second = commit(change);
    Atomics.store(first.request.stage, 0, stage.done);
    const ended = thread();
    ended.emit("error", new Error("out of memory"));
    ended.emit("exit");
    await vi.advanceTimersByTimeAsync(0);
    expect([first.outcome(), second.outcome()]).toEqual(["stored", expect.stringContaining("its thread has ended")]);
    expect(store.status).toMatchObject({ trouble: "failed" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(threads).toHaveLength(2);
    thread().say({ kind: "opened" });
    expect(store.status).toEqual({ kind: "ready", opening: 2 });
  });

  it("that does not answer at start is unavailable, and blocks nobody", async () => {
    const opening = ShareStore.open({
      folder: "/f",
      logger: pino({ level: "silent" }),
      startThread: () => new FakeThread(),
    });
    await vi.advanceTimersByTimeAsync(5_000);
    const silent = await opening;
    expect(silent.status).toMatchObject({ trouble: "stalled" });
    await silent.close();
  });

  it("keeps the process alive only during requests", async () => {
    expect(thread().isHolding).toBe(false);
    const { request } = commit(change);
    expect(thread().isHolding).toBe(true);
    thread().done(request);
    expect(thread().isHolding).toBe(false);
  });
});

describe("R21 a full disk", () => {
  const full = { trouble: "full", reason: "there is no space left" } as const;

  it("is retried by requests and by the store itself", async () => {
    const refused = commit(change);
    thread().say({ kind: "answers", answers: [{ id: refused.request.id, ok: false, failure: full }] });
    expect(store.status).toMatchObject({ trouble: "full" });
    const smaller = commit(change);
    thread().done(smaller.request);
    await vi.advanceTimersByTimeAsync(0);
    expect([refused.outcome(), smaller.outcome()]).toEqual([expect.stringContaining("no space"), "stored"]);
    expect(store.status.kind).toBe("ready");

    const again = commit(change);
    thread().say({ kind: "answers", answers: [{ id: again.request.id, ok: false, failure: full }] });
    for (const isFull of [true, false]) {
      await vi.advanceTimersByTimeAsync(10_000);
      const { last } = thread();
      expect(last).toMatchObject({ kind: "commit", changes: [{ type: "touch" }] });
      if (isFull) thread().say({ kind: "answers", answers: [{ id: last.id, ok: false, failure: full }] });
      else thread().done(last);
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(store.status.kind).toBe("ready");
  });
});

it("prunes once a day, what ended 90 days ago", async () => {
  for (const round of [1, 2]) {
    await vi.advanceTimersByTimeAsync(day + 1);
    expect(thread().requests, `day ${round}`).toMatchObject([{ changes: [{ type: "prune", before: 10 * day }] }]);
    thread().doneAll();
  }
  await store.close();
  thread().requests.splice(0);
  await vi.advanceTimersByTimeAsync(2 * day);
  expect(thread().requests).toEqual([]);
});
