import type { DevTools } from "./devtools.ts";

interface FrameEvent {
  readonly requestId: string;
  readonly response: { readonly payloadData: string };
}

/** VS Code's `PersistentProtocol`: a type, an id, an acknowledgement and a length before each message. Bytes. */
const headerLength = 13;
const regularMessage = 1;
/** `MessageType.Initialized` of VS Code's extensionHostProtocol.ts: a message of this one byte. */
const initialized = 1;

/**
 * Resolves when the extension host on the server's side has got what it needs from the page and begins to start extensions,
 * as it says in its WebSocket.
 */
export function extensionHostStarted(devTools: DevTools): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const received = new Map<string, Buffer>();
  const stops = [
    devTools.on("Network.webSocketFrameSent", (parameters) => {
      const { requestId, response } = parameters as unknown as FrameEvent;
      // `ConnectionType.ExtensionHost` (remoteAgentConnection.ts); what came before belongs to the greeting.
      if (bytesOf(response).includes('"desiredConnectionType":2')) received.set(requestId, Buffer.alloc(0));
    }),
    devTools.on("Network.webSocketFrameReceived", (parameters) => {
      const { requestId, response } = parameters as unknown as FrameEvent;
      const before = received.get(requestId);
      if (before === undefined) return;
      const { started, rest } = readMessages(Buffer.concat([before, bytesOf(response)]));
      received.set(requestId, rest);
      if (!started) return;
      for (const stop of stops) stop();
      resolve();
    }),
  ];
  return promise;
}

/** @returns whether the message is among them, and the beginning of the one that is not complete yet */
function readMessages(data: Buffer): { started: boolean; rest: Buffer } {
  let rest = data;
  let started = false;
  while (rest.length >= headerLength) {
    const end = headerLength + rest.readUInt32BE(headerLength - 4);
    if (rest.length < end) break;
    started ||= end === headerLength + 1 && rest[0] === regularMessage && rest[headerLength] === initialized;
    rest = rest.subarray(end);
  }
  return { started, rest };
}

/** Binary frames are reported in base64. */
function bytesOf({ payloadData }: FrameEvent["response"]): Buffer {
  return Buffer.from(payloadData, "base64");
}
