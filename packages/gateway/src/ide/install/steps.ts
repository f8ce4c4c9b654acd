import { errorCodeOf } from "../../base/error-code.ts";
import { GatewayError, reasonOf } from "../../base/errors.ts";

/** Told at the start of each step, and as it proceeds. */
export interface InstallProgress {
  /** What is done, e.g. `Compile native modules`. */
  readonly step: string;
  /** From 1. */
  readonly index: number;
  readonly total: number;
  /** Since the step began, milliseconds. */
  readonly elapsed: number;
  /** From 0 to 1, where that is known. */
  readonly fraction?: number;
}

/** A step that failed for a known reason. */
export class StepFailure extends Error {
  readonly advice: string;

  constructor(reason: string, advice: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "StepFailure";
    this.advice = advice;
  }
}

/** Counts the steps of an installation, tells about them, and names the one that failed. */
export class InstallSteps {
  readonly #total: number;
  readonly #report: (progress: InstallProgress) => void;
  readonly #signal: AbortSignal | undefined;
  #index = 0;

  constructor(total: number, report: (progress: InstallProgress) => void, signal: AbortSignal | undefined) {
    this.#total = total;
    this.#report = report;
    this.#signal = signal;
  }

  /** Runs one step. What it throws becomes INSTALL_FAILED; a wish to stop is passed on as it is. */
  async run<Result>(step: string, work: (proceed: (fraction: number) => void) => Promise<Result>): Promise<Result> {
    this.#signal?.throwIfAborted();
    this.#index += 1;
    const index = this.#index;
    const started = performance.now();
    const report = (fraction?: number) =>
      this.#report({
        step,
        index,
        total: this.#total,
        elapsed: performance.now() - started,
        ...(fraction !== undefined && { fraction }),
      });
    report();
    try {
      return await work(report);
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw installFailure(step, error);
    }
  }
}

/** INSTALL_FAILED for whatever a step threw, with advice that fits. */
export function installFailure(step: string, error: unknown): GatewayError {
  const reason = reasonOf(error).replace(/\.$/, "");
  return new GatewayError("INSTALL_FAILED", { step, reason, advice: adviceFor(error) }, { cause: error });
}

function adviceFor(error: unknown): string {
  if (error instanceof StepFailure) return error.advice;
  switch (errorCodeOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return "Free some space, or choose another place with --to, then try again.";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "Choose a place that this user may write to with --to, or correct the permissions.";
    default:
      return "Correct that, then try again; nothing half-finished is left in place.";
  }
}
