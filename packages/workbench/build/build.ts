// Builds the guest workbench into dist/: the files, each with .br and .gz beside it, and manifest.json for the gateway.
// What was compressed once is kept in node_modules/.cache, by its content: only new files cost time.
// `node packages/workbench/build/build.ts [--quick]`; quick: nothing is compressed, for development.
import { createHash, hash } from "node:crypto";
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
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { WorkbenchManifest } from "@waiide/protocol";
import { build } from "vite";
import { contentTypeOf } from "../../gateway/src/http/content-type.ts";
import { isCompressible } from "../../gateway/src/system/compression.ts";
import type { CompressionJob } from "./compress-worker.ts";
import {
  coloursPolicy,
  pagePolicy,
  scriptedFrameConnections,
  scriptedFramePolicy,
  stillFramePolicy,
  workerPolicy,
} from "./policy.ts";

const folder = join(import.meta.dirname, "..");
const dist = join(folder, "dist");
const cache = join(folder, "..", "..", "node_modules", ".cache", "waiide-workbench");

/** What is kept in the cache although no build used it. Milliseconds. */
const cacheLife = 30 * 24 * 3600 * 1000;

/** What this file reads of Vite's manifest. */
interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: string[];
}

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

/** Hosts of extensions and web views: VS Code's code names them, this workbench has neither. They are not served. */
const unwanted =
  /^(?:service-worker|webWorkerExtensionHostIframe|worker|extensionHost\.worker|fake|index)-[^.]+\.(?:js|html)$/;

await build({ configFile: join(folder, "vite.config.ts") });
const chunks = readChunks();
// By itself, so that it shares nothing with the workbench and stays small.
await build({ configFile: join(folder, "vite.app.config.ts") });
const appChunk = readChunks()["src/app/main.ts"];
for (const name of readdirSync(dist)) if (unwanted.test(name)) rmSync(join(dist, name));
const names = readdirSync(dist).sort();
const contents = new Map(names.map((name) => [name, readFileSync(join(dist, name))]));
if (!values.quick) await compressAll(names.filter(isCompressible));
// Last: a gateway that finds it finds everything that it names.
writeFileSync(join(dist, "manifest.json"), JSON.stringify(manifest(), undefined, 1));

/** What Vite built last. */
function readChunks(): Readonly<Record<string, Chunk>> {
  const file = join(dist, "vite-manifest.json");
  const read: Readonly<Record<string, Chunk>> = JSON.parse(readFileSync(file, "utf8"));
  rmSync(file);
  return read;
}

function manifest(): WorkbenchManifest {
  const contentHash = createHash("sha256");
  const files: WorkbenchManifest["files"] = {};
  for (const [name, bytes] of contents) {
    contentHash.update(`${name}\0${bytes.length}\0`).update(bytes);
    const policy = policyOf(name, bytes);
    files[name] = {
      type: contentTypeOf(name),
      size: bytes.length,
      compressed: !values.quick && isCompressible(name),
      ...(policy && { policy }),
      ...(policy === scriptedFramePolicy && { connections: scriptedFrameConnections }),
    };
  }
  const entry = chunkOf("src/main.ts");
  if (appChunk === undefined) throw new Error("Vite built no page for apps");
  const atOnce = (entry.dynamicImports ?? []).map(chunkOf);
  return {
    hash: contentHash.digest("hex").slice(0, 32),
    entry: entry.file,
    styles: entry.css ?? [],
    preload: [...new Set(atOnce.flatMap((chunk) => [chunk.file, ...importsOf(chunk)]))].filter(
      (file) => file !== entry.file,
    ),
    policy: pagePolicy,
    app: { entry: appChunk.file, styles: appChunk.css ?? [] },
    files,
  };
}

function importsOf({ imports = [] }: Chunk): string[] {
  return imports.map((name) => chunkOf(name).file);
}

function chunkOf(name: string): Chunk {
  const chunk = chunks[name];
  if (chunk === undefined) throw new Error(`Vite built no ${name}`);
  return chunk;
}

function policyOf(name: string, bytes: Buffer): string | undefined {
  if (/^output-[^.]+\.html$/.test(name)) return stillFramePolicy(bytes.toString("utf8"));
  if (/^scripted-[^.]+\.html$/.test(name)) return scriptedFramePolicy;
  if (/^colours\.worker-/.test(name)) return coloursPolicy;
  return /\.worker-[^.]*\.js$/.test(name) ? workerPolicy : undefined;
}

/** The largest first, so that no thread is left with one at the end. */
async function compressAll(files: readonly string[]): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const keyOf = (name: string) => join(cache, hash("sha256", contents.get(name) ?? ""));
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

async function runJobs(jobs: CompressionJob[]): Promise<void> {
  const total = jobs.length;
  const threads = Math.min(availableParallelism(), total);
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL("./compress-worker.ts", import.meta.url));
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        worker.postMessage(job);
        await once(worker, "message");
      }
      await worker.terminate();
    }),
  );
  if (total > 0) console.log(`compressed ${total} files`);
}
