import type { LiveClientMessage, LiveServerMessage, ReadOnlyReason, Refusal } from "@waiide/protocol";
import { LiveClientMessageSchema } from "@waiide/protocol";
import { Compile } from "typebox/compile";
import type { Logger } from "../base/log.ts";
import { FileError } from "../workspace/file-error.ts";
import type { SelectionTracker } from "../workspace/selection/selection.ts";
import type { WorkspaceFile } from "../workspace/workspace-file.ts";
import type { Author } from "./author.ts";
import type { LiveDocuments } from "./live-documents.ts";
import { NotLive } from "./opening.ts";
import { Participant } from "./participant.ts";

/** A file that a person may have open, and what they may do with it, asked at any moment. */
export interface Visit {
  readonly file: WorkspaceFile;
  readonly author: Author;
  /** For others in the file. */
  readonly name: string;
  readonly color: string;
  /** Where the person may have a part of the file only. */
  readonly selection: SelectionTracker | undefined;
  readonly refusal: (operation: "read" | "write") => Refusal | undefined;
  /** Why the person may not write, for people. */
  readonly readOnly: () => ReadOnlyReason | undefined;
}

export interface LiveConnectionOptions {
  readonly documents: LiveDocuments;
  /** Whose names the person may see; undefined: everybody's. */
  readonly share: string | undefined;
  /** Whether files stay live for this connection. */
  readonly keepsLive: boolean;
  /**
   * Finds a file under the person's rights.
   * @throws FileError
   */
  readonly visit: (path: string) => Promise<Visit>;
  readonly send: (message: LiveServerMessage) => void;
  /** Bytes that were sent and not read. */
  readonly unread: () => number;
  /** The person has typed. */
  readonly onInput: () => void;
  readonly logger: Logger;
}

const check = Compile(LiveClientMessageSchema);
const types: ReadonlySet<unknown> = new Set(LiveClientMessageSchema.anyOf.map((one) => one.properties.type.const));

/** Files that one connection has open at once. */
const maxOpen = 200;

/** Whether a message that was parsed is one of live editing, well-formed or not. */
export function isLiveMessage(message: unknown): message is { readonly type: string } {
  return typeof message === "object" && message !== null && "type" in message && types.has(message.type);
}

/** One socket's live messages: of a guest's page, or of a window of an IDE. */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  readonly #open = new Map<number, Participant>();
  /** Of the files that are being opened or open; the newest opening of a path counts. */
  readonly #numbers = new Map<string, number>();
  #last = 0;
  #isClosed = false;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
  }

  /** The participant of a number that the client knows. */
  participant(number: number): Participant | undefined {
    return this.#open.get(number);
  }

  /**
   * Takes a message of `isLiveMessage`. One that is malformed is refused by itself.
   * @returns resolves when it is done; undefined: it is done already
   */
  take(message: { readonly type: string }): Promise<unknown> | undefined {
    if (this.#isClosed) return undefined;
    if (check.Check(message)) return this.#take(message);
    this.#refuse(message);
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    for (const participant of this.#open.values()) participant.leave();
  }

  #take(message: LiveClientMessage): Promise<unknown> | undefined {
    if (message.type === "live-open") return this.open(message);
    const participant = this.#open.get(message.doc);
    // Closed meanwhile, which the client is about to read.
    if (participant === undefined) return undefined;
    switch (message.type) {
      case "live-change":
        this.#options.onInput();
        participant.change(message);
        break;
      case "live-save":
        return participant.save();
      case "live-check":
        participant.check(message.rev, message.hash);
        break;
      case "live-cursor":
        participant.moveTo(message);
        break;
      case "live-close":
        participant.leave();
        break;
    }
    return undefined;
  }

  /**
   * Opens a file; opening it again begins anew.
   * @returns undefined where that failed, which the client is told
   */
  async open(
    { path, client, epoch, rev }: Omit<Extract<LiveClientMessage, { type: "live-open" }>, "type">,
    onLeft: () => void = () => {},
  ): Promise<Participant | undefined> {
    const { logger, send } = this.#options;
    this.#last += 1;
    const number = this.#last;
    const before = this.#numbers.get(path);
    this.#numbers.set(path, number);
    this.#open.get(before ?? 0)?.leave();
    try {
      const participant = await this.#join(path, number, client, onLeft);
      participant?.opened(path, { epoch, rev });
      return participant;
    } catch (error) {
      if (this.#numbers.get(path) === number) this.#numbers.delete(path);
      if (!(error instanceof NotLive || error instanceof FileError))
        logger.error({ err: error }, "a file could not be opened live");
      if (!this.#isClosed) send({ type: "live-not-opened", path, reason: reasonOf(error) });
      return undefined;
    }
  }

  /** @returns undefined if the client has opened it once more meanwhile, or has gone */
  async #join(path: string, number: number, client: string, onLeft: () => void): Promise<Participant | undefined> {
    const { documents, visit, share, keepsLive, send, unread, logger } = this.#options;
    if (this.#open.size >= maxOpen) throw new NotLive("limit");
    const visited = await visit(path);
    const live = await documents.open(visited.file);
    if (this.#isClosed || this.#numbers.get(path) !== number) return undefined;
    const refusal = visited.refusal("read");
    if (refusal !== undefined) throw new NotLive("missing");
    if (!documents.hasPlace(live)) throw new NotLive("limit");
    const { document, disk } = live;
    const participant = new Participant({
      ...visited,
      document,
      disk,
      view: documents.viewOf(live, share, visited.selection),
      number,
      client,
      share,
      keepsLive,
      send,
      unread,
      logger,
      limits: documents.limits,
      counts: documents.counts,
      onLeft: () => {
        this.#open.delete(number);
        if (this.#numbers.get(path) === number) this.#numbers.delete(path);
        documents.left(document);
        onLeft();
        documents.emit("people", document.file.place);
      },
    });
    this.#open.set(number, participant);
    documents.emit("people", document.file.place);
    return participant;
  }

  /** What can be answered is. */
  #refuse(message: { readonly type: string }): void {
    const { documents, send } = this.#options;
    const { doc, seq, path } = message as { doc?: unknown; seq?: unknown; path?: unknown };
    if (typeof path === "string" && path.length <= maxPath) {
      send({ type: "live-not-opened", path, reason: "failed" });
      return;
    }
    documents.counts.refusals += 1;
    send({ type: "live-refused", doc: numberOf(doc), seq: numberOf(seq), reason: "invalid" });
  }
}

const maxPath = 4_096;

function numberOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0;
}

function reasonOf(error: unknown) {
  if (error instanceof NotLive) return error.reason;
  return error instanceof FileError && error.code !== "FAILED" ? "missing" : "failed";
}
