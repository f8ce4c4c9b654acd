// Builds the guest workbench into dist/: the files, each with .br and .gz beside it, and manifest.json for the gateway.
// What was compressed once is kept in node_modules/.cache, by its content: only new files cost time.
// `node packages/workbench/build.mjs [--quick]`; quick: brotli is left out, for development.
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { build } from "vite";
import {
  coloursPolicy,
  pagePolicy,
  scriptedFrameConnections,
  scriptedFramePolicy,
  stillFramePolicy,
  workerPolicy,
} from "./policy.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const dist = join(folder, "dist");
const cache = join(folder, "..", "..", "node_modules", ".cache", "waiide-workbench");

/** What is kept in the cache although no build used it. Milliseconds. */
const cacheLife = 30 * 24 * 3600 * 1000;

/** @type {Readonly<Record<string, string>>} */
const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mp3": "audio/mpeg",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".wasm": "application/wasm",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

/** Compressed already. */
const packed = new Set([".mp3", ".png", ".woff", ".woff2"]);

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

/** Hosts of extensions and web views: VS Code's code names them, this workbench has neither. They are not served. */
const unwanted =
  /^(?:service-worker|webWorkerExtensionHostIframe|worker|extensionHost\.worker|fake|index)-[^.]+\.(?:js|html)$/;

await build({ configFile: join(folder, "vite.config.ts") });
const chunks = JSON.parse(readFileSync(join(dist, "vite-manifest.json"), "utf8"));
rmSync(join(dist, "vite-manifest.json"));
for (const name of readdirSync(dist)) if (unwanted.test(name)) rmSync(join(dist, name));
const names = readdirSync(dist).sort();
const contents = new Map(names.map((name) => [name, readFileSync(join(dist, name))]));
if (!values.quick) await compressAll(names.filter((name) => !packed.has(extname(name))));
// Last: a gateway that finds it finds everything that it names.
writeFileSync(join(dist, "manifest.json"), JSON.stringify(manifest(), undefined, 1));

/** @returns {import("@waiide/protocol").WorkbenchManifest} */
function manifest() {
  const hash = createHash("sha256");
  /** @type {import("@waiide/protocol").WorkbenchManifest["files"]} */
  const files = {};
  for (const [name, bytes] of contents) {
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
    const type = types[extname(name)] ?? "application/octet-stream";
    const policy = policyOf(name, bytes);
    files[name] = {
      type,
      size: bytes.length,
      compressed: !values.quick && !packed.has(extname(name)),
      ...(policy && { policy }),
      ...(policy === scriptedFramePolicy && { connections: scriptedFrameConnections }),
    };
  }
  const entry = chunks["src/main.ts"];
  const atOnce = entry.dynamicImports.map((/** @type {string} */ name) => chunks[name]);
  return {
    hash: hash.digest("hex").slice(0, 32),
    entry: entry.file,
    styles: entry.css ?? [],
    preload: atOnce.flatMap((/** @type {{ file: string, imports?: string[] }} */ chunk) => [
      chunk.file,
      ...(chunk.imports ?? []).map((name) => chunks[name].file).filter((file) => file !== entry.file),
    ]),
    policy: pagePolicy,
    files,
  };
}

/**
 * @param {string} name
 * @param {Buffer} bytes
 * @returns {string | undefined}
 */
function policyOf(name, bytes) {
  if (/^output-[^.]+\.html$/.test(name)) return stillFramePolicy(bytes.toString("utf8"));
  if (/^scripted-[^.]+\.html$/.test(name)) return scriptedFramePolicy;
  if (/^colours\.worker-/.test(name)) return coloursPolicy;
  return /\.worker-[^.]*\.js$/.test(name) ? workerPolicy : undefined;
}

/**
 * The largest first, so that no thread is left with one at the end.
 * @param {readonly string[]} files
 */
async function compressAll(files) {
  mkdirSync(cache, { recursive: true });
  const keyOf = (/** @type {string} */ name) => {
    return join(
      cache,
      createHash("sha256")
        .update(contents.get(name) ?? "")
        .digest("hex"),
    );
  };
  const missing = files
    .filter((name) => !existsSync(`${keyOf(name)}.gz`) || !existsSync(`${keyOf(name)}.br`))
    .sort((a, b) => (contents.get(b)?.length ?? 0) - (contents.get(a)?.length ?? 0));
  await runJobs(missing.map((name) => ({ file: join(dist, name), target: keyOf(name) })));
  const now = new Date();
  for (const name of files) {
    for (const suffix of [".br", ".gz"]) {
      copyFileSync(`${keyOf(name)}${suffix}`, join(dist, `${name}${suffix}`));
      utimesSync(`${keyOf(name)}${suffix}`, now, now);
    }
  }
  for (const old of readdirSync(cache)) {
    if (now.getTime() - statSync(join(cache, old)).mtimeMs > cacheLife) rmSync(join(cache, old));
  }
}

/** @param {{ file: string, target: string }[]} jobs */
async function runJobs(jobs) {
  const total = jobs.length;
  const threads = Math.min(availableParallelism(), total);
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL("./compress.mjs", import.meta.url));
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        worker.postMessage(job);
        await once(worker, "message");
      }
      await worker.terminate();
    }),
  );
  if (total > 0) console.log(`compressed ${total} files`);
}
