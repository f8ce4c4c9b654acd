import { EventEmitter } from "node:events";
import type { SessionCloseReason, SurvivorsEvent, TalkMessage } from "@waiide/protocol";
import type { LiveRecords, StoredShare } from "./store/stored.ts";

/** How a share ends for its guests, and who ended it. */
export type Ending = Extract<SessionCloseReason, "expired" | "revoked" | "administrator" | "hub">;
/** Only the gateway can notify the owner of these. */
export type EndingByOthers = Exclude<Ending, "expired" | "revoked">;

/** The guest's session that wrote to a file. */
export interface GuestWriter {
  readonly root: string;
  readonly share: string;
  readonly session: string;
  /** As `guestOf` names them. */
  readonly guest: string;
  readonly name: string;
}

interface Events {
  /** The store was read into the table. */
  loaded: [records: LiveRecords];
  /** A share was made, changed or ended, or its guests came or went. */
  change: [];
  created: [share: StoredShare];
  ended: [share: StoredShare];
  /** It can no longer be used, and neither its owner nor its expiry is the reason. */
  stopped: [share: StoredShare, by: EndingByOthers];
  /** What only the former level permitted must end. */
  lowered: [share: StoredShare];
  /** The owner lowered or removed a Terminal Access guest: their programs must end. */
  terminalGuestEnded: [share: string];
  /** The hub no longer has the token of a share's link. */
  tokenGone: [share: string];
  /** The hub no longer knows a guest, or the share is no longer for them. */
  guestGone: [session: string];
  /** A guest's write is in the audit. */
  written: [];
  /**
   * The owner and a guest changed the same lines. The path is relative to the share's root; the version is what the guest
   * wrote, null where it could not be kept.
   */
  overlap: [writer: GuestWriter, path: string, version: string | null];
  /** The owner shows a terminal to the guests of this share, or no longer. */
  terminals: [share: string];
  /** Another program listens on the port of a shared app. */
  paused: [share: StoredShare, program: string];
  /** Somebody wrote a message into the conversation of a share. */
  said: [share: string, message: TalkMessage];
  /** A user of the hub pushed a change for the owner to look at. */
  proposed: [share: string, user: string];
  /** A comment was written into a thread (`isWritten`), or the thread was changed or deleted. */
  commented: [share: string, thread: number, isWritten: boolean];
  /** Processes of a Terminal Access share were killed, or may be left. */
  killed: [share: string, processes: number, rest: Omit<SurvivorsEvent, "id">];
}

/** What happens to shares and guests: the parts of sharing notify each other through this alone. */
export class ShareEvents extends EventEmitter<Events> {
  constructor() {
    super();
    this.setMaxListeners(0);
  }
}
