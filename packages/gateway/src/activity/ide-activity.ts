import type { ActivityReport } from "@waiide/protocol";
import type { Logger } from "../base/log.ts";
import { listProcesses } from "../system/process-tree.ts";
import type { Activity } from "./activity.ts";

/** Reports come so often at the least, and at the most. Seconds. */
const slowest = 15;
const quickest = 0.5;
/** So many reports may be missing until the extension counts as silent; machines are busy at times. */
const missing = 4;

export interface IdeActivityOptions {
  readonly activity: Activity;
  /** Whether running programs keep the server from being idle. */
  readonly workCounts: boolean;
  readonly logger: Logger;
  /** Seconds without activity after which the gateway ends; 0: never. */
  readonly timeout: number;
  /** Seconds between reports to the hub; undefined: the usual. */
  readonly hubInterval?: number | undefined;
  /** Called after each report. */
  readonly onReport?: () => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly processes?: () => readonly RunningProcess[];
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** Tells a process from a later one with the same id. */
  readonly started: string;
  readonly ended: boolean;
}

/**
 * What goes on in the owner's IDE, by the extension's word (RULES R20): it knows a person from a page that is only open,
 * which its sockets' traffic does not tell for sure. Their traffic counts only before the first report, and once reports
 * stay away. Terminals outlive their window: what runs in them is seen here, as long as it runs.
 */
export class IdeActivity {
  /** Seconds between reports. */
  readonly interval: number;
  readonly #options: IdeActivityOptions;
  readonly #clock: () => number;
  /** Their process ids, and when each started. */
  readonly #shells = new Map<number, string | undefined>();
  #lastReport: number | undefined;
  #silent = false;
  #sockets = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IdeActivityOptions) {
    const { timeout, hubInterval = Number.POSITIVE_INFINITY } = options;
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    const wanted = Math.min(slowest, hubInterval / 2, timeout > 0 ? timeout / 20 : Number.POSITIVE_INFINITY);
    this.interval = Math.max(quickest, wanted);
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), this.interval * 1_000).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  report({ person, terminals, work }: ActivityReport): void {
    const { activity, workCounts, logger, onReport } = this.#options;
    if (!this.#inCharge) logger.info("activity in the IDE is what its extension reports");
    this.#lastReport = this.#clock();
    this.#silent = false;
    for (const shell of terminals) this.#shells.set(shell, this.#shells.get(shell));
    // An extension outlives its window for hours, with the state that it had last.
    const present = person && this.#sockets > 0;
    const works = workCounts && Object.values(work).some((count) => count > 0);
    if (present || works || this.#isBusy()) activity.touch();
    onReport?.();
  }

  /** Something that a person may have caused came over a socket of the owner's IDE. */
  passed(): void {
    if (!this.#inCharge) this.#options.activity.touch();
  }

  /** Counts a socket of the owner's IDE; call the result when it closed. */
  opened(): () => void {
    this.#sockets += 1;
    let open = true;
    return () => {
      if (open) this.#sockets -= 1;
      open = false;
    };
  }

  /** To be called on each interval: terminals are looked at whether anybody reports or not. */
  look(): void {
    const { logger, activity } = this.#options;
    if (this.#isBusy()) activity.touch();
    if (this.#silent || this.#lastReport === undefined || this.#inCharge) return;
    this.#silent = true;
    // Nobody reports where no window is open.
    if (this.#sockets > 0) logger.warn(`${this.source}; the IDE's extension has crashed or was disabled`);
  }

  /** Whose word is taken, in words. */
  get source(): string {
    if (this.#inCharge) return "the extension in the IDE";
    const why =
      this.#lastReport === undefined ? "the extension has not reported yet" : "the extension has fallen silent";
    return `what passes through the IDE's sockets, as ${why}`;
  }

  get #inCharge(): boolean {
    return this.#lastReport !== undefined && this.#clock() - this.#lastReport <= this.interval * missing * 1_000;
  }

  /** Whether a shell of a terminal has a child; those that ended are forgotten. */
  #isBusy(): boolean {
    const { workCounts, processes = listProcesses } = this.#options;
    if (!workCounts || this.#shells.size === 0) return false;
    const running = processes().filter(({ ended }) => !ended);
    const startOf = new Map(running.map(({ pid, started }) => [pid, started]));
    for (const [shell, start] of this.#shells) {
      const started = startOf.get(shell);
      if (started === undefined || (start !== undefined && start !== started)) this.#shells.delete(shell);
      else this.#shells.set(shell, started);
    }
    return running.some(({ parent }) => this.#shells.has(parent));
  }
}
