import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { MovedFiles, StartThread, Thread, ThreadEvent, Threads } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { LiveDocuments } from "../../live/live-documents.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { FileError } from "../../workspace/file-error.ts";
import type { GuestFile } from "../../workspace/guest-file.ts";
import type { Workspaces } from "../guests/workspaces.ts";
import type { Shares } from "../records/shares.ts";
import type { ShareStorage } from "../records/storage.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoredShare } from "../store/stored.ts";
import type { Commenter, Comments } from "./comments.ts";
import { threadView } from "./thread-view.ts";
import type { OpenThread } from "./threads.ts";

export interface OwnerCommentsParts {
  readonly comments: Comments;
  readonly documents: Pick<LiveDocuments, "moved">;
  readonly table: ShareTable;
  readonly storage: Pick<ShareStorage, "requireStore">;
  readonly shares: Pick<Shares, "keepSelection">;
  readonly workspaces: Pick<Workspaces, "open" | "selectionOf">;
  readonly events: ShareEvents;
  /** Name of the owner. */
  readonly owner: string;
  readonly tell: (event: ThreadEvent) => void;
}

/** Of the owner's comments. */
const owner = "owner";
/** The owner sees all of a file. */
const allLines = { first: 1, last: Number.MAX_SAFE_INTEGER };

/** The owner in the comments of their shares: on the files that a share shows, as its guests have them. */
export class OwnerComments {
  readonly #parts: OwnerCommentsParts;

  constructor(parts: OwnerCommentsParts) {
    this.#parts = parts;
    const { comments, events, tell } = parts;
    events.on("commented", (share, id) => {
      const thread = comments.find(share, id);
      tell({ share, id, thread: thread === undefined ? null : this.#view(thread) });
    });
  }

  async list(id: string): Promise<Threads> {
    const { comments } = this.#parts;
    await this.#require(id);
    await comments.files.look(id);
    return { threads: comments.of(id).map((thread) => this.#view(thread)) };
  }

  async start(id: string, { path, text, ...lines }: StartThread): Promise<Thread> {
    const share = await this.#require(id);
    return this.#in(share, path, async (file, by) =>
      this.#view(await this.#parts.comments.start(id, file, lines, text, by)),
    );
  }

  async reply(id: string, thread: number, text: string): Promise<Thread> {
    return this.#view(await this.#parts.comments.reply(await this.#thread(id, thread), text, this.#by(id)));
  }

  async resolve(id: string, thread: number, isResolved: boolean): Promise<Thread> {
    return this.#view(await this.#parts.comments.resolve(await this.#thread(id, thread), isResolved, this.#by(id)));
  }

  /** @param comment anybody's */
  async delete(id: string, thread: number, comment: number): Promise<void> {
    await this.#parts.comments.delete(await this.#thread(id, thread), comment, this.#by(id));
  }

  /** Their IDE has renamed files or folders, or deleted them: comments go along. */
  async moved({ moves }: MovedFiles): Promise<void> {
    for (const { from, to } of moves) {
      // A link is renamed itself, and its file is where it was.
      const isLink = to !== null && (await unlessMissing(lstat(to)))?.isSymbolicLink();
      if (!isLink) this.#parts.documents.moved(await placeOf(from), to === null ? undefined : await placeOf(to));
    }
  }

  async #thread(id: string, thread: number): Promise<OpenThread> {
    await this.#require(id);
    return this.#parts.comments.require(id, thread);
  }

  async #require(id: string): Promise<StoredShare> {
    const { storage, table, comments } = this.#parts;
    await storage.requireStore();
    comments.requireOn(id);
    return table.require(id);
  }

  /** @throws GatewayError COMMENT_PLACE where guests of the share see no such file */
  async #in<Value>(
    share: StoredShare,
    path: string,
    work: (file: GuestFile, by: Commenter) => Promise<Value>,
  ): Promise<Value> {
    const { table, shares, workspaces } = this.#parts;
    const folder = await workspaces.open(share.root);
    const selection = workspaces.selectionOf(share, (moved) => shares.keepSelection(share.id, moved));
    const files = folder.guest({
      share: share.id,
      session: owner,
      actor: () => table.shareActor(share.id),
      ...(selection && { selection }),
      onChanges: () => undefined,
      onWrite: () => undefined,
    });
    try {
      const file = await files.liveFile(path).catch((error: unknown) => {
        if (!(error instanceof FileError)) throw error;
        throw new GatewayError("COMMENT_PLACE", { reason: "guests of this share see no such file" });
      });
      return await work(file, this.#by(share.id));
    } finally {
      files.close();
    }
  }

  #by(share: string): Commenter {
    const { owner: name, comments } = this.#parts;
    const author = { session: null, author: owner, name, hubUser: null, color: "" };
    return { author, who: name, isOwner: true, require: () => comments.requireOn(share) };
  }

  #view(thread: OpenThread): Thread {
    return threadView(thread, this.#parts.comments.places, { author: owner, path: thread.path, window: allLines });
  }
}

/** The absolute path of something that may be gone, links among its folders followed. */
async function placeOf(path: string): Promise<string> {
  const folder = await unlessMissing(realpath(dirname(path)));
  return folder === undefined ? path : join(folder, basename(path));
}
