import { mkdir } from "node:fs/promises";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { ChildProcesses, TetheredChild } from "../../system/child-process.ts";
import type { IdeServer } from "../install/ide-server.ts";
import { childEnvironment } from "../server/environment.ts";
import { type CompressionManifest, readCompressionManifest } from "./compression-manifest.ts";

/** The lowest priority: half a minute of both processors must not be felt in the IDE. */
const niceness = "19";
const grace = 1000;

export interface BackgroundCompressionOptions {
  /** Path of this program's own script. */
  readonly program: string;
  readonly children: ChildProcesses;
  readonly logger: Logger;
}

/** Compresses static files once, in a process of its own (`waiide ide compress`), while the first page gets gzip on demand. */
export class BackgroundCompression {
  readonly #options: BackgroundCompressionOptions;
  #child: TetheredChild | undefined;
  #closed = false;

  constructor(options: BackgroundCompressionOptions) {
    this.#options = options;
  }

  /**
   * Does nothing while it is at work, or where the folder cannot be written.
   * @param onDone gets what was made
   */
  start(server: IdeServer, folder: string, onDone: (manifest: CompressionManifest) => void): void {
    if (this.#child !== undefined) return;
    this.#compress(server, folder, onDone).catch((error: unknown) => {
      this.#options.logger.warn({ folder, reason: reasonOf(error) }, "static files are not compressed beforehand");
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#child?.terminate(grace);
  }

  async #compress(server: IdeServer, folder: string, onDone: (manifest: CompressionManifest) => void): Promise<void> {
    await mkdir(folder, { recursive: true });
    if (this.#closed) return;
    const command = [
      process.execPath,
      this.#options.program,
      "ide",
      "compress",
      "--ide-server",
      server.folder,
      "--to",
      folder,
    ];
    const child = this.#options.children.spawn("nice", ["-n", niceness, ...command], {
      workingFolder: folder,
      environment: childEnvironment(process.env),
    });
    this.#child = child;
    child.stdout.resume();
    child.stderr.resume();
    const { code } = await child.exited;
    this.#child = undefined;
    if (this.#closed) return;
    const manifest = code === 0 ? await readCompressionManifest(folder, server) : undefined;
    if (manifest === undefined) throw new Error(`“waiide ide compress” ended with exit code ${code}`);
    this.#options.logger.info({ folder, files: manifest.files.size }, "static files are compressed");
    onDone(manifest);
  }
}
