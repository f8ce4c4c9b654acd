import { realpath } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Actor, isBelow } from "@waiide/protocol";
import { WebSocketServer } from "ws";
import type { Logger } from "../../base/log.ts";
import type { LiveDocuments } from "../../live/live-documents.ts";
import { NotLive } from "../../live/opening.ts";
import type { Leases } from "../../live/windows/leases.ts";
import type { OpenFiles } from "../../live/windows/open-files.ts";
import type { GuestWorkspace } from "../../workspace/guest-workspace.ts";
import type { Guests } from "../guests/guests.ts";
import type { SharePresence } from "../guests/presence.ts";
import { guestOf } from "../records/one-guest.ts";
import { personView } from "../records/view.ts";
import type { SharedTerminals } from "../shown-terminals/shared-terminals.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import { GuestCompanion } from "./guest-companion.ts";
import { guestVisit } from "./guest-visit.ts";
import { type Conversations, WindowRequests } from "./window-requests.ts";
import { WindowSocket } from "./window-socket.ts";

export interface GuestWindowsParts {
  readonly documents: LiveDocuments;
  readonly leases: Leases;
  readonly openFiles: OpenFiles;
  readonly guests: Pick<Guests, "opened">;
  /** A guest has typed (RULES R20). */
  readonly onActivity: () => void;
  /** The largest text, in bytes. */
  readonly largest: number;
  readonly conversations: Conversations;
  /** Whether people in shares may write messages. */
  readonly mayTalk: () => boolean;
  readonly logger: Logger;
}

/** A window of a guest with Terminal Access. */
export interface GuestWindow {
  readonly share: StoredShare;
  readonly session: StoredSession;
  /** Closed with the window. */
  readonly workspace: GuestWorkspace;
  readonly presence: SharePresence;
  readonly terminals: SharedTerminals;
  readonly actor: () => Actor;
  /** Whether the share has not ended. */
  readonly isLive: () => boolean;
}

/** Live editing in the IDEs of Terminal Access guests: each takes part as themselves, by their own session (RULES R16). */
export class GuestWindows {
  readonly #parts: GuestWindowsParts;
  readonly #server: WebSocketServer;

  constructor(parts: GuestWindowsParts) {
    this.#parts = parts;
    // Texts come as JSON, which escapes some of them.
    this.#server = new WebSocketServer({ noServer: true, maxPayload: parts.largest * 2 + 64 * 1024 });
  }

  async open(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { share, session, workspace, isLive, ...people }: GuestWindow,
  ): Promise<void> {
    const { documents, leases, openFiles, guests, conversations, mayTalk, onActivity, logger } = this.#parts;
    const root = await realpath(share.root);
    const fileAt = async (place: string) => {
      if (!isBelow(place, root)) throw new NotLive("missing");
      return workspace.liveFile(place.slice(root.length + 1));
    };
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const window = new WindowSocket({
        socket: webSocket,
        documents,
        leases,
        isOwner: false,
        session: session.id,
        share: share.id,
        visit: async ({ document: { file } }) => guestVisit(await fileAt(file.place), session, share),
        find: async (place) => (await fileAt(place)).file,
        openFiles,
        requests: (send) =>
          new WindowRequests({ ...conversations, session, files: workspace, actor: people.actor, send, logger }),
        company: {
          join: (companion) =>
            new GuestCompanion({
              share: share.id,
              root,
              shownRoot: share.root,
              mayTalk,
              you: personView(session, share, null),
              guest: guestOf(session),
              files: workspace,
              ...people,
              companion,
            }),
        },
        onInput: onActivity,
        logger,
      });
      const closed = guests.opened(session.id, window);
      webSocket.once("close", () => {
        workspace.close();
        closed();
      });
      // It may have ended while the folder was being opened.
      if (!isLive()) window.end("revoked");
    });
  }

  close(): void {
    this.#server.close();
  }
}
