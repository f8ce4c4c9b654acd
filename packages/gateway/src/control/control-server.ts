import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import { GatewayError, reasonOf } from "../server/errors.ts";

/** What a running gateway leaves for `waiide health` to find it by. */
export interface RunningRecord {
  readonly pid: number;
  readonly socket: string;
  readonly url: string;
}

const recordName = "running.json";

/**
 * The API on a unix socket in a private folder (DESIGN §3.4): whoever can open it is the user, so it needs no login.
 * A record in the gateway's data folder says where it is.
 */
export class ControlServer {
  readonly #server: Server;
  readonly #record: RunningRecord;
  readonly #folder: string;

  constructor(options: { socket: string; folder: string; url: string; api: RequestListener }) {
    this.#record = { pid: process.pid, socket: options.socket, url: options.url };
    this.#folder = options.folder;
    this.#server = createServer(options.api);
  }

  /** @throws GatewayError DATA_FOLDER_UNUSABLE */
  async start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen(this.#record.socket, resolve);
    await promise;
    await this.#writeRecord();
  }

  async close(): Promise<void> {
    const record = await readRunningRecord(this.#folder);
    if (record?.socket === this.#record.socket) await rm(join(this.#folder, recordName), { force: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #writeRecord(): Promise<void> {
    const file = join(this.#folder, recordName);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(`${file}.${process.pid}`, JSON.stringify(this.#record), { mode: 0o600 });
      await rename(`${file}.${process.pid}`, file);
    } catch (error) {
      throw new GatewayError(
        "DATA_FOLDER_UNUSABLE",
        { folder: this.#folder, reason: reasonOf(error) },
        { cause: error },
      );
    }
  }
}

/** The record of the gateway that uses this data folder; undefined if there is none. It may have died without removing it. */
export async function readRunningRecord(folder: string): Promise<RunningRecord | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, recordName), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return JSON.parse(text) as RunningRecord;
}
