import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import WebSocket from "ws";
import type { Tunnel } from "../../../src/proxy/tunnel.ts";
import { closeAll, deferred, prefix, RawClient, startBackend, startProxy } from "./harness.ts";

afterEach(closeAll);

/** A backend that accepts every WebSocket and then sends what the test says. */
async function open() {
  const backendSocket = deferred<Socket>();
  const received: Buffer[] = [];
  const backend = await startBackend(
    (_request, response) => response.end(),
    (request, socket) => {
      const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash("sha1").update(key).digest("base64");
      const upgrade = request.headers.upgrade ?? "";
      socket.on("data", (data: Buffer) => received.push(data));
      socket.on("error", () => socket.destroy());
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      backendSocket.resolve(socket as Socket);
    },
  );
  const tunnel = deferred<Tunnel>();
  const seen: number[] = [];
  const proxy = await startProxy(backend.port, {
    onTunnel: (opened) => {
      opened.watchBrowser(
        {
          onFrame: ({ opcode }) => {
            seen.push(opcode);
            return false;
          },
        },
        () => seen.push(-1),
      );
      tunnel.resolve(opened);
    },
  });
  return { proxy, tunnel: tunnel.promise, backend: backendSocket.promise, received, seen };
}

async function connect() {
  const { proxy, tunnel, ...rest } = await open();
  const client = new WebSocket(`ws://127.0.0.1:${proxy.port}${prefix}socket`, { perMessageDeflate: false });
  const messages: string[] = [];
  client.on("message", (data) => messages.push(data.toString()));
  const raw = once(client, "upgrade").then(([response]) => (response as IncomingMessage).socket);
  const closed = once(client, "close").then(([code, reason]) => [code as number, String(reason)]);
  await once(client, "open");
  const socket = await raw;
  const begin = socket.bytesRead;
  /** Bytes that came to the browser. */
  const arrived = () => socket.bytesRead - begin;
  return { client, messages, closed, arrived, tunnel: await tunnel, ...rest, backend: await rest.backend };
}

it("R20 sees what the browser sends, and changes nothing", async () => {
  const { client, seen, received, closed } = await connect();
  client.send("typed");
  client.ping("p");
  client.close(1000);
  await expect.poll(() => seen).toEqual([1, 9, 8]);
  // Seen here, it is on its way only.
  await expect.poll(() => Buffer.concat(received).length).toBe(6 + 5 + 6 + 1 + 6 + 2);
  client.terminate();
  await closed;
  expect(Buffer.concat(received).length).toBe(6 + 5 + 6 + 1 + 6 + 2);
});

it("R1 closes with its code, and the backend's connection too", async () => {
  const { tunnel, closed, backend } = await connect();
  const gone = once(backend, "end");
  tunnel.close(4401, "the login has ended");
  expect(await closed).toEqual([4401, "the login has ended"]);
  await gone;
});

it("R1 closes between two frames of the backend: the current one arrives whole", async () => {
  const { tunnel, closed, messages, backend, arrived } = await connect();
  backend.write(Buffer.from([0x81, 5]));
  backend.write("he");
  await expect.poll(arrived).toBe(4);
  tunnel.close(4401, "the login has ended");
  backend.write(Buffer.concat([Buffer.from("llo"), Buffer.from([0x81, 4]), Buffer.from("more")]));
  expect(await closed).toEqual([4401, "the login has ended"]);
  expect(messages).toEqual(["hello"]);
});

it("R1 a frame that never ends is cut after a second", async () => {
  const { tunnel, closed, messages, backend, arrived } = await connect();
  backend.write(Buffer.from([0x81, 5, 104]));
  await expect.poll(arrived).toBe(3);
  const begin = performance.now();
  tunnel.close(4401, "the login has ended");
  expect((await closed)[0]).toBe(1006);
  expect(performance.now() - begin).toBeGreaterThan(900);
  expect(performance.now() - begin).toBeLessThan(20_000);
  expect(messages).toEqual([]);
});

it("R1 a browser that does not answer the close is cut after a second", async () => {
  const { proxy, tunnel, backend } = await open();
  const client = new RawClient(proxy.port);
  client.send(
    `GET ${prefix}socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  await client.until("\r\n\r\n");
  const gone = once(await backend, "end");
  (await tunnel).close(4401, "over");
  await client.until("over");
  await gone;
  expect(client.received.slice(-8)).toBe(`\x88\x06${String.fromCharCode(4401 >> 8, 4401 & 255)}over`);
  client.socket.destroy();
});

it("R1 a tunnel without WebSocket frames is cut at once, and its chunks count", async () => {
  const { proxy, tunnel, seen } = await open();
  const client = new RawClient(proxy.port);
  client.send(`GET ${prefix}socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n`);
  await client.until("\r\n\r\n");
  client.send("anything");
  await expect.poll(() => seen).toEqual([-1]);
  (await tunnel).close(4401, "over");
  const text = await client.untilEnd();
  expect(text.split("\r\n\r\n")[1]).toBe("");
});
