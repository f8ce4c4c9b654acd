import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { computeAccess, serverEnds } from "@waiide/protocol";
import { WebSocketServer } from "ws";
import type { Recheck, SocketWatch } from "../../access/socket-watch.ts";
import type { Logger } from "../../base/log.ts";
import type { Visit } from "../../live/live-connection.ts";
import type { LiveDocuments } from "../../live/live-documents.ts";
import type { LiveFile } from "../../live/whole-saves.ts";
import type { Leases } from "../../live/windows/leases.ts";
import type { OpenFiles } from "../../live/windows/open-files.ts";
import { ownerColor } from "../records/person-colors.ts";
import type { OwnerPresence } from "./owner-presence.ts";
import { WindowSocket } from "./window-socket.ts";

export interface OwnerWindowsParts {
  readonly documents: LiveDocuments;
  readonly leases: Leases;
  /** Name of the owner. */
  readonly owner: string;
  readonly presence: OwnerPresence;
  readonly openFiles: OpenFiles;
  /** The largest text, in bytes. */
  readonly largest: number;
  readonly logger: Logger;
}

/** Below the base URL. */
export const ownerWindowsPath = "/api/live";

/** The owner's windows: each has one socket, on which it takes part in files that guests have open. */
export class OwnerWindows {
  readonly #parts: OwnerWindowsParts;
  readonly #server: WebSocketServer;
  readonly #open = new Set<WindowSocket>();

  constructor(parts: OwnerWindowsParts) {
    this.#parts = parts;
    // Texts come as JSON, which escapes some of them.
    this.#server = new WebSocketServer({ noServer: true, maxPayload: parts.largest * 2 + 64 * 1024 });
  }

  /** @param login ends the socket where it ends (RULES R1) */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    login: { readonly sockets: SocketWatch; readonly recheck: Recheck | undefined },
  ): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const { documents, leases, owner, presence, openFiles, logger } = this.#parts;
      const window = new WindowSocket({
        socket: webSocket,
        documents,
        leases,
        isOwner: true,
        session: undefined,
        share: undefined,
        visit: async (file) => ownerVisit(file, owner),
        find: undefined,
        openFiles,
        company: presence,
        // The owner's IDE reports what they do (RULES R20).
        onInput: () => {},
        logger,
      });
      this.#open.add(window);
      webSocket.once("close", () => this.#open.delete(window));
      if (login.recheck !== undefined) webSocket.once("close", login.sockets.add(window, login.recheck));
    });
  }

  close(): void {
    const { code, reason } = serverEnds.stopped;
    for (const window of this.#open) window.close(code, reason);
    this.#server.close();
  }
}

function ownerVisit({ document: { file } }: LiveFile, name: string): Visit {
  const target = { path: file.path, hidden: false, protected: false };
  return {
    file,
    author: { kind: "owner" },
    name,
    color: ownerColor,
    selection: undefined,
    refusal: (operation) => {
      const answer = computeAccess({ actor: { kind: "owner" }, operation, target });
      return answer.allowed ? undefined : answer.why;
    },
    readOnly: () => undefined,
  };
}
