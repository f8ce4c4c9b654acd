import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type SessionCloseReason, sessionClose } from "@waiide/protocol";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Timer } from "../../base/timer.ts";
import { linkExtensions } from "../../ide/extensions/linked-extensions.ts";
import { Ide, type IdeOptions } from "../../ide/ide.ts";
import type { IdeTiming } from "../../ide/server/process.ts";
import type { ChildProcesses } from "../../system/child-process.ts";
import type { Mark } from "../../system/lock-limit.ts";
import { killMarked, unjudgedProcesses } from "../../system/marked-processes.ts";
import type { Webviews } from "../../webviews/webviews.ts";

/** What its IDE server needs of a Terminal Access share. */
export interface TerminalShare {
  readonly id: string;
  /** Absolute path of the folder that is opened. */
  readonly root: string;
  /** Path below the root of a file that is opened with it. */
  readonly opens?: string | undefined;
}

/** All in milliseconds but `reconnectionGrace`; tests shorten them. */
export interface TerminalIdeTiming {
  /** A server that nobody uses is stopped after this. */
  readonly unused: number;
  /** Between checks whether it is used. */
  readonly look: number;
  /** Between restarts of a server that failed. */
  readonly failurePause: number;
  /** How long the server keeps terminals for a guest whose connection broke. Seconds. */
  readonly reconnectionGrace: number;
  readonly ide: Partial<IdeTiming>;
}

export const defaultTerminalTiming: TerminalIdeTiming = {
  unused: 10 * 60_000,
  look: 30_000,
  failurePause: 30_000,
  reconnectionGrace: 60,
  ide: {},
};

export interface TerminalIdeOptions {
  readonly share: TerminalShare;
  /** Of the owner's IDE. */
  readonly config: IdeOptions["config"];
  readonly children: ChildProcesses;
  readonly logger: Logger;
  /** A private (0700) folder for sockets. */
  readonly runtimeFolder: string;
  /** For a socket of each life of the server; short and never used before. */
  readonly nextSocketName: () => string;
  /** Holds the server's data; ends with the share. */
  readonly dataFolder: string;
  readonly timing: TerminalIdeTiming;
  readonly webviews?: Webviews | undefined;
}

/** How many processes were killed, could not be killed, and could be the owner's own. */
export interface Ended {
  readonly killed: number;
  readonly left: number;
  readonly unjudged: number;
}

/** With these the guest's session is over, or has changed: the share's page says which. */
const endReasons: readonly SessionCloseReason[] = [
  "login",
  "expired",
  "revoked",
  "removed",
  "administrator",
  "hub",
  "changed",
];
const endCodes = endReasons.map((reason) => sessionClose[reason]);

/** Every process inside carries it (RULES R16). */
export function markOf(share: string): Mark {
  return `WAIIDE_SHARE=${share}`;
}

/**
 * The IDE server of one Terminal Access share (RULES R16): settings, state and terminals of its own, the owner's
 * extensions by links, no control socket, no hub token. Every process inside carries the share's mark.
 *
 * A server that nobody uses is stopped with its terminals, to free its memory; the next request starts it again. What a
 * guest left running without a terminal (`nohup`, tmux) goes on until the share ends: then everything with the mark is
 * killed.
 */
export class TerminalIde {
  readonly #options: TerminalIdeOptions;
  readonly #logger: Logger;
  readonly #unused = new Timer();
  #ide: Ide | undefined;
  #stopping: Promise<void> = Promise.resolve();
  #lastUse = 0;
  #failedAt: number | undefined;

  constructor(options: TerminalIdeOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ share: options.share.id });
  }

  get state(): ReturnType<Ide["status"]>["state"] {
    return this.#ide?.status().state ?? "stopped";
  }

  get root(): string {
    return this.#options.share.root;
  }

  /** Call it for each request and upgrade: it starts the server if needed, also some time after a failure. */
  use(): Ide {
    this.#lastUse = performance.now();
    this.#ide ??= this.#start();
    const ide = this.#ide;
    if (this.#failedAt !== undefined && performance.now() - this.#failedAt >= this.#options.timing.failurePause) {
      ide.restart();
    }
    return ide;
  }

  /** Kills everything inside, at once. */
  async kill(): Promise<Ended> {
    const mark = markOf(this.#options.share.id);
    // First, as it stops all processes before any is asked to end; then the server must not start again.
    const killing = killMarked(mark);
    this.#stop();
    const [first] = await Promise.all([killing, this.#stopping]);
    // Processes that were just starting exist by now.
    const last = await killMarked(mark);
    const left = last.left.map(({ pid }) => pid);
    if (left.length > 0) this.#logger.error({ pids: left }, "processes of an ended share cannot be killed");
    const unjudged = unjudgedProcesses().map(({ pid }) => pid);
    if (unjudged.length > 0) {
      this.#logger.warn({ pids: unjudged }, "these processes may belong to an ended share: /proc does not tell");
    }
    return { killed: first.killed + last.killed, left: left.length, unjudged: unjudged.length };
  }

  /** Removes its data. A failure is logged: the share has ended all the same. */
  async removeData(): Promise<void> {
    const { dataFolder } = this.#options;
    try {
      await rm(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    } catch (error) {
      this.#logger.warn(
        { folder: dataFolder, reason: reasonOf(error) },
        "the data of an ended share cannot be removed",
      );
    }
  }

  #start(): Ide {
    const { share, config, children, runtimeFolder, nextSocketName, dataFolder, timing } = this.#options;
    const before = this.#stopping;
    const ide = new Ide({
      config: {
        ...config,
        workspace: share.root,
        dataFolder,
        ideListen: "unix",
        extensions: [],
        passHubToken: false,
      },
      children,
      logger: this.#logger,
      runtimeFolder,
      socketName: nextSocketName(),
      mark: markOf(share.id),
      timing: timing.ide,
      webviews: this.#options.webviews,
      guests: {
        below: `share/${share.id}/`,
        opens: share.opens === undefined ? undefined : join(share.root, share.opens),
        share: { page: "..#over", endCodes },
        serverArguments: ["--reconnection-grace-time", String(timing.reconnectionGrace)],
        prepare: async () => {
          // Two servers would damage the same data.
          await before;
          await linkExtensions(join(config.dataFolder, "extensions"), join(dataFolder, "extensions"), this.#logger);
        },
      },
    });
    ide.process.on("change", () => {
      this.#failedAt = ide.status().state === "failed" ? performance.now() : undefined;
    });
    ide.start();
    this.#watch(ide);
    return ide;
  }

  #watch(ide: Ide): void {
    const { look, unused } = this.#options.timing;
    this.#unused.set(look, () => {
      // A guest who waits for a slow start has nothing open yet.
      if (ide.process.backend.inUse || ide.status().state === "starting") this.#lastUse = performance.now();
      if (performance.now() - this.#lastUse < unused) return this.#watch(ide);
      this.#logger.info("the IDE server of a share is stopped: nobody uses it");
      this.#stop();
    });
  }

  /** `#stopping` resolves when it has stopped. */
  #stop(): void {
    this.#unused.stop();
    const ide = this.#ide;
    this.#ide = undefined;
    this.#failedAt = undefined;
    if (ide !== undefined) this.#stopping = Promise.all([this.#stopping, ide.close()]).then(() => undefined);
  }
}
