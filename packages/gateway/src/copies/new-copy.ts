import { dirname, join } from "node:path";
import type { Copy, CopyRun } from "@waiide/protocol";
import type { CopyRecord, CopyRecords } from "./records.ts";
import { runnable } from "./set-up.ts";
import { Staging } from "./staging.ts";

export interface NewCopyPlace extends Pick<CopyRecord, "id" | "folder" | "source"> {
  readonly copy: Pick<Copy, "owner" | "extensions">;
  /** Whether “Set up” may be offered. */
  readonly offersSetUp: boolean;
}

/** What a finished copy holds. */
export interface FinishedCopy {
  readonly runs: CopyRun[];
  readonly set_up: string[];
  readonly left_out: string[];
  readonly set_aside: string[];
}

/** A copy in the making: its folder beside its place, and the record by which it is known as a stranger's (RULES R29). */
export class NewCopy {
  readonly #records: CopyRecords;
  readonly #record: CopyRecord;
  readonly #staging: Staging;
  readonly #offersSetUp: boolean;

  private constructor(records: CopyRecords, record: CopyRecord, staging: Staging, offersSetUp: boolean) {
    this.#records = records;
    this.#record = record;
    this.#staging = staging;
    this.#offersSetUp = offersSetUp;
  }

  /** @throws CopyRefusal, and errors of the disk; nothing stays then */
  static async begin(records: CopyRecords, { offersSetUp, copy, ...place }: NewCopyPlace): Promise<NewCopy> {
    const staging = join(dirname(place.folder), `.waiide-copy-${place.id}`);
    const record = {
      ...{ ...place, staging, owner: copy.owner, made_at: new Date().toISOString(), set_up: [], wanted: false },
      extensions: copy.extensions.map(({ id: extension }) => extension),
    };
    // Before the folder exists, so that somebody will remove what a killed program leaves.
    await records.write(record);
    try {
      return new NewCopy(records, record, await Staging.make(staging), offersSetUp);
    } catch (error) {
      await records.remove(place.id);
      throw error;
    }
  }

  /** Bytes of the archive. */
  get received(): number {
    return this.#staging.received;
  }

  receive(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    return this.#staging.receive(chunks, signal);
  }

  /**
   * Unpacks it and gives it its name.
   * @param top the folder in the archive in which everything lies
   * @throws CopyRefusal, GatewayError, and errors of the disk; whoever asked abandons it then
   */
  async finish(top: string, signal: AbortSignal): Promise<FinishedCopy> {
    const { plan, setAside } = await this.#staging.unpack(top, signal);
    const runs = await this.#staging.runs();
    const set_up = this.#offersSetUp ? runnable(runs) : [];
    // Known as a stranger's folder before it is there.
    await this.#records.write({ ...this.#record, set_up });
    signal.throwIfAborted();
    await this.#staging.settle(this.#record.folder);
    return { runs, set_up, left_out: [...plan.leftOut], set_aside: [...setAside] };
  }

  /** After it was finished. */
  async close(): Promise<void> {
    await this.#staging.remove();
  }

  /** Removes everything of it. */
  async abandon(): Promise<void> {
    await this.#staging.remove();
    await this.#records.remove(this.#record.id);
  }
}
