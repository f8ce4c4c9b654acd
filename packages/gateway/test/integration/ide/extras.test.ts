import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { IdeExtras } from "../../../src/ide/server/extras.ts";

const staticPrefix = "/stable-c0ffee/static/";
let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "waiide-extras-"));
  folder = join(root, "lib", "vscode");
  await mkdir(folder, { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function ask(path: string, method = "GET", keyFile = join(root, "data", "key")) {
  const extras = new IdeExtras({ folder, staticPrefix }, keyFile || undefined);
  const server = createServer(async (request, response) => {
    if (!(await extras.handle(request, response, path))) response.writeHead(418).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { method });
    const body = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, type: answer.headers.get("content-type"), body };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("icons are the distribution's own, else ours", async () => {
  const path = "/_static/src/browser/media/favicon.ico";
  expect(await ask(path)).toMatchObject({ status: 200, type: "image/svg+xml" });
  await mkdir(join(root, "src", "browser", "media"), { recursive: true });
  await writeFile(join(root, "src", "browser", "media", "favicon.ico"), "own");
  expect(await ask(path)).toEqual({ status: 200, type: "image/x-icon", body: Buffer.from("own") });
});

test.each([
  "/_static/src/browser/media/../../../key",
  "/_static/src/browser/media/%2e%2e/x.svg",
  "/_static/package.json",
  `${staticPrefix}node_modules/vsda/rust/web/__proto__`,
  `${staticPrefix}node_modules/vsda/rust/web/other.js`,
  "/mint-key",
  "/",
])("%s is left to the server", async (path) => {
  expect((await ask(path)).status).toBe(418);
});

test("the signing module is empty only where the distribution has none", async () => {
  const path = `${staticPrefix}node_modules/vsda/rust/web/vsda.js`;
  expect(await ask(path)).toMatchObject({ status: 200, type: "text/javascript; charset=utf-8" });
  await mkdir(join(folder, "node_modules/vsda/rust/web"), { recursive: true });
  await writeFile(join(folder, "node_modules/vsda/rust/web/vsda.js"), "real");
  expect((await ask(path)).status).toBe(418);
});

test("R4 the key for the browser's secrets is created once, and only sent to a POST", async () => {
  const { status, body } = await ask("/mint-key", "POST");
  expect([status, body.length]).toEqual([200, 32]);
  expect((await ask("/mint-key", "POST")).body).toEqual(body);
  expect(await readFile(join(root, "data", "key"))).toEqual(body);
  expect((await stat(join(root, "data", "key"))).mode & 0o777).toBe(0o600);
});

test("no key for guests: they are not given one, and none is made", async () => {
  expect((await ask("/mint-key", "POST", "")).status).toBe(418);
});
