import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { WholeNumber } from "@waiide/protocol";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { GatewayError, reasonOf } from "../base/errors.ts";
import { unlessMissing } from "../system/missing-file.ts";

const RunningRecordSchema = Type.Object({
  pid: WholeNumber(),
  socket: Type.String({ minLength: 1 }),
  url: Type.String(),
});

/** What a running gateway leaves for `waiide health` to find it by. */
export type RunningRecord = Readonly<Static<typeof RunningRecordSchema>>;

const recordName = "running.json";

export interface ControlServerOptions {
  readonly socket: string;
  readonly folder: string;
  readonly url: string;
  readonly api: RequestListener;
  /** Takes a WebSocket. @returns false if there is none at its path */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
}

/**
 * The API on a unix socket in a private folder (DESIGN §3.4): whoever can open it is the user, so it needs no login.
 * A record in the gateway's data folder says where it is.
 */
export class ControlServer {
  readonly #server: Server;
  readonly #record: RunningRecord;
  readonly #folder: string;

  constructor(options: ControlServerOptions) {
    this.#record = { pid: process.pid, socket: options.socket, url: options.url };
    this.#folder = options.folder;
    this.#server = createServer(options.api);
    this.#server.on("upgrade", (request, socket, head) => {
      if (!options.upgrade(request, socket, head)) socket.destroy();
    });
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
    const socket = await socketInRecord(this.#folder);
    if (socket === this.#record.socket) await rm(join(this.#folder, recordName), { force: true });
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

/**
 * The record of the gateway that uses this data folder; undefined if there is none. It may have died without removing it.
 * @throws GatewayError RECORD_DAMAGED
 */
export async function readRunningRecord(folder: string): Promise<RunningRecord | undefined> {
  const file = join(folder, recordName);
  const text = await unlessMissing(readFile(file, "utf8"));
  if (text === undefined) return undefined;
  try {
    return Value.Parse(RunningRecordSchema, JSON.parse(text));
  } catch (cause) {
    throw new GatewayError("RECORD_DAMAGED", { file }, { cause });
  }
}

/** One that cannot be read is not ours: it was whole when we wrote it. */
async function socketInRecord(folder: string): Promise<string | undefined> {
  try {
    return (await readRunningRecord(folder))?.socket;
  } catch (error) {
    if (error instanceof GatewayError && error.code === "RECORD_DAMAGED") return undefined;
    throw error;
  }
}
