import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type SessionCloseReason, sessionClose } from "@waiide/protocol";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Timer } from "../../base/timer.ts";
import type { Config } from "../../config/config.ts";
import { linkExtensions } from "../../ide/extensions/linked-extensions.ts";
import { Ide } from "../../ide/ide.ts";
import type { IdeTiming } from "../../ide/server/process.ts";
import type { Mark } from "../../system/lock-limit.ts";
import { killMarked, unjudgedProcesses } from "../../system/marked-processes.ts";

import type { Webviews } from "../../webviews/webviews.ts";

/** A Terminal Access share, as its IDE server needs to know it. */
export interface TerminalShare {
  readonly id: string;
  /** Absolute path of the folder that is opened. */
  readonly root: string;
  /** Path below the root of a file that is opened with it. */
  readonly opens?: string | undefined;
}

/** All in milliseconds but `reconnectionGrace`; tests shorten them. */
export interface TerminalIdeTiming {
  /** So long may nobody have it open until it is stopped. */
  readonly unused: number;
  /** Between looks whether somebody has. */
  readonly look: number;
  /** A server that failed is not tried again sooner. */
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
  /** The owner's. */
  readonly config: Config;
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

/** How many processes were killed, could not be killed, and could not be told from the owner's own. */
export interface Ended {
  readonly killed: number;
  readonly left: number;
  readonly unjudged: number;
}

/** With these the guest's part in the share is over, or another: the share's page says which. */
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

/** What every process inside carries (RULES R16). */
export function markOf(share: string): Mark {
  return `WAIIDE_SHARE=${share}`;
}

/**
 * The IDE server of one Terminal Access share (RULES R16): settings, state and terminals of its own, the owner's
 * extensions by links, no control socket, no hub token, and everything inside marked with the share.
 *
 * Nobody there for a while, the server is stopped with its terminals, to give back its memory; the next request starts it
 * again. What a guest left running without a terminal (`nohup`, tmux) goes on until the share ends: being away is no
 * reason to lose work. The end of the share is: then everything that carries the mark is killed.
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

  /** To be called for each request and upgrade: starts it if need be, also some time after it failed. */
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
    // First, as it stops all before anything is asked to end; then no second life may begin.
    const killing = killMarked(mark);
    this.#stop();
    const [first] = await Promise.all([killing, this.#stopping]);
    // What had just been about to start is there by now.
    const last = await killMarked(mark);
    const left = last.left.map(({ pid }) => pid);
    if (left.length > 0) this.#logger.error({ pids: left }, "processes of an ended share cannot be killed");
    const unjudged = unjudgedProcesses().map(({ pid }) => pid);
    if (unjudged.length > 0) {
      this.#logger.warn({ pids: unjudged }, "these processes may belong to an ended share: /proc does not tell");
    }
    return { killed: first.killed + last.killed, left: left.length, unjudged: unjudged.length };
  }

  /** Removes its data. What cannot be removed is logged: the share has ended all the same. */
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
    const { share, config, runtimeFolder, nextSocketName, dataFolder, timing } = this.#options;
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
          // Two servers on the same data would spoil it.
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
      // Whoever waits for a slow start has nothing open yet.
      if (ide.process.backend.inUse || ide.status().state === "starting") this.#lastUse = performance.now();
      if (performance.now() - this.#lastUse < unused) return this.#watch(ide);
      this.#logger.info("the IDE server of a share is stopped: nobody uses it");
      this.#stop();
    });
  }

  /** `#stopping` tells when it has. */
  #stop(): void {
    this.#unused.stop();
    const ide = this.#ide;
    this.#ide = undefined;
    this.#failedAt = undefined;
    if (ide !== undefined) this.#stopping = Promise.all([this.#stopping, ide.close()]).then(() => undefined);
  }
}
