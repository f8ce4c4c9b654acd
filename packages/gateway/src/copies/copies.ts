import { randomBytes } from "node:crypto";
import { realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BeginCopy, Copies as CopyList, CopyProgress } from "@waiide/protocol";
import { BoundedTable } from "../base/bounded-table.ts";
import { GatewayError, reasonOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { unlessMissing } from "../system/missing-file.ts";
import { differencesOf, type Environment } from "./differences.ts";
import { NewCopy } from "./new-copy.ts";
import { checkDescription, openArchive, readDescription, withTicket } from "./owner-server.ts";
import { folderForCopies, freeFolder } from "./place.ts";
import type { CopyRecords } from "./records.ts";
import { CopyRefusal } from "./refusal.ts";
import { type CopyHub, type CopySource, readSource, returnAddress } from "./source.ts";
import { Staging } from "./staging.ts";

export interface CopiesOptions {
  /** Undefined without one: then others' shares are copied by `waiide get`. */
  readonly hub: CopyHub | undefined;
  readonly records: CopyRecords;
  readonly workspace: string;
  /** What is installed here. */
  readonly environment: () => Promise<Environment>;
  /** Whether “Set up” is offered. */
  readonly offersSetUp: boolean;
  readonly logger: Logger;
}

/** The way to the owner's server and back; it may lead through a login and the owner's approval. Milliseconds. */
const inquiryLife = 3_600_000;
const maxInquiries = 100;
/** Copies that were shown. */
const maxShown = 20;

interface Inquiry {
  readonly source: CopySource;
  readonly to: string;
  readonly ends: number;
}

interface Work {
  progress: CopyProgress;
  readonly source: CopySource;
  readonly ticket: string;
  /** Of the owner's server; undefined where the browser carries the archive. */
  readonly url: URL | undefined;
  readonly stop: AbortController;
  made?: NewCopy;
  running?: Promise<void>;
}

/** RULES R29: copies of what others shared, from the question to the folder. */
export class Copies {
  readonly #options: CopiesOptions;
  readonly #inquiries = new BoundedTable<string, Inquiry>(maxInquiries);
  readonly #works = new BoundedTable<string, Work>(maxShown);

  constructor(options: CopiesOptions) {
    this.#options = options;
  }

  /**
   * Sends the browser to the owner's server, which asks the person.
   * @param from path of the share
   * @returns where; it changes nothing here
   * @throws GatewayError COPY_SOURCE_WRONG
   */
  begin(from: string): string {
    const { hub } = this.#options;
    if (hub === undefined) throw new GatewayError("COPY_SOURCE_WRONG", { reason: "this server belongs to no hub" });
    const source = readSource(from, hub);
    if (typeof source === "string") throw new GatewayError("COPY_SOURCE_WRONG", { reason: source });
    const state = randomBytes(24).toString("base64url");
    const to = returnAddress(hub, state);
    this.#inquiries.set(state, { source, to, ends: Date.now() + inquiryLife });
    return `${source.origin ?? ""}${source.path}copy?to=${encodeURIComponent(to)}`;
  }

  /** Whether the browser began here. @throws GatewayError COPY_UNKNOWN */
  sourceOf(state: string): { readonly source: string; readonly to: string } {
    const { source, to } = this.#inquiry(state);
    return { source: addressOf(source), to };
  }

  /**
   * What a copy would consist of. Nothing is written.
   * @param origin at which the recipient's browser sees this server
   * @throws GatewayError COPY_UNKNOWN, COPY_UNREACHABLE, COPY_NOT_GIVEN
   */
  async show({ state, ticket, copy: carried }: BeginCopy, origin: string | undefined): Promise<CopyProgress> {
    const { source, to } = this.#inquiry(state);
    const url = carried === undefined ? this.#urlOf(source, origin) : undefined;
    const copy = url === undefined ? checkDescription(carried) : await readDescription(withTicket(url, ticket, to));
    const { workspace, environment } = this.#options;
    const folder = await freeFolder(await folderForCopies(workspace), copy.name);
    const differences = differencesOf(copy, await environment());
    // It works once: another page that knows it has to ask again.
    if (!this.#inquiries.delete(state)) throw new GatewayError("COPY_UNKNOWN");
    const id = randomBytes(9).toString("hex");
    const progress: CopyProgress = {
      ...{ id, state: "shown", source: addressOf(source), to, copy, folder, differences },
      ...{ carried: url === undefined, received: 0, left_out: [], set_aside: [], runs: copy.runs, set_up: [] },
    };
    this.#works.set(id, { progress, source, ticket, url, stop: new AbortController() });
    return progress;
  }

  /** @throws GatewayError COPY_UNKNOWN */
  progressOf(id: string): CopyProgress {
    const { progress, made } = this.#work(id);
    return { ...progress, received: made?.received ?? progress.received };
  }

  /**
   * Begins to make the copy. The browser asks how far it is.
   * @param name of the folder, in place of the one that was shown
   * @throws GatewayError COPY_UNKNOWN, COPY_BUSY, COPY_PLACE
   */
  async accept(id: string, name: string | undefined): Promise<CopyProgress> {
    const work = this.#work(id);
    if (work.progress.state !== "shown") throw new GatewayError("COPY_BUSY");
    const isRunning = ({ progress: { state } }: Work) => state === "downloading" || state === "unpacking";
    if ([...this.#works.values()].some(isRunning)) throw new GatewayError("COPY_BUSY");
    const shown = work.progress;
    work.progress = { ...shown, state: "downloading" };
    try {
      await this.#prepare(work, name);
    } catch (error) {
      // Nothing was made: the person can choose another name.
      work.progress = shown;
      throw known(error);
    }
    if (work.url !== undefined) work.running = this.#download(work, work.url);
    return this.progressOf(id);
  }

  /**
   * A part of an archive that the browser carries.
   * @param offset where it begins; a part that is sent again is refused
   * @throws GatewayError
   */
  async receive(id: string, part: AsyncIterable<Uint8Array>, offset: number, isLast: boolean): Promise<CopyProgress> {
    const work = this.#work(id);
    const { made } = work;
    if (made === undefined || work.url !== undefined || work.progress.state !== "downloading") {
      throw new GatewayError("COPY_UNKNOWN");
    }
    if (work.running !== undefined || offset !== made.received) throw new GatewayError("COPY_BUSY");
    work.running = made.receive(part, work.stop.signal);
    try {
      await work.running;
    } catch (error) {
      await this.#fail(work, error);
      throw known(error);
    }
    delete work.running;
    if (isLast) work.running = this.#finish(work);
    return this.progressOf(id);
  }

  /** Ends a copy that is not finished, and removes what is there of it. */
  async cancel(id: string): Promise<void> {
    const work = this.#works.get(id);
    if (work === undefined || work.progress.state === "done") return;
    work.stop.abort();
    await work.running;
    await this.#fail(work, new CopyRefusal("you canceled it"));
    this.#works.delete(id);
  }

  async list(): Promise<CopyList> {
    const records = await this.#options.records.all();
    return { copies: records.map(({ staging: _, wanted: __, ...shown }) => shown) };
  }

  /**
   * The recipient wants these commands to run; the IDE that opens the folder shows and runs them.
   * @param commands those that were shown
   * @throws GatewayError SET_UP_OFF, COPY_UNKNOWN, COPY_CHANGED
   */
  async wantSetUp(id: string, commands: readonly string[]): Promise<void> {
    const { records, offersSetUp } = this.#options;
    if (!offersSetUp) throw new GatewayError("SET_UP_OFF");
    const record = await records.find(id);
    if (record === undefined) throw new GatewayError("COPY_UNKNOWN");
    if (JSON.stringify(record.set_up) !== JSON.stringify(commands)) throw new GatewayError("COPY_CHANGED");
    await records.write({ ...record, wanted: true });
  }

  /** What the recipient wants to run in this folder; once. */
  async takeSetUp(folder: string): Promise<readonly string[]> {
    const { records, offersSetUp } = this.#options;
    const record = (await records.all()).find((one) => one.folder === folder && one.wanted);
    if (record === undefined || !offersSetUp) return [];
    await records.write({ ...record, wanted: false });
    return record.set_up;
  }

  /** The recipient has said which of the owner's extensions they want: they are offered no more. @throws GatewayError COPY_UNKNOWN */
  async extensionsAnswered(id: string): Promise<void> {
    const { records } = this.#options;
    const record = await records.find(id);
    if (record === undefined) throw new GatewayError("COPY_UNKNOWN");
    await records.write({ ...record, extensions: [] });
  }

  /** Removes what killed programs left of copies, and forgets copies that are gone. */
  async recover(): Promise<void> {
    const { records, logger } = this.#options;
    for (const { id, staging, folder } of await records.all()) {
      try {
        const isSwept = await Staging.sweep(staging);
        if (isSwept && (await unlessMissing(realpath(folder))) === undefined) await records.remove(id);
      } catch (error) {
        logger.warn({ staging, reason: reasonOf(error) }, "what is left of a copy cannot be removed");
      }
    }
  }

  async close(): Promise<void> {
    for (const id of [...this.#works.keys()]) await this.cancel(id);
  }

  async #prepare(work: Work, name: string | undefined): Promise<void> {
    const { progress } = work;
    const noName = () => new GatewayError("COPY_PLACE", { reason: `“${name}” is no name of a folder` });
    if (name !== undefined && !/^[^\p{Cc}/\\]{1,100}$/u.test(name)) throw noName();
    if (name === "." || name === "..") throw noName();
    const parent = dirname(progress.folder);
    const folder = name === undefined ? progress.folder : join(parent, name);
    const found = await freeFolder(parent, name ?? progress.copy.name);
    if (name !== undefined && found !== folder) throw new GatewayError("COPY_PLACE", { reason: `${folder} exists` });
    const target = name === undefined ? found : folder;
    const { id, source, copy } = progress;
    work.progress = { ...progress, folder: target };
    const { records, offersSetUp } = this.#options;
    work.made = await NewCopy.begin(records, { id, folder: target, source, copy, offersSetUp });
  }

  async #download(work: Work, url: URL): Promise<void> {
    const { ticket, stop, progress } = work;
    try {
      const archive = await openArchive(withTicket(url, ticket, progress.to), stop.signal);
      await work.made?.receive(archive, stop.signal);
    } catch (error) {
      return this.#fail(work, error);
    }
    return this.#finish(work);
  }

  /** Never throws: the browser asks what came of it. */
  async #finish(work: Work): Promise<void> {
    const { made, stop } = work;
    if (made === undefined) return;
    try {
      work.progress = { ...work.progress, state: "unpacking", received: made.received };
      const finished = await made.finish(work.progress.copy.name, stop.signal);
      work.progress = { ...work.progress, ...finished };
    } catch (error) {
      return this.#fail(work, error);
    }
    await this.#leave(work, made.close());
    work.progress = { ...work.progress, state: "done" };
  }

  /** What cannot be removed now is removed at the next start. */
  async #leave({ progress: { id } }: Work, removing: Promise<void> | undefined): Promise<void> {
    try {
      await removing;
    } catch (error) {
      this.#options.logger.warn({ copy: id, reason: reasonOf(error) }, "what is left of a copy cannot be removed");
    }
  }

  /** It has failed for the recipient once nothing is left of it. */
  async #fail(work: Work, error: unknown): Promise<void> {
    const { source, state } = work.progress;
    if (state === "failed") return;
    const reason = known(error);
    this.#options.logger.info({ source, reason: reasonOf(error) }, "a copy was not made");
    await this.#leave(work, work.made?.abandon());
    work.progress = { ...work.progress, state: "failed", problem: `${reason.message} ${reason.action}` };
  }

  #inquiry(state: string): Inquiry {
    const inquiry = this.#inquiries.get(state);
    if (inquiry === undefined || Date.now() > inquiry.ends) throw new GatewayError("COPY_UNKNOWN");
    return inquiry;
  }

  #work(id: string): Work {
    const work = this.#works.get(id);
    if (work === undefined) throw new GatewayError("COPY_UNKNOWN");
    return work;
  }

  /** RULES R30: on the hub's own origin; which that is, the hub or the recipient's own browser says. */
  #urlOf({ path, origin: own }: CopySource, seen: string | undefined): URL {
    const publicUrl = this.#options.hub?.publicUrl;
    const origin = own ?? (publicUrl === undefined ? seen : new URL(publicUrl).origin);
    if (origin === undefined || !/^https?:\/\//.test(origin)) {
      throw new GatewayError("COPY_UNREACHABLE", { reason: "this server does not know the hub's address" });
    }
    return new URL(path, origin);
  }
}

function addressOf({ origin, path }: CopySource): string {
  return `${origin ?? ""}${path}`;
}

/** What the recipient reads. */
function known(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const reason = error instanceof CopyRefusal ? error.message : reasonOf(error);
  return new GatewayError("COPY_REFUSED", { reason }, { cause: error });
}
