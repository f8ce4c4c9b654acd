import { parentPort, Worker } from "node:worker_threads";
import { hasCode } from "../base/error-code.ts";
import { FairQueue } from "../base/fair-queue.ts";

/** A thread without requests ends after so many milliseconds. */
const idleTimeout = 30_000;

export interface WorkerThreadOptions {
  /** Shown by debuggers. */
  readonly name: string;
  /** As `workerFile` returns it; called when the thread starts. */
  readonly file: () => URL;
  /** Megabytes. */
  readonly maxMemory: number;
  /** Milliseconds of one request. */
  readonly timeout: number;
}

/**
 * A thread for work that would delay all requests. It starts on demand, ends when it is idle, and does one thing at a time, in
 * turns between those who ask. A thread that failed or takes too long is ended; the next request starts another.
 */
export class WorkerThread<Request, Answer> {
  readonly #options: WorkerThreadOptions;
  readonly #queue = new FairQueue(1);
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: WorkerThreadOptions) {
    this.#options = options;
  }

  /**
   * @param who takes turns with others
   * @param work called when it is this one's turn. `ask` resolves with undefined if the thread reached its limit of time or
   *   memory, or was closed; it rejects with the thread's own error
   */
  inTurn<Result>(
    who: string,
    work: (ask: (request: Request) => Promise<Answer | undefined>) => Promise<Result>,
  ): Promise<Result> {
    return this.#queue.run(who, () => work((request) => this.#ask(request)));
  }

  close(): void {
    clearTimeout(this.#idle);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #ask(request: Request): Promise<Answer | undefined> {
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<Answer | undefined>();
    const giveUp = () => {
      this.close();
      resolve(undefined);
    };
    const fail = (error: unknown) => {
      this.close();
      if (hasCode(error, "ERR_WORKER_OUT_OF_MEMORY")) resolve(undefined);
      else reject(error);
    };
    const timer = setTimeout(giveUp, this.#options.timeout);
    worker.on("message", resolve).on("error", fail).on("exit", giveUp);
    worker.ref();
    worker.postMessage(request);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      worker.off("message", resolve).off("error", fail).off("exit", giveUp);
      worker.unref();
      this.#idle = setTimeout(() => this.close(), idleTimeout).unref();
    }
  }

  #start(): Worker {
    const { name, file, maxMemory } = this.#options;
    const resourceLimits = { maxOldGenerationSizeMb: maxMemory };
    const worker = new Worker(file(), { name, env: {}, execArgv: [], resourceLimits });
    // Between two requests the end of the thread is nobody's failure.
    worker
      .on("error", () => undefined)
      .on("exit", () => {
        if (this.#worker === worker) this.#worker = undefined;
      });
    return worker;
  }
}

/** In the thread: answers each request with what `answer` returns. */
export function answerRequests<Request, Answer>(answer: (request: Request) => Answer): void {
  parentPort?.on("message", (request: Request) => parentPort?.postMessage(answer(request)));
}

/**
 * The file of a thread: in a bundle it lies beside the bundle, else below the source that starts it.
 * @param source `import.meta.url` of that source
 */
export function workerFile(name: string, source: string): URL {
  return new URL(source.endsWith(".ts") ? `./${name}.ts` : `./${name}.cjs`, source);
}
