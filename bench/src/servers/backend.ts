/**
 * The program behind every proxy: 1 KiB of text, downloads of any size, WebSocket echo. A process of its own, so that it
 * shares no event loop with what measures.  Usage: backend.ts <port>
 */
import { createServer, type ServerResponse } from "node:http";
import { pipeline, Readable } from "node:stream";
import { WebSocketServer } from "ws";

const kibibyte = Buffer.alloc(1024, "waiide ");
const block = Buffer.alloc(65_536, "waiide ");

function* blocks(total: number): Generator<Buffer> {
  for (let left = total; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block;
}

function download(total: number, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": total });
  pipeline(Readable.from(blocks(total), { objectMode: false, highWaterMark: 1 << 20 }), response, (error) => {
    // A proxy that gives up half-way is one of the results; the measuring side sees and reports it.
    if (error && error.code !== "ERR_STREAM_PREMATURE_CLOSE") console.error(error);
  });
}

const server = createServer((request, response) => {
  const bytes = /^\/bytes\/(\d+)$/.exec(request.url ?? "")?.[1];
  if (bytes !== undefined) return download(Number(bytes), response);
  response.writeHead(200, { "content-type": "text/plain", "content-length": kibibyte.length });
  response.end(kibibyte);
});
// Longer than any row, so that no proxy meets a connection that this side has just closed.
server.keepAliveTimeout = 600_000;

const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => {
  socket.on("message", (data, binary) => socket.send(data, { binary }));
  socket.on("error", (error) => console.error(error));
});
server.listen(Number(process.argv[2]), "127.0.0.1");
