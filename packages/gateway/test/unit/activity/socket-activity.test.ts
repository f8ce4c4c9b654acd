import { constants, createDeflateRaw } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { SocketActivity } from "../../../src/activity/socket-activity.ts";
import { FrameObserver } from "../../../src/proxy/frame-observer.ts";

/** One message of VS Code's protocol: type, id, acknowledged id, length, body. */
function message(type: number, body: Buffer | string = ""): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(13);
  head[0] = type;
  head.writeUInt32BE(bytes.length, 9);
  return Buffer.concat([head, bytes]);
}

const keepalive = message(9);
const acknowledgement = message(3);

function connection(kind: number): Buffer {
  return message(2, JSON.stringify({ type: "connectionType", desiredConnectionType: kind }));
}

/** A call on the management connection, as seen on the wire. */
function call(channel: string, name: string, type = 100): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([1, value.length]), Buffer.from(value)]);
  return message(1, Buffer.concat([Buffer.from([4, 4, 6, type, 6, 7]), text(channel), text(name), Buffer.from([0])]));
}

/** A request to the extension host, as seen on the wire. */
function request(method: string, json: string, type = 1): Buffer {
  const head = Buffer.from([type, 0, 0, 0, 9, 102, method.length]);
  return message(1, Buffer.concat([head, Buffer.from(method), Buffer.from([0, 0, 0, json.length]), Buffer.from(json)]));
}

const answer = message(1, Buffer.from([9, 0, 0, 0, 9, 0]));
const [management, extensionHost] = [1, 2];

function frame(payload: Buffer, compressed: boolean, opcode = 2, final = true): Buffer {
  const mask = Buffer.from([9, 8, 7, 6]);
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  const body = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([
    Buffer.from([(final ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode, ...length]),
    mask,
    Buffer.from(body),
  ]);
}

/** As a browser does: one context for the connection, each message flushed and its last four bytes left out. */
function compressor(): (data: Buffer) => Promise<Buffer> {
  const deflate = createDeflateRaw();
  const out: Buffer[] = [];
  deflate.on("data", (data: Buffer) => out.push(data));
  return async (data) => {
    deflate.write(data);
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    const all = Buffer.concat(out.splice(0));
    return all.subarray(0, all.length - 4);
  };
}

/** Counts what each of the messages is worth, in order. */
async function counted(messages: readonly Buffer[], compressed: boolean): Promise<boolean[]> {
  let count = 0;
  const listener = new SocketActivity(compressed ? "permessage-deflate" : "", () => {
    count += 1;
  });
  const observer = new FrameObserver(listener);
  const deflate = compressor();
  const results: boolean[] = [];
  for (const data of messages) {
    count = 0;
    observer.observe(frame(compressed ? await deflate(data) : data, compressed));
    await listener.settled();
    results.push(count > 0);
  }
  listener.close();
  return results;
}

const rows: [string, number, Buffer, boolean][] = [
  ["a keepalive", management, keepalive, false],
  ["an acknowledgement", extensionHost, acknowledgement, false],
  ["measuring the line", management, call("telemetry", "ping"), false],
  ["how much terminal output was shown", management, call("remoteterminal", "$acknowledgeDataEvent"), false],
  ["listening to an event", management, call("remoteFilesystem", "fileChange", 102), false],
  ["a key in the terminal", management, call("remoteterminal", "$input"), true],
  ["reading a file", management, call("remoteFilesystem", "readFile"), true],
  ["an answer to an extension", extensionHost, answer, false],
  ["a file that changed on the disk", extensionHost, request("$onFileEvent", "[{}]"), false],
  ["a port that another program opened", extensionHost, request("$onDidTunnelsChange", "[]"), false],
  ["a window without anybody before it", extensionHost, request("$onDidChangeWindowActive", "[false]"), false],
  ["somebody back at the window", extensionHost, request("$onDidChangeWindowActive", "[true]"), true],
  ["a changed text", extensionHost, request("$acceptModelChanged", "[{}]", 3), true],
  ["a command", extensionHost, request("$executeContributedCommand", '["a"]', 2), true],
  ["a long message", extensionHost, request("$acceptModelChanged", "x".repeat(200)), true],
  ["a keepalive and a key at once", management, Buffer.concat([keepalive, call("remoteterminal", "$input")]), true],
  ["a tunnel's bytes", 3, message(1, "anything"), true],
];

it.each(rows)("R20 %s", async (_name, kind, data, personal) => {
  for (const compressed of [false, true]) {
    expect(await counted([connection(kind), keepalive, data, keepalive], compressed)).toEqual([
      false,
      false,
      personal,
      false,
    ]);
  }
});

it("R20 a message in many frames and chunks, with pings between them, is one message", async () => {
  const data = Buffer.concat([call("remoteterminal", "$input"), acknowledgement]);
  let count = 0;
  const listener = new SocketActivity("", () => {
    count += 1;
  });
  const observer = new FrameObserver(listener);
  const wire = Buffer.concat([
    frame(connection(management), false),
    frame(data.subarray(0, 5), false, 2, false),
    frame(Buffer.from("ping"), false, 9),
    frame(data.subarray(5, 40), false, 0, false),
    frame(data.subarray(40), false, 0, true),
  ]);
  for (const byte of wire) observer.observe(Buffer.from([byte]));
  expect(count).toBe(1);
});

it("R20 what cannot be inflated still counts, but for the smallest frames", async () => {
  let count = 0;
  const listener = new SocketActivity("permessage-deflate", () => {
    count += 1;
  });
  const observer = new FrameObserver(listener);
  observer.observe(frame(Buffer.alloc(40, 0xff), true));
  await expect.poll(() => count).toBe(1);
  observer.observe(frame(Buffer.alloc(10, 0xff), true));
  expect(count).toBe(1);
  observer.observe(frame(Buffer.alloc(40, 0xff), true));
  expect(count).toBe(2);
  listener.close();
});

it("R20 an upload faster than it can be inflated is not kept", async () => {
  let count = 0;
  const listener = new SocketActivity("permessage-deflate", () => {
    count += 1;
  });
  const observer = new FrameObserver(listener);
  const upload = frame(Buffer.alloc(60_000, 3), true);
  for (let sent = 0; sent < 18_000_000; sent += 60_000) observer.observe(upload);
  expect(count).toBeGreaterThan(0);
  await listener.settled();
  listener.close();
});

it("R20 a large message counts without being buffered, and parsing continues", async () => {
  let count = 0;
  const listener = new SocketActivity("", () => {
    count += 1;
  });
  const observer = new FrameObserver(listener);
  observer.observe(frame(connection(management), false));
  observer.observe(frame(Buffer.alloc(60_000, 1), false));
  expect(count).toBe(1);
  observer.observe(frame(call("telemetry", "ping"), false));
  expect(count).toBe(1);
  observer.observe(frame(call("remoteterminal", "$input"), false));
  expect(count).toBe(2);
});

it("R20 no bytes whatever make it fail", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 6 }), fc.boolean(), (payloads, compressed) => {
      const listener = new SocketActivity("permessage-deflate", () => undefined);
      const observer = new FrameObserver(listener);
      observer.observe(frame(connection(extensionHost), false));
      for (const payload of payloads) observer.observe(frame(Buffer.from(payload), compressed));
      listener.close();
    }),
  );
});
