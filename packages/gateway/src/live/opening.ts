import { randomUUID } from "node:crypto";
import type { ChangeJson, NotLiveReason } from "@waiide/protocol";
import { parseChange, type Text, toText } from "@waiide/protocol/live";
import { fileErrorOf } from "../workspace/file-error.ts";
import { isNotebook } from "../workspace/notebooks/inert.ts";
import type { FileState, WorkspaceFile } from "../workspace/workspace-file.ts";
import { type Author, clientOf } from "./author.ts";
import { entryOf, type LogEntry } from "./change-log.ts";
import type { JournalContent } from "./journal.ts";
import type { DiskText, LiveDocumentState } from "./live-document.ts";
import { decode } from "./text-format.ts";

/** Why a file is not live; saves work as without live editing. */
export type NotOpenedReason = NotLiveReason | "missing" | "failed";

/** Thrown where a file cannot be live. */
export class NotLive extends Error {
  readonly reason: NotOpenedReason;

  constructor(reason: NotOpenedReason) {
    super(`not live: ${reason}`);
    this.reason = reason;
  }
}

/**
 * A file's state as the disk has it.
 * @throws NotLive
 */
export async function stateFromDisk(file: WorkspaceFile): Promise<LiveDocumentState> {
  if (isNotebook(file.path)) throw new NotLive("notebook");
  const state = await readFile(file);
  if (state.readOnly === "linked") throw new NotLive("linked");
  const decoded = decode(state.bytes);
  if (typeof decoded === "string") throw new NotLive(decoded);
  const { text, format } = decoded;
  return {
    file,
    epoch: randomUUID(),
    text,
    rev: 0,
    format,
    disk: { rev: 0, version: state.version, text },
    clients: new Map(),
    readOnly: state.readOnly,
    past: [],
    unsaved: [],
  };
}

async function readFile(file: WorkspaceFile): Promise<FileState> {
  try {
    const state = await file.read();
    if (state === undefined) throw new NotLive("missing");
    return state;
  } catch (error) {
    if (error instanceof NotLive) throw error;
    const { code } = fileErrorOf(error);
    throw new NotLive(code === "TOO_LARGE" ? "large" : code === "DENIED" ? "missing" : "failed");
  }
}

/**
 * A text as its journal has it; the disk may hold another one by now.
 * @returns undefined where the journal does not fit together
 */
export function stateFromJournal(file: WorkspaceFile, content: JournalContent): LiveDocumentState | undefined {
  const { header, authors, changes, disk } = content;
  let text = toText(header.text);
  let rev = header.rev;
  const past: LogEntry[] = [];
  const clients = new Map(Object.entries(header.clients));
  const unsaved: Author[] = [];
  let held: Text | undefined = disk.text === undefined ? (disk.rev === rev ? text : undefined) : toText(disk.text);
  for (const record of changes) {
    const author = authors[record.by];
    const isPast = record.rev <= header.rev;
    const change = parseChange(record.change, lengthOf(record.change));
    if (author === undefined || change === undefined) return undefined;
    const entry = entryOf(author, { client: record.client, seq: record.seq, change }, isPast ? undefined : text);
    past.push(entry);
    if (isPast) continue;
    if (record.rev !== rev + 1 || change.length !== text.length) return undefined;
    text = change.apply(text);
    rev = record.rev;
    if (record.client !== "") clients.set(clientOf(author, record.client), record.seq);
    if (author.kind !== "disk" && rev > disk.rev) unsaved.push(author);
    if (disk.text === undefined && disk.rev === rev) held = text;
  }
  if (held === undefined) return undefined;
  const known: DiskText = { rev: disk.rev, version: disk.version, text: held };
  const format = { eol: header.eol, mark: header.mark };
  return { file, epoch: header.epoch, text, rev, format, disk: known, clients, readOnly: undefined, past, unsaved };
}

/** Of the text that a change was made for. */
function lengthOf(json: ChangeJson): number {
  return json.reduce((sum: number, part) => sum + Number(Array.isArray(part) ? part[0] : part), 0);
}
