import type { ActivityReport } from "@waiide/protocol";
import type { Logger } from "../base/log.ts";
import { listProcesses } from "../system/process-tree.ts";
import type { Activity } from "./activity.ts";

/** The longest and the shortest interval between reports. Seconds. */
const slowest = 15;
const quickest = 0.5;
/** The extension counts as silent after so many missing reports; machines can be busy. */
const missing = 4;

export interface IdeActivityOptions {
  readonly activity: Activity;
  /** Whether running programs keep the server from being idle. */
  readonly workCounts: boolean;
  readonly logger: Logger;
  /** Seconds without activity after which the gateway ends; 0 for never. */
  readonly timeout: number;
  /** Seconds between reports to the hub; undefined for the default. */
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
 * The activity in the owner's IDE, as its extension reports it (RULES R20): the extension can tell a person from a page that
 * is only open; the traffic of the sockets cannot. That traffic counts only before the first report, and when reports are
 * missing. Terminals outlive their window, so the programs in them are watched here.
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
    // An extension host outlives its window for hours and keeps its last state.
    const present = person && this.#sockets > 0;
    const works = workCounts && Object.values(work).some((count) => count > 0);
    if (present || works || this.#isBusy()) activity.touch();
    onReport?.();
  }

  /** Called for traffic of the owner's IDE that a person may have caused. */
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

  /** Called at each interval: terminals are checked even without reports. */
  look(): void {
    const { logger, activity } = this.#options;
    if (this.#isBusy()) activity.touch();
    if (this.#silent || this.#lastReport === undefined || this.#inCharge) return;
    this.#silent = true;
    // Without a window there are no reports.
    if (this.#sockets > 0) logger.warn(`${this.source}; the IDE's extension has crashed or was disabled`);
  }

  /** The source of the activity, in words. */
  get source(): string {
    if (this.#inCharge) return "the extension in the IDE";
    const why =
      this.#lastReport === undefined ? "the extension has not reported yet" : "the extension has fallen silent";
    return `what passes through the IDE's sockets, as ${why}`;
  }

  get #inCharge(): boolean {
    return this.#lastReport !== undefined && this.#clock() - this.#lastReport <= this.interval * missing * 1_000;
  }

  /** Whether a terminal's shell has a child; shells that ended are removed. */
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
