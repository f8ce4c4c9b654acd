import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Kept from run to run, outside the repository: the lists are GPL-2, and are only read. */
const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "waiide-tests", "wfuzz");

/**
 * The lines of one of the word lists in Debian's package `wfuzz`, which is fetched when it is first needed.
 * @param name below /usr/share/wfuzz/wordlist
 */
export async function wfuzzList(name: string): Promise<string[]> {
  await fetchLists();
  const bytes = await readFile(join(folder, "usr/share/wfuzz/wordlist", name));
  // Some lines are not UTF-8; as Latin-1 each byte is one character, and none is lost.
  const lines = bytes.toString("latin1").split(/\r?\n/);
  return lines.filter((line) => line !== "");
}

async function fetchLists(): Promise<void> {
  if (await isThere(join(folder, "usr/share/wfuzz/wordlist"))) return;
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  try {
    await download(fresh).catch(async () => {
      await run("apt-get", ["update"]);
      await download(fresh);
    });
    await run("sh", ["-c", "dpkg-deb -x wfuzz_*.deb ."], { cwd: fresh });
    // Another process may have fetched it in the meantime.
    await rename(fresh, folder).catch(() => undefined);
  } catch (cause) {
    throw new Error("the word lists of Debian's package wfuzz cannot be fetched: “apt-get download wfuzz” must work", {
      cause,
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function download(into: string): Promise<void> {
  await run("apt-get", ["download", "wfuzz"], { cwd: into });
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
