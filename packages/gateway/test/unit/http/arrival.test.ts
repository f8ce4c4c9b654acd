import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { limitArrival } from "../../../src/http/arrival.ts";

async function server(listener: RequestListener): Promise<(request: string) => Socket> {
  const http = createServer({ requestTimeout: 0 }, listener);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  return (request) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined).write(request);
    return socket;
  };
}

const half = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc";

it("a body that does not arrive is answered with 408 and cut", async () => {
  const send = await server((request, response) => void limitArrival(request, response, 50));
  expect(await text(send(half))).toContain("408 Request Timeout");
});

it("one that was answered before it arrived is cut, too", async () => {
  const send = await server((request, response) => {
    limitArrival(request, response, 50);
    response.writeHead(401).end("no");
  });
  expect(await text(send(half))).toContain("401 Unauthorized");
});

it("a chunked body without an end counts as one", async () => {
  const send = await server((request, response) => void limitArrival(request, response, 50));
  const chunked = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
  expect(await text(send(chunked))).toContain("408");
});

it("R7: exempt bodies have no timeout, and a complete request may wait", async () => {
  const send = await server((request, response) => {
    const waive = limitArrival(request, response, 20);
    if (request.url === "/proxied") waive();
    request.resume();
    setTimeout(() => response.end("late"), 200);
  });
  const whole = "POST /own HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc";
  expect(await text(send(whole))).toContain("late");
  const slow = send("POST /proxied HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\nabc");
  setTimeout(() => slow.write("defghij"), 60);
  expect(await text(slow)).toContain("late");
});
