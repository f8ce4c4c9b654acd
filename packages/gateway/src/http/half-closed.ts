import { type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Socket } from "node:net";

/** Between two checks of a client that has closed its sending side. Milliseconds. */
const lookInterval = 5_000;
/** The first write provokes a reset, and the system reports it at the second one. Milliseconds. */
const secondWriteDelay = 100;
/** Checks that a client may go without a byte of the response, where nothing can be sent to find out. */
const maxSilentChecks = 12;

/** The pending response of each connection. */
const answers = new WeakMap<Socket, ServerResponse>();

/** A response that is registered as the pending one of its connection. */
export class AwaitedResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  override assignSocket(socket: Socket): void {
    super.assignSocket(socket);
    answers.set(socket, this);
  }
}

/**
 * Keeps the connection of a client that closes its sending side after its request, as `nc -N` and many scripts do. TCP cannot
 * tell such a client from one that has left, so each is checked at an interval and dropped when it is gone.
 * @param server made with `ServerResponse: AwaitedResponse`
 */
export function answerHalfClosed(server: Server | SecureServer, isSecure: boolean): void {
  // An option of Node that its types lack. Without it Node ends its side as soon as the client has ended its own.
  (server as { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true;
  server.on(isSecure ? "secureConnection" : "connection", (socket: Socket) => {
    socket.once("end", () => {
      const answer = answers.get(socket);
      if (answer !== undefined && !answer.writableEnded) watch(socket, answer);
    });
  });
}

/**
 * Before the response begins, interim ones (RFC 9110 §15.2.1) are sent: a client that waits skips them, and one that is gone
 * resets the connection. A response that has begun finds out by itself, unless it is silent.
 */
function watch(socket: Socket, answer: ServerResponse): void {
  const maxSilent = answer.headersSent ? 1 : maxSilentChecks;
  const speaksInterim = answer.req.httpVersionMinor > 0;
  let silent = 0;
  let written = socket.bytesWritten;
  const timer = setInterval(() => {
    if (!answer.headersSent && speaksInterim) {
      sendTwice(() => {
        if (!answer.headersSent && !answer.destroyed) answer.writeContinue();
      });
      return;
    }
    // Unsent bytes mean that the client is slow, and present.
    const isSilent = socket.bytesWritten === written && socket.writableLength === 0;
    written = socket.bytesWritten;
    silent = isSilent ? silent + 1 : 0;
    if (silent >= maxSilent) socket.destroy();
  }, lookInterval);
  answer.once("close", () => clearInterval(timer));
}

/**
 * The same for a connection that waits for an upgrade.
 * @returns ends it
 */
export function watchUpgrade(socket: Socket): () => void {
  let isOver = false;
  const timer = setInterval(() => {
    sendTwice(() => {
      if (!isOver && socket.writable) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    });
  }, lookInterval);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

function sendTwice(send: () => void): void {
  send();
  setTimeout(send, secondWriteDelay);
}
