// A hostile app: whatever is asked for, it sends the page that attacks. As XHTML, into which WAIIDE puts no shim.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const script = readFileSync(new URL("attack.js", import.meta.url));
const page = `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Hostile</title><meta name="referrer" content="unsafe-url"/>
<meta http-equiv="Content-Security-Policy" content="default-src * 'unsafe-inline'"/></head>
<body><h1>Hostile</h1><pre id="out"></pre><div id="buttons"></div><script src="attack.js"></script></body></html>`;

const server = createServer((request, response) => {
  const isScript = request.url.split("?")[0].endsWith(".js");
  response.setHeader("Content-Type", isScript ? "text/javascript" : "application/xhtml+xml");
  response.setHeader("Service-Worker-Allowed", "/").setHeader("Access-Control-Allow-Origin", "*");
  response.end(isScript ? script : page);
});
new WebSocketServer({ server });
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
