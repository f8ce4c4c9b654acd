import {
  type Actor,
  type commentMethods,
  computeAccess,
  type Params,
  type Result,
  type ServerMessage,
  type Thread,
} from "@waiide/protocol";
import type { Logger } from "../../base/log.ts";
import { FileError, notFound } from "../../workspace/file-error.ts";
import type { GuestFile } from "../../workspace/guest-file.ts";
import type { SessionFiles } from "../apps/session-files.ts";
import { whoIs } from "../audit/audit-log.ts";
import { guestOf } from "../records/one-guest.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoredSession } from "../store/stored.ts";
import type { MessageRate } from "../talk/message-rate.ts";
import { Repeated } from "../talk/repeated.ts";
import type { Commenter, Comments } from "./comments.ts";
import { threadView } from "./thread-view.ts";
import type { OpenThread } from "./threads.ts";

/** The requests of a session about comments on lines. */
export type CommentMethod = keyof typeof commentMethods;

export interface SessionCommentsParts {
  readonly session: StoredSession;
  readonly actor: () => Actor;
  readonly files: SessionFiles;
  readonly comments: Comments;
  readonly rate: MessageRate;
  readonly events: ShareEvents;
  readonly send: (message: ServerMessage) => void;
  readonly logger: Logger;
}

export type CommentAnswers = { readonly [M in CommentMethod]: (params: Params<M>) => Promise<Result<M>> };

/** One guest's page in the comments of its share: asks the guest's rights for each request, and for what it is sent. */
export class SessionComments {
  readonly #parts: SessionCommentsParts;
  readonly #repeated = new Repeated<Thread>();
  /** Threads that the page was sent. */
  readonly #sent = new Set<number>();
  readonly #onCommented = (share: string, id: number, isWritten: boolean) => {
    if (share === this.#parts.session.share) void this.#tell(id, isWritten);
  };

  constructor(parts: SessionCommentsParts) {
    this.#parts = parts;
    parts.events.on("commented", this.#onCommented);
  }

  close(): void {
    this.#parts.events.off("commented", this.#onCommented);
  }

  /** Each throws FileError and GatewayError. */
  get answers(): CommentAnswers {
    const { comments } = this.#parts;
    return {
      comments: (params) => this.#list(params),
      comment: (params) => this.#once(params.key, () => this.#start(params)),
      reply: (params) => this.#once(params.key, () => this.#reply(params)),
      resolve: ({ thread, resolved }) =>
        this.#in(thread, async (found, file) =>
          this.#view(await comments.resolve(found, resolved, this.#by(file)), file),
        ),
      "delete-comment": ({ thread, comment }) =>
        this.#in(thread, async (found, file) => {
          await comments.delete(found, comment, this.#by(file));
          return {};
        }),
    };
  }

  #once(key: string, work: () => Promise<Thread>): Promise<Thread> {
    return this.#repeated.once(this.#parts.session.id, key, work);
  }

  async #list({ path }: Params<"comments">): Promise<Result<"comments">> {
    const { files, comments, session } = this.#parts;
    this.#requireTalk();
    await comments.files.locate(session.share);
    if (path !== undefined) return { threads: await this.#threadsIn(await files.liveFile(path)) };
    const byPlace = Map.groupBy(comments.of(session.share), ({ place, isGone }) => `${isGone} ${place}`);
    const all: Thread[] = [];
    for (const [first] of byPlace.values()) all.push(...(await this.#seenWith(first as OpenThread)));
    return { threads: all.sort((one, other) => one.id - other.id) };
  }

  /** All threads in the file of one; none where the guest does not see it. */
  async #seenWith(thread: OpenThread): Promise<Thread[]> {
    try {
      return await this.#threadsIn(await this.#fileOf(thread));
    } catch (error) {
      if (error instanceof FileError) return [];
      throw error;
    }
  }

  async #threadsIn(file: GuestFile): Promise<Thread[]> {
    const { comments, session } = this.#parts;
    const viewer = await this.#viewer(file);
    this.#require(file);
    const threads = comments.in(session.share, file).map((thread) => threadView(thread, comments.places, viewer));
    for (const { id } of threads) this.#sent.add(id);
    return threads;
  }

  /** @throws FileError NOT_FOUND where the guest does not see the file, or would not see it if it was still there */
  async #fileOf(thread: OpenThread): Promise<GuestFile> {
    const { comments, session } = this.#parts;
    try {
      return await this.#fileAt(thread);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // It may have been renamed, or deleted.
      await comments.files.locate(session.share);
      return this.#fileAt(thread);
    }
  }

  async #fileAt({ isGone, path, place }: OpenThread): Promise<GuestFile> {
    const { files } = this.#parts;
    return isGone ? files.goneFile(path, place) : files.liveFile(path);
  }

  async #start({ path, line, end_line, text }: Params<"comment">): Promise<Thread> {
    const { files, comments, rate, session } = this.#parts;
    this.#requireTalk();
    await rate.spend(session);
    const file = await files.liveFile(path);
    return this.#view(await comments.start(session.share, file, { line, end_line }, text, this.#by(file)), file);
  }

  async #reply({ thread, text }: Params<"reply">): Promise<Thread> {
    this.#requireTalk();
    await this.#parts.rate.spend(this.#parts.session);
    return this.#in(thread, async (found, file) =>
      this.#view(await this.#parts.comments.reply(found, text, this.#by(file)), file),
    );
  }

  /** @throws FileError NOT_FOUND for a thread that is not there, or in a file that the guest does not see */
  async #in<Value>(id: number, work: (thread: OpenThread, file: GuestFile) => Promise<Value>): Promise<Value> {
    const { comments, session } = this.#parts;
    this.#requireTalk();
    const known = comments.find(session.share, id);
    if (known === undefined) throw notFound();
    const file = await this.#fileOf(known);
    const thread = comments.find(session.share, id);
    if (thread === undefined || thread.place !== file.file.place) throw notFound();
    return work(thread, file);
  }

  async #view(thread: OpenThread, file: GuestFile): Promise<Thread> {
    const viewer = await this.#viewer(file);
    this.#sent.add(thread.id);
    return threadView(thread, this.#parts.comments.places, viewer);
  }

  async #viewer(file: GuestFile) {
    const { comments, session } = this.#parts;
    const window = await comments.window(session.share, file);
    return { author: guestOf(session), path: file.named, window };
  }

  #by(file: GuestFile): Commenter {
    const { id, name, hubUser, color } = this.#parts.session;
    const author = { session: id, author: guestOf(this.#parts.session), name, hubUser, color };
    return { author, who: whoIs(this.#parts.session), isOwner: false, require: () => this.#require(file) };
  }

  /** Whether the guest may take part in the conversation, now. */
  #requireTalk(): void {
    const { actor, comments, session } = this.#parts;
    if (!computeAccess({ actor: actor(), operation: "talk" }).allowed) throw denied();
    comments.requireOn(session.share);
  }

  /** What the guest may do with a file's comments, now. */
  #require(file: GuestFile): void {
    this.#requireTalk();
    const refusal = file.refusal("comment");
    if (refusal !== undefined) throw refusal === "ended" ? denied() : notFound();
  }

  /** Sends the newest state of a thread; nothing of one in a file that the guest does not see. */
  async #tell(id: number, written: boolean): Promise<void> {
    const { comments, session, send, logger } = this.#parts;
    if (comments.find(session.share, id) === undefined) {
      if (this.#sent.delete(id)) send({ type: "thread-gone", thread: id });
      return;
    }
    try {
      const thread = await this.#in(id, async (found, file) => {
        const viewer = await this.#viewer(file);
        this.#require(file);
        return threadView(found, comments.places, viewer);
      });
      // Its last comment may be gone by now.
      if (thread.comments.length === 0) return;
      this.#sent.add(id);
      send({ type: "thread", thread, written });
    } catch (error) {
      if (!(error instanceof FileError)) logger.warn({ err: error }, "a comment could not be sent to a guest");
      // Its file has a name now that the guest does not see.
      else if (isNotFound(error) && this.#sent.delete(id)) send({ type: "thread-gone", thread: id });
    }
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof FileError && error.code === "NOT_FOUND";
}

function denied(): FileError {
  return new FileError("DENIED", "not permitted");
}
