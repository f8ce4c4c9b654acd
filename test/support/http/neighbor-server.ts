import { createServer } from "node:http";

// Another user's “single-user server”, which may be any program: it lets everybody in, and answers with pages of its own.
// In the query: `coop` and `allowed` become Cross-Origin-Opener-Policy and Service-Worker-Allowed.

const { hostname, port } = new URL(process.env.JUPYTERHUB_SERVICE_URL ?? "");
/** Hands on what the browser asks for, and tells what it saw. */
const worker = `
self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
})()));
self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  event.respondWith((async () => {
    const answers = [await event.preloadResponse, await fetch(event.request)].filter(Boolean);
    const seen = await Promise.all(answers.map(async (answer) => answer.status + " " + (await answer.clone().text())));
    const body = "<pre>seen by the worker: " + seen.join("\\\\n").replace(/[<&]/g, "_") + "</pre>";
    return new Response(body, { headers: { "Content-Type": "text/html" } });
  })());
});
`;

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://neighbor");
  const isWorker = pathname.endsWith("/worker.js");
  const coop = searchParams.get("coop");
  response
    .writeHead(200, {
      "Content-Type": isWorker ? "text/javascript" : "text/html",
      ...(coop === null ? {} : { "Cross-Origin-Opener-Policy": coop }),
      ...(isWorker ? { "Service-Worker-Allowed": "/" } : {}),
    })
    .end(isWorker ? worker : "<!doctype html><title>Neighbor</title><body></body>");
}).listen(Number(port), hostname);
