import type { ReadOnlyReason } from "@waiide/protocol";
import type { ChangeSet, Text } from "@waiide/protocol/live";
import { BoundedTable } from "../base/bounded-table.ts";
import { Throttle } from "../base/throttle.ts";
import { versionOf } from "../workspace/documents/content.ts";
import type { WorkspaceFile } from "../workspace/workspace-file.ts";
import { type Author, clientOf, type GuestAuthor, guestsAmong, PersonNames } from "./author.ts";
import { ChangeLog, entryOf, type LogEntry } from "./change-log.ts";
import { Cursors } from "./cursors.ts";
import type { DiskRecord, Journal, JournalHeader } from "./journal.ts";
import { encode, type TextFormat } from "./text-format.ts";
import type { View } from "./view.ts";

/** Changes within so many milliseconds go out together; the first goes at once. */
const tick = 10;
/** Changes that a journal takes along when it begins anew. */
const keptPast = 500;
/** Clients whose last change is remembered. */
const maxClients = 1_000;

/** What the file holds. */
export interface DiskText {
  /** The last revision that it held. */
  readonly rev: number;
  readonly version: string;
  /** Without byte order mark, lines with LF. */
  readonly text: Text;
}

/** A participant, as its document sees it. */
export interface Member {
  /** Whether the file stays live for it; not so for a window of the owner's IDE, which has the file anyway. */
  readonly keepsLive: boolean;
  readonly author: Author;
  /** There is something new to send. */
  flush(): void;
  onSaved(): void;
  onSaveFailed(message: string): void;
  onOverlap(): void;
  /** What one may do in the file may have changed. */
  onRights(): void;
  onClosed(reason: "deleted" | "not-live"): void;
}

export interface LiveDocumentState {
  readonly file: WorkspaceFile;
  readonly epoch: string;
  readonly text: Text;
  readonly rev: number;
  readonly format: TextFormat;
  readonly disk: DiskText;
  /** The last change of each client. */
  readonly clients: ReadonlyMap<string, number>;
  readonly readOnly: ReadOnlyReason | undefined;
  /** Changes before `rev`. */
  readonly past: readonly LogEntry[];
  /** Whose changes are not in the file. */
  readonly unsaved: readonly Author[];
}

/** One file that people write in together: its text, the one order of its changes, and who is in it. */
export class LiveDocument {
  readonly file: WorkspaceFile;
  readonly epoch: string;
  readonly names: PersonNames;
  readonly members = new Set<Member>();
  readonly log: ChangeLog;
  text: Text;
  format: TextFormat;
  disk: DiskText;
  /** Why nobody may write it: the file itself is the reason. */
  readOnly: ReadOnlyReason | undefined;
  /** Whose changes are not in the file. */
  unsaved = new Map<string, Author>();
  /** Called after each change, before it is sent. */
  readonly onChange = new Set<(entry: LogEntry) => void>();
  /** Called when the file holds another text of ours, before it is told. */
  readonly onSaved = new Set<() => void>();
  readonly whole: View;
  readonly cursors = new Cursors();
  readonly #journal: Journal;
  readonly #clients = new BoundedTable<string, number>(maxClients);
  readonly #sending = new Throttle(tick, () => this.#flush());
  #isClosed = false;

  constructor(state: LiveDocumentState, journal: (header: JournalHeader) => Journal) {
    this.file = state.file;
    this.epoch = state.epoch;
    this.names = new PersonNames(state.epoch);
    this.text = state.text;
    this.format = state.format;
    this.disk = state.disk;
    this.readOnly = state.readOnly;
    for (const [client, seq] of state.clients) this.#clients.set(client, seq);
    this.log = new ChangeLog(state.rev - state.past.length);
    for (const entry of state.past) this.log.add(entry);
    for (const author of state.unsaved) this.unsaved.set(JSON.stringify(author), author);
    this.whole = new WholeView(this);
    this.onChange.add((entry) => this.cursors.follow(entry));
    this.#journal = journal(this.#header());
    this.#writePast();
  }

  get rev(): number {
    return this.log.rev;
  }

  /** Whether anybody is in it for whom it stays live. */
  get isKept(): boolean {
    return [...this.members].some(({ keepsLive }) => keepsLive);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Guests who are in it, by their pages or windows. */
  get guests(): GuestAuthor[] {
    return guestsAmong([...this.members].map(({ author }) => author));
  }

  /** Whether the text is another one than the file's. */
  get isDirty(): boolean {
    return this.disk.rev !== this.rev && !this.text.eq(this.disk.text);
  }

  /** What the file would hold if it was saved now. */
  get bytes(): Buffer {
    return encode(this.text, this.format);
  }

  /** The number of a client's last change. */
  lastOf(author: Author, client: string): number {
    return this.#clients.get(clientOf(author, client)) ?? 0;
  }

  /**
   * Makes a change: into the journal, the text, and to everybody.
   * @param from the client that sent it; undefined: none did
   * @throws ENOSPC and the like from the journal: then nothing was changed
   */
  apply(author: Author, change: ChangeSet, from?: { readonly client: string; readonly seq: number }): void {
    const { client, seq } = from ?? { client: "", seq: 0 };
    const entry = entryOf(author, { client, seq, change }, this.text);
    const text = change.apply(this.text);
    this.#journal.change(author, { rev: this.rev + 1, client, seq, change: entry.json });
    this.text = text;
    this.log.add(entry);
    if (author.kind !== "disk") this.unsaved.set(JSON.stringify(author), author);
    if (client !== "") this.#clients.set(clientOf(author, client), seq);
    for (const report of this.onChange) report(entry);
    this.#sending.call();
  }

  /** The file holds this text now. @param text undefined: that of the revision */
  markSaved(rev: number, version: string, text?: Text): void {
    const ours = this.log.textAt(rev, this.text);
    const held = text ?? ours;
    if (held === undefined) return;
    this.disk = { rev, version, text: held };
    if (this.#journal.isLong) this.#journal.restart(this.#header(), this.#past());
    else this.#journal.saved(diskRecord(this.disk, ours === undefined || !held.eq(ours)));
    for (const report of this.onSaved) report();
    for (const member of [...this.members]) member.onSaved();
  }

  /** The revision whose text this is, among the last ones; the newest first. */
  findRev(text: Text, most = 200): number | undefined {
    let known: Text | undefined = this.text;
    const entries = this.log.since(Math.max(this.log.start, this.rev - most)) ?? [];
    for (let back = 0; known !== undefined; back += 1) {
      if (known.length === text.length && known.eq(text)) return this.rev - back;
      const entry = entries[entries.length - 1 - back];
      known = entry?.inverse?.apply(known);
    }
    return undefined;
  }

  /** A moment ago something about the file or the lists changed. */
  checkRights(): void {
    for (const member of [...this.members]) member.onRights();
  }

  /** Sends what waits. */
  #flush(): void {
    for (const member of [...this.members]) member.flush();
  }

  /** @param reason undefined: everybody has left */
  close(reason: "deleted" | "not-live" | undefined, keepsJournal: boolean): void {
    if (this.#isClosed) return;
    this.#flush();
    this.#isClosed = true;
    this.#sending.close();
    this.cursors.close();
    if (reason !== undefined) for (const member of [...this.members]) member.onClosed(reason);
    this.#journal.close(keepsJournal);
  }

  #header(): JournalHeader {
    const { file, epoch, rev, text, format, disk } = this;
    return {
      journal: 1,
      root: file.root,
      path: file.path,
      epoch,
      rev,
      text: text.toString(),
      ...format,
      disk: diskRecord(disk, disk.rev !== rev),
      clients: Object.fromEntries(this.#clients),
    };
  }

  #past() {
    const start = Math.max(this.log.start, this.rev - keptPast);
    const entries = this.log.since(start) ?? [];
    return entries.map(({ author, client, seq, json }, index) => ({
      author,
      client,
      seq,
      change: json,
      rev: start + index + 1,
    }));
  }

  #writePast(): void {
    for (const { author, ...record } of this.#past()) this.#journal.change(author, record);
  }
}

/** Everything. */
class WholeView implements View {
  readonly isPart = false;
  readonly #document: LiveDocument;

  constructor(document: LiveDocument) {
    this.#document = document;
  }

  get epoch(): string {
    return this.#document.epoch;
  }

  get rev(): number {
    return this.#document.rev;
  }

  get text(): Text {
    return this.#document.text;
  }

  get savedRev(): number {
    const { disk, rev, isDirty } = this.#document;
    return isDirty ? disk.rev : rev;
  }

  since(rev: number): readonly LogEntry[] | undefined {
    return this.#document.log.since(rev);
  }

  toDocument(change: ChangeSet): ChangeSet | undefined {
    return change.length === this.text.length ? change : undefined;
  }

  fromDocument(range: readonly [number, number]): readonly [number, number] {
    return range;
  }

  positionInDocument(position: number): number {
    return position;
  }

  textAt(rev: number): Text | undefined {
    return this.#document.log.textAt(rev, this.text);
  }
}

function diskRecord({ rev, version, text }: DiskText, withText: boolean): DiskRecord {
  return { rev, version, ...(withText ? { text: text.toString() } : {}) };
}

/** A text as a file's reader decoded it. */
export function hashOf(text: Text): string {
  return versionOf(text.toString());
}
