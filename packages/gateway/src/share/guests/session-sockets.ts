import { type Level, sessionSubprotocol } from "@waiide/protocol";
import { WebSocketServer } from "ws";

/** The largest message of a View Only guest: a search with all its globs. Bytes. */
const maxCheckedSize = 128 * 1024;

/** Accepts the sockets of sessions. Guests of View Only and of apps send nothing large. */
export class SessionSockets {
  readonly #looking = socketsFor(maxCheckedSize);
  readonly #writing: WebSocketServer;

  /** @param read the largest text of a session. Bytes */
  constructor(read: number) {
    // A write holds its text as JSON, which escapes some of it, and bytes as base64.
    this.#writing = socketsFor(read * 2 + 64 * 1024);
  }

  of(level: Level): WebSocketServer {
    return level === "view" || level === "app" ? this.#looking : this.#writing;
  }

  close(): void {
    this.#looking.close();
    this.#writing.close();
  }
}

function socketsFor(maxPayload: number): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload,
    handleProtocols: (offered) => (offered.has(sessionSubprotocol) ? sessionSubprotocol : false),
  });
}
