import { type ChildProcess, execFile, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import pino from "pino";
import { ShareStore, type ShareStoreOptions } from "../../../../src/share/store/store.ts";
import type { StoreStatus, StoreTrouble } from "../../../../src/share/store/stored.ts";

const source = join(import.meta.dirname, "fixtures/store-process.ts");
const build = join(import.meta.dirname, "../../../../build.mjs");

/** Bundles the program of `StoreProcess` as the gateway is bundled: it starts faster, and wherever it is put. */
export async function bundleStoreProcess(folder: string): Promise<string> {
  await promisify(execFile)(process.execPath, [build, "--entry", source, "--to", folder, "--no-warm"]);
  return join(folder, "gateway.cjs");
}

/** For `openStore`: threads run what was bundled into that folder. They start faster than from sources. */
export function bundledThread(folder: string): NonNullable<ShareStoreOptions["startThread"]> {
  return (workerData) => new Worker(join(folder, "store-worker.cjs"), { workerData });
}

interface RunAs {
  readonly program?: string;
  readonly node?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export type Told = Readonly<Record<string, unknown>>;

/** A process with a store (fixtures/store-process.ts), and what it has told so far. */
export class StoreProcess {
  readonly child: ChildProcess;
  readonly told: Told[] = [];
  readonly ended: Promise<unknown>;
  #waiting: (() => void)[] = [];

  constructor(task: string, folder: string, { program = source, node = process.execPath, ...user }: RunAs = {}) {
    const stdio: StdioOptions = ["pipe", "pipe", "inherit"];
    this.child = spawn(node, [program, task, "--folder", folder], { ...user, cwd: "/", stdio });
    const lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      this.told.push(JSON.parse(line) as Told);
      for (const look of this.#waiting.splice(0)) look();
    });
    // All that it has told is read then, too.
    this.ended = Promise.all([once(this.child, "exit"), once(lines, "close")]).then(() => {
      for (const look of this.#waiting.splice(0)) look();
    });
  }

  /** Waits until it has printed so many matching lines; it may have ended before. */
  async tells(fits: (line: Told) => boolean, count = 1): Promise<Told[]> {
    for (;;) {
      const fitting = this.told.filter(fits);
      if (fitting.length >= count || this.child.exitCode !== null || this.child.signalCode !== null) return fitting;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async commits(share: string): Promise<Told | undefined> {
    this.child.stdin?.write(`${share}\n`);
    const [line] = await this.tells(({ committed, refused }) => committed === share || refused === share);
    return line;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  async close(): Promise<void> {
    this.child.stdin?.end();
    await this.ended;
  }
}

/** The stores that a test opens in this process, to be closed after it. */
export class OpenStores {
  #stores: ShareStore[] = [];

  readonly open = async (...args: Parameters<typeof openStore>): Promise<ShareStore> => {
    const store = await openStore(...args);
    this.#stores.push(store);
    return store;
  };

  async close(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
    this.#stores = [];
  }
}

/** Retries soon, holds nothing for old, and gives nothing up because the machine is busy. */
export function openStore(folder: string, more: Partial<ShareStoreOptions> = {}): Promise<ShareStore> {
  const { timing, ...others } = more;
  const logger = pino({ level: "silent" });
  return ShareStore.open({
    folder,
    logger,
    clock: () => 0,
    timing: { retry: 100, patience: 60_000, ...timing },
    ...others,
  });
}

/** Waits until the store is ready, or is not for this reason. */
export async function becomes(store: ShareStore, wanted: "ready" | StoreTrouble): Promise<StoreStatus> {
  const now = () => (store.status.kind === "ready" ? "ready" : store.status.trouble);
  while (now() !== wanted) await once(store, "change");
  return store.status;
}
