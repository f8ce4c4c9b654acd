// Part of the build: fills the compile cache that dist/waiide.cjs uses.
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** Time that a gateway without an IDE server gets to start, and to end. Milliseconds. */
const timeout = 20_000;

/**
 * Starts the gateway once, in folders of its own and without an IDE server, asks it for its API, and stops it: at its end
 * Node writes down what V8 compiled until then, the functions of a start included. Without success the build is still
 * good, only slower to start.
 * @param {string} folder where waiide.cjs is
 * @returns {Promise<void>}
 */
export async function warmCompileCache(folder) {
  const temporary = mkdtempSync(join(tmpdir(), "waiide-build-"));
  try {
    const workspace = join(temporary, "workspace");
    mkdirSync(workspace);
    const child = spawn(
      process.execPath,
      [join(folder, "waiide.cjs"), "serve", "--mode", "standalone", "--port", "0", "--log-format", "text"],
      {
        cwd: workspace,
        env: {
          PATH: process.env.PATH,
          HOME: temporary,
          WAIIDE_WORKSPACE: workspace,
          WAIIDE_SERVER_ROOT: join(temporary, "none"),
        },
        stdio: ["ignore", "pipe", "pipe"],
        timeout,
      },
    );
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const errors = text(child.stderr);
    const address = await addressIn(child.stdout);
    if (address !== undefined) {
      const answer = await fetch(new URL("api", address));
      await answer.text();
    }
    child.kill("SIGTERM");
    await ended;
    makeReadable(join(folder, "compiled"));
    if (address === undefined)
      console.warn(`build: the compile cache could not be filled; the gateway said:\n${await errors}`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * The first address that the gateway prints; undefined if it ends without one. Its output is read on: a closed pipe would
 * end it.
 * @param {NodeJS.ReadableStream} output
 * @returns {Promise<string | undefined>}
 */
function addressIn(output) {
  let printed = "";
  return new Promise((resolve) => {
    output.on("data", (chunk) => {
      printed += String(chunk);
      const match = /https?:\/\/[^\s"]+\//.exec(printed);
      if (match) resolve(match[0]);
    });
    output.on("end", () => resolve(undefined));
  });
}

/**
 * Node makes the cache for its own user only; an installed program is for all.
 * @param {string} folder
 */
function makeReadable(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
