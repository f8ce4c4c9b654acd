/**
 * The least that people who write together need of a server: it passes every message on to everybody, and knows nothing of
 * texts, order, rights or files. A process of its own.  Usage: relay.ts <port>
 */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer((_request, response) => response.end());
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => {
  socket.on("message", (data) => {
    const text = String(data);
    for (const client of sockets.clients) client.send(text);
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1");
