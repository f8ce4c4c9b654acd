// Folders in the cache that are filled once, whichever process needs them first.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Receives a line before each long step. */
export type Tell = (text: string) => void;

/** Environments and programs stay here between runs. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "waiide-tests");
}

/** Runs `install` if the folder is missing, was left half-finished or was made for other contents. */
export async function onceInstalled(
  folder: string,
  contents: readonly string[],
  install: () => Promise<void>,
): Promise<void> {
  const finished = join(folder, "finished");
  const stamp = `${contents.join("\n")}\n`;
  const isInstalled = async () => existsSync(finished) && (await readFile(finished, "utf8")) === stamp;
  if (await isInstalled()) return;
  await mkdir(join(folder, ".."), { recursive: true });
  await whileLocked(`${folder}.lock`, async () => {
    if (await isInstalled()) return;
    await rm(folder, { recursive: true, force: true });
    await install();
    await writeFile(finished, stamp);
  });
}

/**
 * Two test files may need the same folder at once. A child process holds the kernel's lock; it ends with us, however we end.
 */
async function whileLocked(file: string, work: () => Promise<void>): Promise<void> {
  const holder = spawn("flock", [file, "sh", "-c", "echo held; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(holder, "exit");
  const failed = ended.then(([code]) => {
    throw new Error(`flock ${file} ended with ${code}`);
  });
  await Promise.race([once(holder.stdout, "data"), failed]);
  try {
    await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
