import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);
const program = "/usr/bin/tmux";

/** tmux is what guests hide processes with without meaning to, so it is tried itself; installed where it may be. */
export async function ensureTmux(): Promise<void> {
  if (existsSync(program)) return;
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  try {
    for (const args of [["update"], ["install", "-y", "--no-install-recommends", "tmux"]]) {
      const [command = "", ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
      await run(command, rest);
    }
  } catch (cause) {
    throw new Error("these tests need tmux: install it (on Debian: “sudo apt-get install -y tmux”)", { cause });
  }
}
