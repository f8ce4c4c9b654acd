import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, newPage } from "../support/page/browser.ts";
import { launchFirefox } from "../support/page/firefox.ts";

/** What every way of sending something looked like at the server. */
interface Seen {
  readonly way: string;
  readonly origin: string | undefined;
  readonly site: string | undefined;
}

/** Runs in a page: sends to `target` in every way that a page has, each with a name. */
async function sendInEveryWay(target: string): Promise<void> {
  const settled = (work: Promise<unknown>) => work.catch(() => undefined);
  const once = (start: (done: () => void) => void) =>
    Promise.race([
      new Promise<void>((resolve) => start(resolve)),
      new Promise((resolve) => setTimeout(resolve, 3_000)),
    ]);
  for (const referrerPolicy of ["", "no-referrer", "unsafe-url"] as const) {
    for (const mode of ["cors", "no-cors"] as const) {
      const options = { method: "POST", mode, referrerPolicy, body: "x" };
      await settled(fetch(`${target}fetch-${mode}-${referrerPolicy}`, options));
      await settled(fetch(`${target}keepalive-${mode}-${referrerPolicy}`, { ...options, keepalive: true }));
    }
    await settled(fetch(`${target}delete-${referrerPolicy}`, { method: "DELETE", referrerPolicy }));
  }
  navigator.sendBeacon(`${target}beacon`, "x");
  const request = new XMLHttpRequest();
  await once((done) => {
    request.onloadend = done;
    request.open("POST", `${target}xhr`);
    request.send("x");
  });
  for (const [name, enctype] of [
    ["form", ""],
    ["form-text", "text/plain"],
  ] as const) {
    const frame = document.createElement("iframe");
    frame.name = name;
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: target + name, target: name, enctype });
    document.body.append(frame, form);
    await once((done) => {
      frame.onload = done;
      form.submit();
    });
  }
  const seal = (html: string) =>
    once((done) => {
      const sealed = document.createElement("iframe");
      sealed.sandbox.add("allow-scripts", "allow-forms");
      sealed.srcdoc = html;
      window.addEventListener("message", ({ data }) => {
        if (data === "sealed") done();
      });
      document.body.append(sealed);
    });
  await seal(`<script>
    const told = () => parent.postMessage("sealed", "*");
    fetch("${target}sealed-fetch", { method: "POST", mode: "no-cors" }).catch(() => {}).then(() => {
      const socket = new WebSocket("${target.replace("http", "ws")}sealed-socket");
      socket.onclose = socket.onerror = told;
    });
  </script>`);
  await seal(`<form method=post action="${target}sealed-form"></form><script>document.forms[0].submit()</script>`);
  const worker = new Worker(
    URL.createObjectURL(
      new Blob([
        `fetch("${target}worker-fetch", { method: "POST", mode: "no-cors" }).catch(() => {}).then(() => {
          const socket = new WebSocket("${target.replace("http", "ws")}worker-socket");
          socket.onclose = socket.onerror = () => postMessage("done");
        });`,
      ]),
    ),
  );
  await once((done) => {
    worker.onmessage = done;
  });
  await once((done) => {
    const socket = new WebSocket(`${target.replace("http", "ws")}socket`);
    socket.onclose = done;
    socket.onerror = done;
  });
}

const ways = [
  "fetch-cors-",
  "fetch-no-cors-no-referrer",
  "keepalive-no-cors-unsafe-url",
  "delete-",
  "beacon",
  "xhr",
  "form",
  "form-text",
  "sealed-form",
  "sealed-fetch",
  "sealed-socket",
  "worker-fetch",
  "worker-socket",
  "socket",
];

describe.each(["chromium", "firefox"] as const)("R5: what %s sends always says where it comes from", (kind) => {
  let server: Server;
  let port: number;
  let seen: Seen[];
  let open: (url: string) => Promise<{ run: (target: string) => Promise<void>; close: () => Promise<unknown> }>;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const note = ({ url = "", method = "", headers }: IncomingMessage) => {
      const site = headers["sec-fetch-site"];
      const way = url.replace("/to/", "");
      if (url.startsWith("/to/") && method !== "OPTIONS") {
        seen.push({ way, origin: headers.origin, site: typeof site === "string" ? site : undefined });
      }
    };
    server = createServer((request, response) => {
      note(request);
      // So that no preflight holds a request back.
      response
        .setHeader("Content-Type", "text/html")
        .setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*")
        .setHeader("Access-Control-Allow-Methods", "*")
        .end("<!doctype html><title>t</title><body></body>");
    }).on("upgrade", (request, socket) => {
      note(request);
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    port = (server.address() as AddressInfo).port;
    if (kind === "chromium") {
      const browser = await launchBrowser(["--host-resolver-rules=MAP *.test 127.0.0.1"]);
      close = () => browser.close();
      open = async (url) => {
        const { page, context } = await newPage(browser);
        await page.goto(url);
        return { run: (target) => page.evaluate(sendInEveryWay, target), close: () => context.close() };
      };
    } else {
      const browser = await launchFirefox({ "network.dns.localDomains": "plain.test,other.test" });
      close = () => browser.close();
      open = async (url) => {
        const page = await browser.newPage();
        await page.goto(url);
        return { run: (target) => page.evaluate(sendInEveryWay, target), close: () => page.close() };
      };
    }
  });
  afterAll(async () => {
    await close?.();
    server?.close();
    server?.closeAllConnections();
  });

  it.each([
    ["its own server, on this machine", "127.0.0.1", "127.0.0.1"],
    ["its own server, over plain HTTP to another name", "plain.test", "plain.test"],
    ["another site, over plain HTTP", "other.test", "plain.test"],
    ["a server on this machine, from a site of another name", "other.test", "127.0.0.1"],
  ])("to %s", async (_what, from, to) => {
    seen = [];
    const page = await open(`http://${from}:${port}/`);
    await page.run(`http://${to}:${port}/to/`);
    await page.close();
    // Browsers may keep pages of other sites from this machine altogether.
    if (to !== "127.0.0.1" || from === to) {
      expect(seen.map(({ way }) => way)).toEqual(expect.arrayContaining(ways));
    }
    expect(seen.filter(({ origin, site }) => origin === undefined && site === undefined)).toEqual([]);
    if (to !== "127.0.0.1") expect(seen.filter(({ site }) => site !== undefined)).toEqual([]);
  });
});
