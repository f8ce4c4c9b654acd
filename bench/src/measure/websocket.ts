import { once } from "node:events";
import { WebSocket } from "ws";
import { Collector, type Figure } from "../figure.ts";
import { progress } from "../progress.ts";
import type { Target } from "../servers/targets.ts";
import { percentile } from "../statistics.ts";

const warmUpMessages = 300;
const measuredMessages = 3000;
const messageBytes = 200;
const blockBytes = 16_384;
/** Blocks under way at once while throughput is measured. */
const window = 32;
const blocks = 12_000;

/** Echo of 200 bytes, one at a time, and of 16 KiB blocks, 32 at a time. */
export async function measureWebSocket(targets: readonly Target[], backend: number, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  // Every program here compiles its code while it runs: the first to be measured would pay for it.
  for (const target of targets) {
    const socket = await connect(target, backend);
    await throughput(socket);
    await disconnect(socket);
  }
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      progress(`websocket, round ${round + 1} of ${rounds}: ${target.name}`);
      const socket = await connect(target, backend);
      await echoTimes(socket, warmUpMessages);
      const times = await echoTimes(socket, measuredMessages);
      collector.add("median", target.name, percentile(times, 0.5));
      collector.add("p99", target.name, percentile(times, 0.99));
      collector.add("throughput", target.name, await throughput(socket));
      await disconnect(socket);
    }
  }
  return [
    {
      id: "websocket.median",
      title: "WebSocket echo of 200 bytes, median",
      unit: "µs",
      samples: collector.of("median"),
    },
    { id: "websocket.p99", title: "its 99th percentile", unit: "µs", samples: collector.of("p99") },
    {
      id: "websocket.throughput",
      title: "WebSocket echo of 16 KiB blocks",
      unit: "MB/s",
      samples: collector.of("throughput"),
    },
  ];
}

async function connect(target: Target, backend: number): Promise<WebSocket> {
  const address = target.origin.replace("http", "ws") + target.proxyPath(backend);
  // An Origin as a page of the target would send it; compression off, so that only the proxy is compared.
  const socket = new WebSocket(address, { headers: target.headers, origin: target.origin, perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

async function disconnect(socket: WebSocket): Promise<void> {
  socket.close();
  await once(socket, "close");
}

/** Round-trip times in microseconds. */
function echoTimes(socket: WebSocket, count: number): Promise<number[]> {
  const message = Buffer.alloc(messageBytes, "x");
  const times: number[] = [];
  return new Promise((resolve, reject) => {
    let begin = 0;
    const send = (): void => {
      begin = performance.now();
      socket.send(message);
    };
    const receive = (data: Buffer): void => {
      times.push((performance.now() - begin) * 1000);
      if (data.length !== messageBytes) finish(new Error(`${data.length} bytes came back, not ${messageBytes}`));
      else if (times.length === count) finish();
      else send();
    };
    const ended = (): void => finish(new Error("the WebSocket closed while being measured"));
    const finish = (error?: Error): void => {
      socket.off("message", receive).off("close", ended);
      if (error) reject(error);
      else resolve(times);
    };
    socket.on("message", receive).on("close", ended);
    send();
  });
}

/** Megabytes echoed a second (counted once, not once each way). */
function throughput(socket: WebSocket): Promise<number> {
  const block = Buffer.alloc(blockBytes, "x");
  return new Promise((resolve, reject) => {
    let [sent, received] = [0, 0];
    const begin = performance.now();
    const receive = (): void => {
      received++;
      if (sent < blocks) send();
      if (received === blocks) finish();
    };
    const send = (): void => {
      sent++;
      socket.send(block);
    };
    const ended = (): void => finish(new Error("the WebSocket closed while being measured"));
    const finish = (error?: Error): void => {
      socket.off("message", receive).off("close", ended);
      if (error) reject(error);
      else resolve((blocks * blockBytes) / 1e6 / ((performance.now() - begin) / 1000));
    };
    socket.on("message", receive).on("close", ended);
    for (let index = 0; index < window; index++) send();
  });
}
