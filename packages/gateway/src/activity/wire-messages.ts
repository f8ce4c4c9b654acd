/**
 * The part of VS Code's protocol between page and server that tells a person from a program. From VS Code 1.139.1, src/vs/base/parts/ipc/common/ipc.net.ts (ProtocolMessageType, 13-byte heads), ipc.ts
 * (RequestType, DataType) and src/vs/workbench/services/extensions/common/rpcProtocol.ts (MessageType).
 */
const headLength = 13;
const regularMessage = 1;
const controlMessage = 2;

/** A connection's first control message that names its kind (remoteAgentConnection.ts, ConnectionType). */
const connectionKinds: Readonly<Record<string, "management" | "extension host" | "tunnel">> = {
  "1": "management",
  "2": "extension host",
  "3": "tunnel",
};

/** The first byte of a message to the extension host: requests are 1 to 4, the rest answers and acknowledges. */
const lastRequestType = 4;
/** Then follow a request number (4 bytes), the receiver (1), and the method's name after its length (1). */
const methodAt = 7;
/** Calls of the page to the extension host that no person causes: seen in two minutes without one, and while a program runs. */
const ownNotices = new Set(["$onDidTunnelsChange", "$onFileEvent", "$shellExecutionData", "$shellExecutionEnd"]);
/** Whether a person is present: the page watches keys and mouse, and reports false after a minute without any. */
const presenceNotices = new Set(["$onDidChangeWindowActive", "$onDidChangeWindowFocus"]);

/**
 * Calls on the management connection that the page makes by itself: measuring the connection every minute, and reporting how
 * much of a terminal's output it has shown.
 */
const ownCalls: readonly Buffer[] = ["ping", "$acknowledgeDataEvent"].map((name) =>
  // DataType.String is 1, then the length as a VQL of one byte, then UTF-8.
  Buffer.concat([Buffer.from([1, name.length]), Buffer.from(name)]),
);
/** IPC requests: an array (4) whose first element is the integer (6) 100, a call with one answer. */
const callBegins = Buffer.from([6, 100]);
/** The channel and name of a call are within so many bytes. */
const callHead = 160;

/** Recognizes the messages of one connection that a person caused, as far as possible. */
export class WireMessages {
  #kind: "management" | "extension host" | "tunnel" | "unknown" = "unknown";

  /**
   * @param data one WebSocket message, decompressed; VS Code sends whole messages of its own in each
   * @returns whether a person may have caused one of them
   */
  isPersonal(data: Buffer): boolean {
    let personal = false;
    for (let at = 0; at + headLength <= data.length; ) {
      const end = at + headLength + data.readUInt32BE(at + 9);
      const body = data.subarray(at + headLength, end);
      if (data[at] === controlMessage) this.#learnKind(body);
      else if (data[at] === regularMessage && this.#isPersonalBody(body)) personal = true;
      at = end;
    }
    return personal;
  }

  #isPersonalBody(body: Buffer): boolean {
    switch (this.#kind) {
      case "management": {
        const head = body.subarray(0, callHead);
        // Other requests start or stop listening to an event, or cancel a call.
        return head.includes(callBegins) && !ownCalls.some((call) => head.includes(call));
      }
      case "extension host":
        return isPersonalRequest(body);
      default:
        return true;
    }
  }

  #learnKind(body: Buffer): void {
    const kind = /"desiredConnectionType":(\d)/.exec(body.toString("latin1"))?.[1];
    if (kind !== undefined) this.#kind = connectionKinds[kind] ?? "unknown";
  }
}

function isPersonalRequest(body: Buffer): boolean {
  if ((body[0] ?? 0) > lastRequestType) return false;
  const method = body.toString("latin1", methodAt, methodAt + (body[methodAt - 1] ?? 0));
  if (presenceNotices.has(method)) return body.includes("[true]", methodAt);
  return !ownNotices.has(method);
}
