import type {
  Caret,
  ChangeJson,
  LiveClientMessage,
  LiveServerMessage,
  LoggedChange,
  ReadOnlyReason,
  Refusal,
  RefusedReason,
} from "@waiide/protocol";
import { changeSize, cutsCharacter, parseChange } from "@waiide/protocol/live";
import type { Logger } from "../base/log.ts";
import { type Author, clientOf } from "./author.ts";
import { goesInFront, type LogEntry } from "./change-log.ts";
import type { LiveCounts } from "./counts.ts";
import type { CursorMember, Place } from "./cursors.ts";
import type { DiskSide } from "./disk-side.ts";
import { hashOf, type LiveDocument, type Member } from "./live-document.ts";
import { RateLimit } from "./rate-limit.ts";
import { lengthAt, toHead, type View } from "./view.ts";

/** Limits of one participant (RULES R14). */
export interface ParticipantLimits {
  /** Changes a second. */
  readonly changes: number;
  /** Characters that one change inserts. */
  readonly change: number;
  /** Bytes of the whole text. */
  readonly read: number;
}

/** Who takes part, and by which connection. */
export interface ParticipantOptions {
  readonly document: LiveDocument;
  readonly disk: DiskSide;
  readonly view: View;
  /** The connection's number of the file. */
  readonly number: number;
  /** Chosen by the client; with its sequence numbers a repeated change counts once. */
  readonly client: string;
  readonly author: Author;
  /** For others in the file. */
  readonly name: string;
  readonly color: string;
  /** Whose names the person may see: those of this share; undefined: everybody's. */
  readonly share: string | undefined;
  readonly keepsLive: boolean;
  /** Why reading or writing is not permitted now; undefined: it is. Asked at each message. */
  readonly refusal: (operation: "read" | "write") => Refusal | undefined;
  readonly readOnly: () => ReadOnlyReason | undefined;
  readonly send: (message: LiveServerMessage) => void;
  /** Bytes that were sent and not read. */
  readonly unread: () => number;
  readonly limits: ParticipantLimits;
  readonly counts: LiveCounts;
  readonly logger: Logger;
  /** It has left, for any reason. */
  readonly onLeft: () => void;
}

type CursorMessage = Extract<LiveClientMessage, { type: "live-cursor" }>;

/** For guests of other shares: invitations are private. */
const strangersName = "a guest of another share";

/** With more unread than this, a client gets the whole text later instead of every change now. Bytes. */
const maxUnread = 4 * 1024 * 1024;
/** Between two looks whether a client that is behind reads again. Milliseconds. */
const pause = 100;

const refusedAs: Readonly<Record<Refusal, RefusedReason>> = {
  ended: "ended",
  level: "level",
  scope: "scope",
  hidden: "scope",
  protected: "protected",
  target: "scope",
};

const fixedAs: Readonly<Record<ReadOnlyReason, RefusedReason>> = {
  level: "level",
  scope: "scope",
  protected: "protected",
  outdated: "outdated",
  locked: "locked",
  linked: "locked",
  encoding: "locked",
};

/** A page or window that has a live file open: takes its changes, and sends it those of others. */
export class Participant implements Member, CursorMember {
  readonly options: ParticipantOptions;
  readonly #sender: string;
  readonly #rate: RateLimit;
  readonly #checks = new RateLimit(1);
  /** As far as it was sent to the client. */
  #sentRev: number;
  #savedRev: number;
  #readOnly: ReadOnlyReason | undefined;
  #behind: NodeJS.Timeout | undefined;
  #hasLeft = false;

  constructor(options: ParticipantOptions) {
    this.options = options;
    this.#sender = clientOf(options.author, options.client);
    this.#rate = new RateLimit(options.limits.changes);
    this.#sentRev = options.view.rev;
    this.#savedRev = options.view.savedRev;
    this.#readOnly = this.#whyReadOnly();
    options.document.members.add(this);
    options.counts.participants += 1;
  }

  get keepsLive(): boolean {
    return this.options.keepsLive;
  }

  get author(): Author {
    return this.options.author;
  }

  get document(): LiveDocument {
    return this.options.document;
  }

  /** @param known the state that the client has */
  opened(path: string, known: { readonly epoch?: string | undefined; readonly rev?: number | undefined }): void {
    const { view, number, document, send } = this.options;
    const entries = known.epoch === view.epoch && known.rev !== undefined ? view.since(known.rev) : undefined;
    send({
      type: "live-opened",
      path,
      doc: number,
      epoch: view.epoch,
      rev: view.rev,
      ...(entries === undefined ? { text: view.text.toString() } : { since: entries.map((one) => this.#logged(one)) }),
      seq: this.#lastSeq(),
      eol: document.format.eol,
      ...this.#permission(),
      saved: view.savedRev,
    });
    document.cursors.joined(this);
  }

  /** One change of the client: done in this very tick, or refused. */
  change({ seq, rev, change }: { readonly seq: number; readonly rev: number; readonly change: ChangeJson }): void {
    // Sent again after its acknowledgement was lost: it counts once.
    if (seq <= this.#lastSeq()) return;
    const reason = this.#make(seq, rev, change);
    if (reason !== undefined) this.refuse(seq, reason);
  }

  refuse(seq: number, reason: RefusedReason): void {
    const { number, counts, send } = this.options;
    counts.refusals += 1;
    send({ type: "live-refused", doc: number, seq, reason });
  }

  /** The person saves. */
  async save(): Promise<void> {
    const { disk, document, refusal } = this.options;
    if (refusal("write") !== undefined) return;
    if (document.isDirty) await disk.requestSave();
    if (!document.isDirty) this.tellSaved();
  }

  /** Compares the client's text with ours, and heals a difference. */
  check(rev: number, hash: string): void {
    // Hashing a large text takes a while: whoever asks often is not answered.
    if (!this.#checks.take()) return;
    const text = this.options.view.textAt(rev);
    if (text === undefined || hashOf(text) === hash) return;
    this.options.counts.healed += 1;
    this.#reset("differs");
  }

  /** Where the person is; more than twenty times a second the newest counts. */
  moveTo({ rev, ranges, visible, follows }: CursorMessage): void {
    const { view, document, refusal } = this.options;
    const later = view.since(rev);
    if (this.#hasLeft || later === undefined || refusal("read") !== undefined) return;
    const place = (position: number) => {
      const mapped = later.reduce((at, { change }) => change.mapPos(within(at, change.length), 1), position);
      return view.positionInDocument(within(mapped, view.text.length));
    };
    const move = ([anchor, head]: readonly [number, number]) => [place(anchor), place(head)] as const;
    const isHere = ranges.length > 0;
    const seen = { ranges: ranges.map(move), visible: visible && move(visible), follows: followedBy(follows) };
    document.cursors.moved(this, isHere ? seen : undefined);
  }

  nameOf(other: CursorMember): string {
    const { document, share } = this.options;
    return other instanceof Participant ? document.names.nameFor(share, other.options.author) : "";
  }

  caretFor(viewer: CursorMember, { ranges, visible, follows }: Place): Caret | undefined {
    if (!(viewer instanceof Participant) || this.options.refusal("read") !== undefined) return undefined;
    const { view, share } = viewer.options;
    const seen = ranges.flatMap((range) => [view.fromDocument(range) ?? []].filter((one) => one.length === 2));
    if (seen.length === 0) return undefined;
    const shown = visible && view.fromDocument(visible);
    const { author, name, color } = this.options;
    const isKnown = share === undefined || !("share" in author) || author.share === null || author.share === share;
    return {
      person: viewer.nameOf(this),
      name: isKnown ? name : strangersName,
      color,
      ranges: seen.map(([anchor, head]) => [anchor, head]),
      ...(shown === undefined ? {} : { visible: [shown[0], shown[1]] }),
      ...(follows === undefined || !isKnown ? {} : { follows }),
    };
  }

  sendCursors(changed: readonly Caret[], gone: readonly string[]): void {
    if (this.#hasLeft || this.#closeUnlessReadable()) return;
    // Their positions are those of the newest text.
    this.flush();
    const { view, number, send } = this.options;
    if (this.#sentRev !== view.rev) return;
    send({ type: "live-cursors", doc: number, rev: view.rev, changed: [...changed], gone: [...gone] });
  }

  flush(): void {
    if (this.#hasLeft || this.#closeUnlessReadable() || this.#behind !== undefined) return;
    const { view, number, send, unread } = this.options;
    if (unread() > maxUnread) {
      this.#waitToRead();
      return;
    }
    const entries = view.since(this.#sentRev);
    if (entries === undefined) {
      this.#reset("behind");
      return;
    }
    if (entries.length === 0) return;
    this.#sentRev = view.rev;
    const changes = entries.map((entry) => this.#logged(entry));
    send({ type: "live-changes", doc: number, rev: view.rev, changes });
  }

  onSaved(): void {
    const { view } = this.options;
    if (view.savedRev !== this.#savedRev) this.tellSaved();
  }

  tellSaved(): void {
    if (this.#hasLeft || this.#closeUnlessReadable()) return;
    // What was saved is known to the client first.
    this.flush();
    const { view, number, send } = this.options;
    this.#savedRev = view.savedRev;
    send({ type: "live-saved", doc: number, rev: this.#savedRev });
  }

  onSaveFailed(message: string): void {
    const { number, send, view } = this.options;
    // What happens outside a selection is told to nobody in it.
    if (view.isPart && view.savedRev === view.rev) return;
    if (this.options.refusal("write") === undefined) send({ type: "live-save-failed", doc: number, message });
  }

  onOverlap(): void {
    const { number, send, view } = this.options;
    if (!this.#closeUnlessReadable() && !view.isPart) send({ type: "live-overlap", doc: number });
  }

  onRights(): void {
    if (this.#hasLeft || this.#closeUnlessReadable()) return;
    const { number, send } = this.options;
    const before = this.#readOnly;
    this.#readOnly = this.#whyReadOnly();
    if (this.#readOnly !== before) send({ type: "live-rights", doc: number, ...this.#permission() });
  }

  onClosed(reason: "deleted" | "not-live" | "rights" | "ended"): void {
    const { number, send } = this.options;
    if (this.#hasLeft) return;
    send({ type: "live-closed", doc: number, reason });
    this.leave();
  }

  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    clearTimeout(this.#behind);
    const { document, counts, onLeft } = this.options;
    document.members.delete(this);
    document.cursors.left(this);
    counts.participants -= 1;
    onLeft();
  }

  /** No waiting in here: what was checked still holds when the change is made. @returns why not */
  #make(seq: number, rev: number, json: ChangeJson): RefusedReason | undefined {
    const { view, document, author, limits, client, refusal, counts, logger } = this.options;
    if (this.#hasLeft || document.isClosed) return "ended";
    if (!this.#rate.take()) return "limit";
    const refused = refusal("write");
    if (refused !== undefined) return refusedAs[refused];
    const fixed = this.#whyReadOnly();
    if (fixed !== undefined) return fixedAs[fixed];
    const then = lengthAt(view, rev);
    if (then === undefined) return "invalid";
    const change = parseChange(json, then);
    if (change === undefined) return "invalid";
    if (changeSize(change).inserted > limits.change) return "limit";
    const mapped = toHead(view, { rev, change, sender: this.#sender });
    if (mapped === undefined || cutsCharacter(mapped, view.text)) return "invalid";
    const whole = view.toDocument(mapped);
    if (whole === undefined) return "scope";
    if (document.text.length + whole.newLength - whole.length > limits.read) return "limit";
    try {
      document.apply(author, whole, { client, seq });
    } catch (error) {
      // The journal's disk is full, for example: what is not in it was never acknowledged.
      logger.error({ err: error }, "a change could not be written to the journal of live editing");
      return "locked";
    }
    counts.changes += 1;
    return undefined;
  }

  #reset(reason: "behind" | "differs"): void {
    const { view, number, send, counts } = this.options;
    counts.resets += 1;
    this.#sentRev = view.rev;
    this.#savedRev = view.savedRev;
    send({
      type: "live-reset",
      doc: number,
      epoch: view.epoch,
      rev: view.rev,
      text: view.text.toString(),
      seq: this.#lastSeq(),
      saved: view.savedRev,
      reason,
    });
  }

  #waitToRead(): void {
    this.#behind = setTimeout(() => {
      this.#behind = undefined;
      if (this.#hasLeft) return;
      if (this.options.unread() > maxUnread / 4) this.#waitToRead();
      else this.#catchUp();
    }, pause).unref();
  }

  /** The client reads again: it gets what is shorter, the changes that it missed or the text. */
  #catchUp(): void {
    const { view } = this.options;
    const missed = view.since(this.#sentRev);
    if (missed !== undefined && JSON.stringify(missed.map(({ json }) => json)).length < view.text.length) this.flush();
    else if (!this.#closeUnlessReadable()) this.#reset("behind");
  }

  /** A right that is gone ends it. @returns whether it did */
  #closeUnlessReadable(): boolean {
    const refusal = this.options.refusal("read");
    if (refusal === undefined) return false;
    this.onClosed(refusal === "ended" ? "ended" : "rights");
    return true;
  }

  #whyReadOnly(): ReadOnlyReason | undefined {
    const { readOnly, author, document } = this.options;
    // What guests may not write is the owner's all the same: VS Code says what it cannot save.
    return readOnly() ?? (author.kind === "owner" ? undefined : document.readOnly);
  }

  #permission() {
    const reason = this.#whyReadOnly();
    return reason === undefined ? { writable: true } : { writable: false, read_only: reason };
  }

  #lastSeq(): number {
    const { document, author, client } = this.options;
    return document.lastOf(author, client);
  }

  #logged(entry: LogEntry): LoggedChange {
    const { share, document } = this.options;
    const { author, client, sender, seq, json: change } = entry;
    const person = document.names.nameFor(share, author);
    if (sender === this.#sender) return { person, client, seq, change };
    return { person, change, ...(goesInFront(this.#sender, entry) ? { behind: true } : {}) };
  }
}

function within(position: number, length: number): number {
  return Math.max(0, Math.min(position, length));
}

/** Whom a person follows, as their page calls them; nothing else than such a name. */
function followedBy(follows: string | null | undefined): string | undefined {
  return typeof follows === "string" && /^[\w-]{1,64}$/.test(follows) ? follows : undefined;
}
