import { type AuditEvent, maxThreadLength } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { LiveDocuments } from "../../live/live-documents.ts";
import type { GuestFile } from "../../workspace/guest-file.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareWriter } from "../records/writer.ts";
import type { ShareEvents } from "../share-events.ts";
import type { AuditDetails, StoreChange, StoredComment } from "../store/stored.ts";
import { anchorAt } from "./anchor.ts";
import { type CommentWindow, windowOf } from "./comment-window.ts";
import { ThreadFiles, type ThreadFilesOptions } from "./thread-files.ts";
import { type FileText, ThreadPlaces } from "./thread-places.ts";
import { type OpenThread, storedThread as stored, ThreadTable } from "./threads.ts";

export interface CommentsOptions extends Pick<ThreadFilesOptions, "open" | "logger"> {
  readonly table: Pick<ShareTable, "findLive" | "require" | "policy">;
  readonly writer: Pick<ShareWriter, "write" | "keep" | "keepLater">;
  readonly audit: Pick<AuditLog, "entry">;
  readonly events: ShareEvents;
  readonly documents: LiveDocuments;
  /** Comments of one share. */
  readonly max: number;
  readonly clock: () => number;
}

/** Who writes in one file, with the rights that they have at any moment. */
export interface Commenter {
  readonly author: Pick<StoredComment, "session" | "author" | "name" | "hubUser" | "color">;
  /** In the audit. */
  readonly who: string;
  /** May delete everybody's. */
  readonly isOwner: boolean;
  /** Asked in the tick in which something is done. @throws FileError, GatewayError */
  readonly require: () => void;
}

/** Lines of a file, as the person who names them counts them; from 1. */
export interface Lines {
  readonly line: number;
  readonly end_line?: number | undefined;
}

/** Of a file that is gone: comments stay where they were. */
const wholeFile: CommentWindow = { first: 1, last: Number.MAX_SAFE_INTEGER };

/** Comments on lines of files, in the conversations of shares. Rights are the callers' to ask, by `Commenter`. */
export class Comments {
  readonly #options: CommentsOptions;
  readonly #threads = new ThreadTable();
  readonly places: ThreadPlaces;
  readonly files: ThreadFiles;
  /** By share: comments that are being written. */
  readonly #pending = new Map<string, number>();
  /** Ids are times, and grow. */
  #lastId = 0;

  constructor(options: CommentsOptions) {
    this.#options = options;
    const { events, writer, documents, table } = options;
    const parts = {
      threads: this.#threads,
      documents,
      keep: (threads: readonly OpenThread[]) =>
        writer.keepLater(threads.map((thread) => ({ type: "thread-changed", thread: stored(thread) }))),
    };
    this.places = new ThreadPlaces(parts);
    this.files = new ThreadFiles({
      ...options,
      ...parts,
      places: this.places,
      rootOf: (share) => table.findLive(share)?.root,
      changed: (thread) => void (thread.isWritten && this.#tell(thread)),
    });
    events.on("loaded", ({ threads, comments }) => this.#threads.load(threads, comments));
    events.on("ended", ({ id }) => {
      this.#threads.forget(id);
      this.#pending.delete(id);
    });
  }

  /** @throws GatewayError SHARE_UNKNOWN, TALK_OFF */
  requireOn(share: string): void {
    const { table } = this.#options;
    table.require(share);
    if (!table.policy.talk) throw new GatewayError("TALK_OFF");
  }

  /** Ends what is under way. */
  close(): Promise<void> {
    return this.files.close();
  }

  /** The oldest first. */
  of(share: string): OpenThread[] {
    return this.#threads.of(share);
  }

  /** Of one file, whatever its name. */
  in(share: string, file: GuestFile): OpenThread[] {
    return this.of(share).filter(({ place }) => place === file.file.place);
  }

  find(share: string, id: number): OpenThread | undefined {
    return this.#threads.find(share, id);
  }

  /** @throws GatewayError COMMENT_UNKNOWN */
  require(share: string, id: number): OpenThread {
    const thread = this.find(share, id);
    if (thread === undefined) throw new GatewayError("COMMENT_UNKNOWN");
    return thread;
  }

  /** The lines of a file that a share shows, once its threads were looked for. undefined: that is not certain. */
  async window(share: string, file: GuestFile): Promise<CommentWindow | undefined> {
    const text = await this.places.look(file.file);
    if (text !== undefined) return windowOf(share, file, text, this.#options.documents);
    const isGone = (await file.file.look()) === undefined;
    return isGone && file.selection === undefined ? wholeFile : undefined;
  }

  /** @throws GatewayError COMMENT_PLACE, COMMENTS_FULL, TALK_OFF, SHARE_UNKNOWN, SHARING_UNAVAILABLE; what `by` throws */
  async start(share: string, file: GuestFile, lines: Lines, text: string, by: Commenter): Promise<OpenThread> {
    const content = await this.places.look(file.file);
    const seen = await file.file.look();
    by.require();
    const thread = this.#place(share, file, content, lines, by.isOwner);
    thread.identity = seen?.identity;
    const comment = this.#comment(thread, text, by);
    this.#threads.put(thread);
    this.places.add(thread);
    const written = this.#write(share, "comment", by, [
      { type: "thread", thread: stored(thread) },
      { type: "comment", comment },
    ]);
    await written.catch((error: unknown) => {
      this.#drop(thread);
      throw error;
    });
    thread.isWritten = true;
    thread.comments = [comment];
    return this.#tell(thread, true);
  }

  /** @throws GatewayError COMMENTS_FULL and as `start` */
  async reply(thread: OpenThread, text: string, by: Commenter): Promise<OpenThread> {
    by.require();
    const comment = this.#comment(thread, text, by);
    await this.#write(thread.share, "comment", by, [{ type: "comment", comment }]);
    thread.comments = [...thread.comments, comment].sort((one, other) => one.id - other.id);
    return this.#tell(thread, true);
  }

  async resolve(thread: OpenThread, isResolved: boolean, by: Commenter): Promise<OpenThread> {
    by.require();
    if (isResolved === (thread.resolvedAt !== null)) return thread;
    thread.resolvedAt = isResolved ? this.#options.clock() : null;
    await this.#write(thread.share, "resolve-comments", by, [{ type: "thread-changed", thread: stored(thread) }], {
      resolved: isResolved,
    });
    return this.#tell(thread);
  }

  /** @throws GatewayError COMMENT_UNKNOWN, also for another guest's comment */
  async delete(thread: OpenThread, id: number, by: Commenter): Promise<void> {
    by.require();
    const { share } = thread;
    const comment = thread.comments.find((one) => one.id === id);
    const isOwn = comment?.author === by.author.author;
    if (comment === undefined || !(isOwn || by.isOwner)) throw new GatewayError("COMMENT_UNKNOWN");
    // It applies at once: nobody is sent it any more, whatever the disk does.
    thread.comments = thread.comments.filter((one) => one !== comment);
    const isLast = thread.comments.length === 0;
    if (isLast) this.#drop(thread);
    this.#tell(thread);
    const { writer, audit } = this.#options;
    const gone = isLast
      ? ({ type: "thread-gone", share, id: thread.id } as const)
      : ({ type: "comment-gone", share, id } as const);
    await writer.keep([gone, audit.entry("delete-comment", share, by.who)]);
  }

  #place(
    share: string,
    file: GuestFile,
    text: FileText | undefined,
    { line, end_line = line }: Lines,
    countsAll: boolean,
  ): OpenThread {
    const { documents, clock, table } = this.#options;
    if (table.require(share).shownCommit !== null) {
      throw new GatewayError("COMMENT_PLACE", { reason: "the share shows a commit" });
    }
    if (text === undefined) throw new GatewayError("COMMENT_PLACE", { reason: "the file is no text" });
    const window = windowOf(share, file, text, documents);
    if (window === undefined)
      throw new GatewayError("COMMENT_PLACE", { reason: "where they are is no longer certain" });
    const above = countsAll ? 0 : window.first - 1;
    const [first, last] = [above + line, above + end_line];
    const isInside = first >= window.first && last <= window.last;
    const anchor = isInside ? anchorAt(text.lines, first, last) : undefined;
    if (anchor === undefined) {
      const shown = `the share shows lines ${window.first - above} to ${window.last - above}`;
      throw new GatewayError("COMMENT_PLACE", { reason: shown });
    }
    this.#lastId = Math.max(this.#lastId + 1, clock());
    const { place } = file.file;
    const fresh = { resolvedAt: null, comments: [], isWritten: false, identity: undefined, isGone: false };
    return { id: this.#lastId, share, path: file.named, place, anchor, ...fresh };
  }

  /** A comment that is about to be written. @throws GatewayError COMMENTS_FULL */
  #comment(thread: OpenThread, text: string, by: Commenter): StoredComment {
    const { clock, max } = this.#options;
    const { share, id, comments } = thread;
    const pending = this.#pending.get(share) ?? 0;
    if (this.#threads.count(share) + pending >= max) throw new GatewayError("COMMENTS_FULL", { most: max });
    if (comments.length >= maxThreadLength) throw new GatewayError("COMMENTS_FULL", { most: maxThreadLength });
    this.#lastId = Math.max(this.#lastId + 1, clock());
    return { id: this.#lastId, share, thread: id, at: clock(), ...by.author, text: text.trim() };
  }

  async #write(share: string, event: AuditEvent, by: Commenter, changes: StoreChange[], details: AuditDetails = {}) {
    const { writer, audit } = this.#options;
    this.#pending.set(share, (this.#pending.get(share) ?? 0) + 1);
    try {
      await writer.write([...changes, audit.entry(event, share, by.who, details)]);
    } finally {
      this.#pending.set(share, (this.#pending.get(share) ?? 1) - 1);
    }
  }

  #drop(thread: OpenThread): void {
    this.#threads.delete(thread);
    this.places.delete(thread);
  }

  #tell(thread: OpenThread, isWritten = false): OpenThread {
    const { table, events } = this.#options;
    // The share may have ended while the disk was writing.
    if (table.findLive(thread.share) !== undefined) events.emit("commented", thread.share, thread.id, isWritten);
    return thread;
  }
}
