import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { request } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Config } from "../../../src/config/config.ts";
import type { RequestContext } from "../../../src/http/request-context.ts";
import type { OwnExtension } from "../../../src/ide/extensions/own-extension.ts";
import { Ide } from "../../../src/ide/ide.ts";
import type { Preparation } from "../../../src/ide/server/process.ts";
import { ChildProcesses } from "../../../src/system/child-process.ts";
import { listProcesses, treeOf } from "../../../src/system/process-tree.ts";
import { realIdeServer } from "../../support/real-ide.ts";

let root: string;
let ide: Ide;
let server: Server;
let base: string;

const proof = "p".repeat(43);
const found = Promise.withResolvers<void>();
/** The server starts only then. */
const prepared = Promise.withResolvers<Preparation>();

beforeAll(async () => {
  if (!existsSync(realIdeServer)) {
    throw new Error(`There is no IDE server at ${realIdeServer}. “npm test” installs it; or run “waiide ide install”.`);
  }
  root = await mkdtemp(join(tmpdir(), "waiide-real-"));
  const config = {
    workspace: root,
    ideServer: realIdeServer,
    dataFolder: join(root, "data"),
    cacheFolder: join(root, "cache"),
    ideListen: "unix",
    telemetry: false,
    workspaceTrust: false,
    disableFileDownloads: false,
    disableFileUploads: false,
    aiFeatures: false,
    extensions: [],
    extensionGallery: undefined,
    defaultSettings: { "editor.fontSize": 21 },
  } as unknown as Config;
  const prepare = () => {
    found.resolve();
    return prepared.promise;
  };
  const extension = { prepare } as unknown as OwnExtension;
  const logger = pino({ enabled: false });
  ide = new Ide({ config, children: new ChildProcesses(), logger, runtimeFolder: root, extension });
  server = createServer((incoming, response) => {
    const [path = "/", query = ""] = (incoming.url ?? "").slice("/base/ide".length).split(/(?=\?)/);
    const route = { kind: "ide", who: "owner", path, mount: "/ide/" } as const;
    const context: RequestContext = {
      id: "1",
      path,
      query,
      baseUrl: "/base/",
      scheme: "http",
      host: incoming.headers.host ?? "",
      clientAddress: "127.0.0.1",
    };
    const fail = (error: unknown) => response.writeHead(500).end(String(error));
    const forward = { ...ide.destination(route, context, query), context, rewriteHtml: false, onError: fail };
    ide.handle({ request: incoming, response, forward, path, proof: () => proof }).catch(fail);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/ide`;
});

afterAll(async () => {
  await ide?.close();
  server?.closeAllConnections();
  server?.close();
  if (root !== undefined) await rm(root, { recursive: true, force: true });
});

test("a real IDE server: starting page, clean page, files; nothing remains of it", async () => {
  ide.start();
  await found.promise;
  // `fetch` cannot pass for a browser that opens a page, and others than pages get JSON.
  const early = await request(`${base}/`, { headers: { accept: "text/html", "sec-fetch-mode": "navigate" } });
  expect([early.statusCode, early.headers["retry-after"]]).toEqual([503, "1"]);
  const starting = await early.body.text();
  expect(starting).toContain("The IDE is starting");
  const program = await fetch(`${base}/version`);
  expect([program.status, await program.text()]).toEqual([500, expect.stringContaining("not ready yet")]);
  prepared.resolve({});
  await ide.process.whenReady();

  const answer = await fetch(`${base}/`, { headers: { accept: "text/html" } });
  expect([answer.status, answer.status === 200 || (await answer.text())]).toEqual([200, true]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("content-security-policy")).toContain("script-src 'self'");
  const html = await answer.text();
  const attribute = /id="vscode-workbench-web-configuration" data-settings="([^"]*)"/.exec(html)?.[1] ?? "";
  const settings = JSON.parse(attribute.replaceAll("&quot;", '"').replaceAll("&amp;", "&"));
  expect(settings).toMatchObject({
    enableWorkspaceTrust: false,
    folderUri: { scheme: "vscode-remote", authority: new URL(base).host, path: root },
    configurationDefaults: { "editor.fontSize": 21, "chat.disableAIFeatures": true },
    productConfiguration: {
      enableTelemetry: false,
      proxyEndpointTemplate: "../proxy/{{port}}/",
      extensionsGallery: {},
    },
  });
  for (const name of ["updateEndpoint", "telemetryEndpoint", "voiceWsUrl", "serviceWorker"]) {
    expect(settings.productConfiguration).not.toHaveProperty(name);
  }

  // Every address that the page itself names is answered; none is a 404.
  const named = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address = ""]) => new URL(address, `${base}/`));
  expect(named.length).toBeGreaterThan(5);
  for (const url of named) expect([url.pathname, (await fetch(url)).status]).toEqual([url.pathname, 200]);
  // What the starting page fetches ahead is what this page loads.
  const listed = /data-ahead="([^"]*)"/.exec(starting)?.[1]?.replaceAll("&quot;", '"') ?? "[]";
  const ahead = (JSON.parse(listed) as { address: string }[]).map(({ address }) => new URL(address, `${base}/`).href);
  expect(ahead).toHaveLength(3);
  expect(named.map(({ href }) => href)).toEqual(expect.arrayContaining(ahead));
  const { staticPrefix, folder } = ide.process.server ?? { staticPrefix: "", folder: "" };
  for (const name of ["vsda.js", "vsda_bg.wasm"]) {
    expect((await fetch(`${base}${staticPrefix}node_modules/vsda/rust/web/${name}`)).status).toBe(200);
  }
  const path = "out/vs/code/browser/workbench/workbench.js";
  const script = await fetch(`${base}${staticPrefix}${path}`, { headers: { "accept-encoding": "gzip" } });
  expect(script.headers.get("content-encoding")).toBe("gzip");
  expect(script.headers.get("cache-control")).toContain("immutable");
  expect(Buffer.from(await script.arrayBuffer()).equals(await readFile(join(folder, path)))).toBe(true);

  // What only the server has still comes from it.
  await writeFile(join(root, "note.txt"), "from the server");
  const note = await fetch(`${base}/vscode-remote-resource?path=${encodeURIComponent(join(root, "note.txt"))}`);
  expect(await note.text()).toBe("from the server");

  const tree = treeOf(process.pid).filter(({ parent }) => parent === process.pid);
  expect(tree.length).toBeGreaterThan(0);
  await ide.close();
  const left = listProcesses().filter((one) => tree.some(({ pid }) => one.group === pid) && !one.ended);
  expect(left).toEqual([]);
  expect(ide.status().state).toBe("stopped");
});
