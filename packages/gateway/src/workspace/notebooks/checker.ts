import { WorkerThread, workerFile } from "../../system/worker-thread.ts";
import { FileError } from "../file-error.ts";

export interface CheckRequest {
  readonly bytes: Uint8Array;
  readonly before: readonly Uint8Array[];
}

export interface CheckAnswer {
  /** Why the notebook must not be written; undefined: it may be. */
  readonly refusal: string | undefined;
}

/** Milliseconds of one check. */
const defaultTimeout = 10_000;
/** Megabytes. */
const maxMemory = 512;

const notChecked = "The notebook could not be checked: it is too large, or takes too long. Save it in smaller steps.";

/** Checks the notebooks of guests in a thread of its own, one at a time, the guests in turn. What cannot be checked is refused. */
export class NotebookChecker {
  readonly #thread: WorkerThread<CheckRequest, CheckAnswer>;

  constructor(timeout = defaultTimeout) {
    const file = () => workerFile("check-worker", import.meta.url);
    this.#thread = new WorkerThread({ name: "notebooks", file, maxMemory, timeout });
  }

  /**
   * @param who the session that waits for its turn
   * @throws FileError UNSAFE
   */
  async require(who: string, bytes: Buffer, before: readonly Buffer[]): Promise<void> {
    if (before.some((one) => one.equals(bytes))) return;
    const answer = await this.#thread.inTurn(who, (ask) => ask({ bytes, before })).catch(refuse);
    const { refusal } = answer ?? { refusal: notChecked };
    if (refusal !== undefined) throw new FileError("UNSAFE", refusal);
  }

  close(): void {
    this.#thread.close();
  }
}

function refuse(cause: unknown): never {
  throw new FileError("UNSAFE", notChecked, { cause });
}
