// A small app for tests of shared apps, as a program of its own: HTTP, cookies, redirects, streams, uploads and WebSockets.
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";

/** The path that the app was told as its own; it expects that in requests if KEEPS_BASE says so. */
const base = process.env.BASE ?? "/";
const isKept = process.env.KEEPS_BASE === "yes";

const requests = [];
const server = createServer((request, response) => {
  const url = new URL(request.url, "http://app");
  if (isKept && url.pathname.startsWith(base)) url.pathname = `/${url.pathname.slice(base.length)}`;
  const answer = (status, headers, body) => response.writeHead(status, headers).end(body);
  if (url.pathname !== "/requests") {
    requests.push({ method: request.method, url: request.url, headers: request.headers });
  }
  switch (url.pathname) {
    case "/":
      return answer(
        200,
        { "content-type": "text/html", "content-security-policy": "script-src 'none'", "x-frame-options": "DENY" },
        '<!doctype html><html><head><script src="/app.js"></script></head><body><h1>The app</h1><a href="/page">page</a></body></html>',
      );
    case "/app.js":
      return answer(
        200,
        { "content-type": "text/javascript", "cache-control": "public, max-age=60" },
        'window.base = "/proxy/x/";',
      );
    case "/zipped":
      return answer(
        200,
        { "content-type": "text/html", "content-encoding": "gzip" },
        gzipSync('<script>1</script><img src="/i.png">'),
      );
    case "/svg":
      return answer(
        200,
        { "content-type": "image/svg+xml" },
        '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
      );
    case "/cookies":
      return answer(
        200,
        {
          "content-type": "application/json",
          "set-cookie": ["seen=1; Path=/; Domain=hub.example", "hidden=2; Path=/; HttpOnly", "waiide-x=3; Path=/"],
        },
        JSON.stringify({ cookie: request.headers.cookie ?? null }),
      );
    case "/moved":
      return answer(302, { location: url.searchParams.get("to") });
    case "/told":
      return answer(
        200,
        { "content-type": "text/html", "set-cookie": `told=1; Path=${base}` },
        `<script>import("${base}app.js")</script><a href="${base}page">page</a><a href="/page">page</a>`,
      );
    case "/trailers":
      response.writeHead(200, { "content-type": "application/octet-stream", trailer: "x-sum, set-cookie" });
      response.write("with trailers");
      response.addTrailers({ "x-sum": "13", "set-cookie": "trailing=1" });
      return void response.end();
    case "/fresh":
      return answer(request.headers["if-none-match"] === '"v1"' ? 304 : 200, {
        etag: '"v1"',
        "content-type": "image/png",
      });
    case "/range":
      return answer(206, { "content-type": "text/html", "content-range": "bytes 0-3/8" }, "<p>a");
    case "/broken":
      return answer(500, { "content-type": "text/html" }, "<h1>broken</h1>");
    case "/file":
      return answer(
        200,
        { "content-type": "text/html", "content-disposition": 'attachment; filename="a.html"' },
        "<p>saved</p>",
      );
    case "/hints":
      response.writeEarlyHints({ link: "</app.js>; rel=preload" });
      return answer(200, { "content-type": "text/plain" }, "hints");
    case "/events":
      response.writeHead(200, { "content-type": "text/event-stream" });
      return void response.write("data: one\n\n");
    case "/upload": {
      let size = 0;
      return void request.on("data", (part) => (size += part.length)).on("end", () => answer(200, {}, String(size)));
    }
    case "/requests":
      return answer(200, { "content-type": "application/json" }, JSON.stringify(requests));
    default:
      return answer(404, { "content-type": "text/html" }, "<p>nothing here</p>");
  }
});
const sockets = new WebSocketServer({
  server,
  perMessageDeflate: true,
  handleProtocols: (offered) => [...offered][0] ?? false,
});
sockets.on("connection", (socket, { headers }) => {
  socket.send(
    JSON.stringify({
      origin: headers.origin,
      cookie: headers.cookie ?? null,
      authorization: headers.authorization ?? null,
    }),
  );
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
/** As small programs answer: no length, and the end of the connection is the end of the page. */
const old = createTcpServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", () =>
    socket.end("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: old=1\r\n\r\n<p><img src=/i.png>old</p>"),
  );
});
const chosen = process.argv.includes("--http-1.0") ? old : server;
chosen.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => process.stdout.write(`${chosen.address().port}\n`));
