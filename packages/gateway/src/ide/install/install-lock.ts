import { randomUUID } from "node:crypto";
import { Lease, type LeaseHolder } from "../../system/lease.ts";

/** Milliseconds between two signs of life of an installation, and the silence after which it counts as dead. */
const heartbeat = 5_000;
const staleAfter = 60_000;

/** Another process installs into the same folder at this moment. */
export class InstallRunningError extends Error {
  readonly lockFile: string;

  constructor(holder: LeaseHolder | undefined, lockFile: string) {
    const who = holder === undefined ? "" : ` (process ${holder.pid} on ${holder.host})`;
    super(`another installation into the same folder is under way${who}`);
    this.name = "InstallRunningError";
    this.lockFile = lockFile;
  }
}

/** The right to install into a folder, for one process at a time. */
export class InstallLock {
  readonly #lease: Lease;
  readonly #timer: NodeJS.Timeout;

  private constructor(lease: Lease) {
    this.#lease = lease;
    this.#timer = setInterval(() => this.#beat(), heartbeat).unref();
  }

  /** @throws InstallRunningError */
  static async take(file: string): Promise<InstallLock> {
    const lease = Lease.take({ file, token: randomUUID(), staleAfter });
    if (lease instanceof Lease) return new InstallLock(lease);
    throw new InstallRunningError(lease.heldBy, file);
  }

  release(): void {
    clearInterval(this.#timer);
    this.#lease.release();
  }

  #beat(): void {
    try {
      this.#lease.beat();
    } catch {
      // Somebody removed the lock, or the disk fails: the installation itself then says what is wrong.
      clearInterval(this.#timer);
    }
  }
}
