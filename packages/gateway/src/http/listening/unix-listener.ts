import { chmod, link, lstat, mkdtemp, rm, unlink } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { GatewayError, reasonOf } from "../../base/errors.ts";
import { unlessMissing } from "../../system/missing-file.ts";

/** `sun_path` has 108 bytes on Linux and 104 on macOS, and the name that it is made under is longer. */
const maxLength = 90;

/** A server's unix socket: a file with a mode, which is there as long as the server listens. */
export class UnixListener {
  readonly #server: Server;
  readonly #file: string;
  readonly #mode: number;
  /** Tells our socket from one that took its place. */
  #inode: bigint | undefined;

  /** @param file absolute path. @param mode permissions; who may write to it may connect */
  constructor(server: Server, file: string, mode: number) {
    this.#server = server;
    this.#file = file;
    this.#mode = mode;
  }

  /**
   * Takes the place of a socket on which nobody listens any more. The socket is made in a private folder and gets its name when
   * its mode is set, so that nobody connects before.
   * @throws GatewayError SOCKET_BUSY, SOCKET_UNUSABLE
   */
  async start(): Promise<void> {
    const file = this.#file;
    if (Buffer.byteLength(file) > maxLength) {
      throw new GatewayError("SOCKET_UNUSABLE", { file, reason: `its path is longer than ${maxLength} bytes` });
    }
    try {
      await this.#listen();
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw new GatewayError("SOCKET_UNUSABLE", { file, reason: reasonOf(error) }, { cause: error });
    }
  }

  /** Removes the file. The server is closed by its owner. */
  async close(): Promise<void> {
    if (this.#inode === undefined) return;
    const found = await unlessMissing(lstat(this.#file, { bigint: true }));
    if (found?.ino === this.#inode) await rm(this.#file, { force: true });
    this.#inode = undefined;
  }

  async #listen(): Promise<void> {
    const folder = await mkdtemp(join(dirname(this.#file), ".w"));
    try {
      const made = join(folder, "s");
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#server.once("error", reject);
      this.#server.listen(made, resolve);
      await promise.finally(() => this.#server.off("error", reject));
      await chmod(made, this.#mode);
      await this.#place(made);
      this.#inode = (await lstat(made, { bigint: true })).ino;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** A link, unlike a renamed file, never takes the place of another. */
  async #place(made: string): Promise<void> {
    try {
      await link(made, this.#file);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      await this.#removeStale();
      await link(made, this.#file);
    }
  }

  async #removeStale(): Promise<void> {
    const file = this.#file;
    const found = await lstat(file, { bigint: true });
    if (!found.isSocket()) throw new GatewayError("SOCKET_UNUSABLE", { file, reason: "it is another file" });
    if (await answers(file)) throw new GatewayError("SOCKET_BUSY", { file });
    // Another one may have been faster.
    const now = await unlessMissing(lstat(file, { bigint: true }));
    if (now?.ino === found.ino) await unlink(file);
  }
}

/** Whether anybody listens; where we may not connect, somebody may. */
async function answers(file: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(file)
    .on("connect", () => resolve(true))
    .on("error", (error) => resolve(!hasCode(error, "ECONNREFUSED") && !hasCode(error, "ENOENT")));
  return promise.finally(() => socket.destroy());
}
