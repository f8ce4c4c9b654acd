// Bundles the gateway into dist/: waiide.cjs, which the launcher starts, gateway.cjs, all its code, and the threads of the
// share store, of merges and of checks of notebooks: store-worker.cjs, merge-worker.cjs and check-worker.cjs.
// `node packages/gateway/build.mjs [--entry FILE] [--to FOLDER] [--no-warm]`
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { warmCompileCache } from "./warm.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    entry: { type: "string", default: join(folder, "src", "main.ts") },
    to: { type: "string", default: join(folder, "dist") },
    warm: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const target = resolve(values.to);
/** @type {{ version: string }} */
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

// CommonJS: with V8's compile cache, which such a bundle can have, it starts in less than half the time of a module.
/** @type {import("esbuild").BuildOptions} */
const options = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node24",
  // Fewer bytes to read at each start; names stay, for stack traces that can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  // Else a tag's texts stay as they are written, and with one character beyond Latin-1 V8 keeps the whole file in two bytes each.
  supported: { "template-literal": false },
  sourcemap: "linked",
  legalComments: "linked",
  banner: { js: `const urlOfBundle = require("node:url").pathToFileURL(__filename).href;` },
  define: {
    "import.meta.url": "urlOfBundle",
    "import.meta.filename": "__filename",
    "import.meta.dirname": "__dirname",
    "process.env.NODE_ENV": '"production"',
    WAIIDE_VERSION: JSON.stringify(version),
  },
  // Its entry for Node looks for its parts at run time, where a bundle has no such files.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  logLevel: "warning",
  write: false,
};

/** @type {Readonly<Record<string, string>>} */
const entries = {
  "gateway.cjs": values.entry,
  // Threads start from files of their own.
  "store-worker.cjs": join(folder, "src", "share", "store", "store-worker.ts"),
  "merge-worker.cjs": join(folder, "src", "workspace", "documents", "merge-worker.ts"),
  "check-worker.cjs": join(folder, "src", "workspace", "notebooks", "check-worker.ts"),
};
const outputFiles = [];
for (const [name, entry] of Object.entries(entries)) {
  const result = await build({ ...options, entryPoints: [entry], outfile: join(target, name) });
  outputFiles.push(...(result.outputFiles ?? []));
}

mkdirSync(target, { recursive: true });
// The cache belongs to the code: it is named after nothing else, and a stale one would only be refused, byte by byte.
rmSync(join(target, "compiled"), { recursive: true, force: true });
// A gateway that starts at this moment gets an old file or a new one, never a part of one.
for (const { path, contents } of outputFiles) {
  writeFileSync(`${path}.new`, contents);
  renameSync(`${path}.new`, path);
}
cpSync(join(folder, "start.cjs"), join(target, "waiide.cjs"));

if (values.warm) await warmCompileCache(target);
