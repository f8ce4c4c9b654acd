import { Worker } from "node:worker_threads";
import { FairQueue } from "../../base/fair-queue.ts";
import { FileError } from "../file-error.ts";

export interface CheckRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly before: readonly Uint8Array[];
}

export interface CheckAnswer {
  readonly id: number;
  /** Why it is not written; undefined: it may be. */
  readonly refusal: string | undefined;
}

/** Milliseconds of one check, and until a thread that is not needed ends. */
const defaultTime = 10_000;
const idleTime = 30_000;

/** Checks the notebooks of guests in a thread of its own, one at a time, the guests in turn. What cannot be checked is refused. */
export class NotebookChecker {
  readonly #time: number;
  readonly #queue = new FairQueue(1);
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #requests = 0;

  constructor(time = defaultTime) {
    this.#time = time;
  }

  /**
   * @param who the session that waits for its turn
   * @throws FileError UNSAFE
   */
  async require(who: string, bytes: Buffer, before: readonly Buffer[]): Promise<void> {
    if (before.some((one) => one.equals(bytes))) return;
    const refusal = await this.#queue.run(who, () => this.#ask(bytes, before));
    if (refusal !== undefined) throw new FileError("UNSAFE", refusal);
  }

  close(): void {
    clearTimeout(this.#idle);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #ask(bytes: Buffer, before: readonly Buffer[]): Promise<string | undefined> {
    clearTimeout(this.#idle);
    this.#requests += 1;
    const id = this.#requests;
    const worker = this.#thread();
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const onMessage = (answer: CheckAnswer) => {
      if (answer.id === id) resolve(answer.refusal);
    };
    // A thread that failed or took too long is not used again.
    const giveUp = () => {
      this.close();
      resolve("The notebook could not be checked: it is too large, or takes too long. Save it in smaller steps.");
    };
    const timer = setTimeout(giveUp, this.#time);
    worker.on("message", onMessage).once("error", giveUp).once("exit", giveUp);
    worker.ref();
    worker.postMessage({ id, bytes, before } satisfies CheckRequest);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      worker.off("message", onMessage).off("error", giveUp).off("exit", giveUp);
      worker.unref();
      this.#idle = setTimeout(() => this.close(), idleTime).unref();
    }
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    // Beside this source where it is run from it, else beside the bundle.
    const file = import.meta.url.endsWith(".ts") ? "./check-worker.ts" : "./check-worker.cjs";
    const worker = new Worker(new URL(file, import.meta.url), {
      name: "notebooks",
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    // Between two checks an end is no failure of anyone's request: the next one starts another thread.
    worker
      .on("error", () => undefined)
      .on("exit", () => {
        if (this.#worker === worker) this.#worker = undefined;
      });
    this.#worker = worker;
    return worker;
  }
}
