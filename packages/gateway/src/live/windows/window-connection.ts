import { realpath } from "node:fs/promises";
import { join } from "node:path";
import {
  isBelow,
  type LiveServerMessage,
  ownerSession,
  type WindowMessage,
  WindowMessageSchema,
  type WindowServerMessage,
} from "@waiide/protocol";
import { toText } from "@waiide/protocol/live";
import { Compile } from "typebox/compile";
import type { Logger } from "../../base/log.ts";
import { Newest } from "../../base/newest.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { FileError } from "../../workspace/file-error.ts";
import type { WorkspaceFile } from "../../workspace/workspace-file.ts";
import { isLiveMessage, LiveConnection, type Visit } from "../live-connection.ts";
import { hashOf } from "../live-document.ts";
import type { LiveDocuments } from "../live-documents.ts";
import { NotLive } from "../opening.ts";
import type { LiveFile } from "../whole-saves.ts";
import type { Companionship, Company, PlacedPerson } from "./company.ts";
import type { Holder, Lease, Leases } from "./leases.ts";
import { nearestText } from "./nearest-text.ts";
import type { OpenFiles, OpeningWindow } from "./open-files.ts";

export interface WindowConnectionOptions {
  readonly documents: LiveDocuments;
  readonly leases: Leases;
  /** Of the owner; otherwise of a guest with Terminal Access. */
  readonly isOwner: boolean;
  /** The guest's session; undefined: the owner. */
  readonly session: string | undefined;
  /** The guest's share; undefined: the owner's window, which sees everybody's names. */
  readonly share: string | undefined;
  /**
   * What the person may do with a live file.
   * @throws FileError
   */
  readonly visit: (file: LiveFile) => Promise<Visit>;
  /** A file under the guest's rights, live or not; undefined: the owner. @throws FileError */
  readonly find: ((place: string) => Promise<WorkspaceFile>) | undefined;
  readonly openFiles: OpenFiles;
  /** Who else is there. */
  readonly company: Company;
  readonly send: (message: LiveServerMessage | WindowServerMessage) => void;
  /** Bytes that were sent and not read. */
  readonly unread: () => number;
  /** The person has typed. */
  readonly onInput: () => void;
  readonly logger: Logger;
}

const check = Compile(WindowMessageSchema);

type Presence = Extract<WindowMessage, { type: "window-presence" }>;

/** A window with this much unread gets no more of what can be left out. Bytes. */
const behind = 256 * 1024;

/** A folder of the window: by the path that it uses, and after links. */
interface Folder {
  readonly shown: string;
  readonly place: string;
}

/** A live file that the window has open. */
interface Held {
  readonly file: LiveFile;
  readonly lease: Lease;
  readonly holder: Holder;
}

type Saving = Extract<WindowMessage, { type: "window-saving" }>;

/** One window of an IDE: told which files are live, takes part in those that it has open, and saves them. */
export class WindowConnection {
  readonly #options: WindowConnectionOptions;
  readonly #live: LiveConnection;
  readonly #held = new Map<number, Held>();
  readonly #opening: OpeningWindow;
  readonly #tabs = new Newest<readonly string[]>((paths, isNewest) => this.#opened(paths, isNewest));
  readonly #presence = new Newest<Presence>((presence, isNewest) => this.#moved(presence, isNewest));
  /** Greetings take a moment, and what the window says next needs what they bring. */
  readonly #greetings = new SerialQueue();
  #companionship: Companionship | undefined;
  #people: readonly PlacedPerson[] = [];
  #folders: readonly Folder[] = [];
  #isClosed = false;
  readonly #onLive = (place: string) => void this.#tell(place);

  constructor(options: WindowConnectionOptions) {
    this.#options = options;
    this.#opening = {
      person: options.session ?? ownerSession,
      makeLive: options.find && ((place) => this.#makeLive(place)),
    };
    const { documents, share, send, unread, onInput, logger } = options;
    this.#live = new LiveConnection({
      documents,
      share,
      // The owner's windows join what guests write in.
      keepsLive: !options.isOwner,
      visit: async (path) => options.visit(await this.#fileAt(path)),
      send,
      unread,
      onInput,
      logger,
    });
  }

  /** Takes a message that was parsed. @returns false if it is none of a window */
  take(message: unknown): boolean {
    if (isLiveMessage(message) && message.type !== "live-open") {
      void this.#live.take(message);
      return true;
    }
    if (!check.Check(message)) return false;
    this.#take(message).catch((error: unknown) => {
      this.#options.logger.warn({ err: error }, "a message of an IDE's window failed");
    });
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#options.documents.off("live", this.#onLive).off("people", this.#onLive);
    this.#presence.close();
    this.#tabs.close();
    this.#options.openFiles.leave(this.#opening);
    this.#companionship?.leave();
    this.#live.close();
  }

  async #take(message: WindowMessage): Promise<void> {
    if (message.type !== "window-hello" && this.#greetings.size > 0) await this.#greetings.settled();
    switch (message.type) {
      case "window-hello":
        await this.#greetings.run(() => this.#hello(message.folders));
        return this.#tellLive();
      case "window-bind":
        return this.#bind(message);
      case "window-base":
        return this.#base(message);
      case "window-presence":
        this.#presence.take(message);
        return;
      case "window-open":
        this.#tabs.take(message.paths);
        return;
      case "window-invite":
        this.#companionship?.invite(message.share);
        return;
      case "window-watch":
        this.#companionship?.watch(message.terminal, message.on);
        return;
      default:
        return this.#onHeld(message);
    }
  }

  async #onHeld(message: Extract<WindowMessage, { doc: number }>): Promise<void> {
    const held = this.#held.get(message.doc);
    if (held === undefined) return;
    switch (message.type) {
      case "window-saving":
        return this.#beforeSave(message.doc, held, message);
      case "window-text":
        await held.file.disk.write(toText(message.text), message).catch((error: unknown) => {
          // VS Code's own save then says what is wrong, to the person who saves.
          this.#options.logger.debug({ err: error }, "a text could not be written for a window of an IDE");
        });
        return this.#maySave(message.doc, held, false);
      case "window-wrote":
        await held.file.disk.wrote(message.hashes);
        return held.lease.saved(held.holder);
      case "window-restore":
        return held.file.disk.trySave();
      default:
        return held.lease.take(held.holder);
    }
  }

  async #hello(folders: readonly string[]): Promise<void> {
    const { documents } = this.#options;
    const found = folders.map(async (shown) => ({ shown, place: await unlessMissing(realpath(shown)) }));
    this.#folders = (await Promise.all(found)).flatMap(({ shown, place }) =>
      place === undefined ? [] : { shown, place },
    );
    if (this.#isClosed) return;
    documents.off("live", this.#onLive).off("people", this.#onLive);
    documents.on("live", this.#onLive).on("people", this.#onLive);
    this.#companionship ??= this.#joinCompany();
    this.#tellPeople();
  }

  async #tellLive(): Promise<void> {
    for (const place of this.#options.documents.places) await this.#tell(place);
  }

  #joinCompany(): Companionship {
    const { company, send, unread } = this.#options;
    return company.join({
      people: (people) => {
        this.#people = people;
        this.#tellPeople();
      },
      invited: send,
      told: send,
      get isBehind() {
        return unread() > behind;
      },
    });
  }

  /** A file in none of the window's folders has no name for it. */
  #tellPeople(): void {
    const people = this.#people.map(({ place, ...person }) => {
      const path = place === null ? null : (this.#pathOf(place) ?? null);
      return { ...person, path, ...(place !== null && path === null && { is_elsewhere: true as const }) };
    });
    this.#options.send({ type: "window-people", you: this.#options.session ?? ownerSession, people });
  }

  async #opened(paths: readonly string[], isNewest: () => boolean): Promise<void> {
    const places = await Promise.all(paths.map((path) => unlessMissing(realpath(path))));
    if (isNewest()) this.#options.openFiles.show(this.#opening, new Set(places.filter((place) => place !== undefined)));
  }

  /** What cannot be live is saved by each window for itself. */
  async #makeLive(place: string): Promise<void> {
    const { documents, find, logger } = this.#options;
    try {
      const file = await find?.(place);
      if (file !== undefined) await documents.open(file);
    } catch (error) {
      if (!(error instanceof FileError || error instanceof NotLive)) throw error;
      logger.debug({ reason: error.message }, "a file that several windows have open is not live");
    }
  }

  async #moved({ path, view, follows }: Presence, isNewest: () => boolean): Promise<void> {
    const place = path === null ? null : ((await unlessMissing(realpath(path))) ?? null);
    if (!isNewest()) return;
    this.#companionship?.moved({
      place,
      ...(view !== undefined && { view }),
      ...(follows !== undefined && { follows }),
    });
  }

  /** What the window hears of a file: nothing of one that the person may not see. */
  async #tell(place: string): Promise<void> {
    const { documents, send, visit } = this.#options;
    const path = this.#pathOf(place);
    const file = documents.get(place);
    if (path === undefined || this.#isClosed) return;
    if (file === undefined) return send({ type: "window-live", path, on: false, people: [] });
    const isSeen = await visit(file).then(
      ({ refusal }) => refusal("read") === undefined,
      () => false,
    );
    if (isSeen && !this.#isClosed) send({ type: "window-live", path, on: true, people: this.#peopleIn(file) });
  }

  #peopleIn({ document }: LiveFile): { person: string; name: string }[] {
    const { share, session } = this.#options;
    const guests = document.guests.filter(
      (author) => author.person !== session && (share === undefined || author.share === share),
    );
    return [...new Map(guests.map(({ person, name }) => [person, { person, name }])).values()];
  }

  /** A file as the window names it; undefined: it lies in none of its folders. */
  #pathOf(place: string): string | undefined {
    const folder = this.#folders.find((one) => isBelow(place, one.place));
    return folder && join(folder.shown, place.slice(folder.place.length));
  }

  async #base({ path, text }: Extract<WindowMessage, { type: "window-base" }>): Promise<void> {
    const { visit, send } = this.#options;
    const { document, refusal } = await this.#fileAt(path).then(async (file) => ({ ...file, ...(await visit(file)) }));
    if (refusal("read") !== undefined || document.isClosed) return;
    send({ type: "window-base", path, text: nearestText(document, toText(text)).toString() });
  }

  async #bind({ type: _, hash, ...opening }: Extract<WindowMessage, { type: "window-bind" }>): Promise<void> {
    const { documents, leases, isOwner, send } = this.#options;
    const place = await unlessMissing(realpath(opening.path));
    const file = place === undefined ? undefined : documents.get(place);
    // What the window read is taken in first.
    await file?.disk.wasRead(hash);
    let leave = () => {};
    const participant = await this.#live.open(opening, () => leave());
    if (participant === undefined || file === undefined) return;
    const doc = participant.options.number;
    const lease = leases.of(file);
    const holder: Holder = {
      isOwner,
      save: () => send({ type: "window-save", doc }),
      onLease: (on) => send({ type: "window-lease", doc, on }),
    };
    this.#held.set(doc, { file, lease, holder });
    leave = () => {
      this.#held.delete(doc);
      lease.leave(holder);
    };
    lease.take(holder);
  }

  /** @throws NotLive */
  async #fileAt(path: string): Promise<LiveFile> {
    const place = await unlessMissing(realpath(path));
    const file = place === undefined ? undefined : this.#options.documents.get(place);
    if (file === undefined) throw new NotLive("missing");
    return file;
  }

  /** What programs wrote meanwhile is taken in first; then the window finds in the file what it knows, or says what it writes. */
  async #beforeSave(doc: number, held: Held, { hash, eol }: Saving): Promise<void> {
    const { file, lease, holder } = held;
    await lease.turn(holder);
    await file.disk.look();
    const { disk, format } = file.document;
    this.#maySave(doc, held, hashOf(disk.text) !== hash || format.eol !== (eol ?? format.eol));
  }

  #maySave(doc: number, { file }: Held, needs_text: boolean): void {
    if (!needs_text) file.disk.windows.write();
    this.#options.send({ type: "window-may-save", doc, needs_text });
  }
}
