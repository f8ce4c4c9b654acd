/**
 * The least that a proxy of HTTP costs in Node: `node:http` on both sides, connections kept alive, everything passed on. It
 * knows no prefix, no login and no rule for any header. A process of its own.  Usage: bare-proxy.ts <port> <backend's port>
 */
import { Agent, createServer, request as requestBackend } from "node:http";

const [port, backend] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true });

const server = createServer((request, response) => {
  const { method, url: path, headers } = request;
  const outgoing = requestBackend({ agent, host: "127.0.0.1", port: backend, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  // What measures counts the broken connection as a failed request.
  outgoing.on("error", (error) => response.destroy(error));
  request.pipe(outgoing);
});
server.keepAliveTimeout = 600_000;
server.listen(port, "127.0.0.1");
