import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CloneToken } from "@waiide/protocol";
import type { GuestClient } from "../guest-client.ts";

/** A password for git, of a guest who is in. */
export async function cloneToken(guest: GuestClient): Promise<CloneToken> {
  const { status, body } = await guest.ask("clone-token", { method: "POST" });
  if (status !== 200) throw new Error(`no password: ${status} ${body}`);
  return JSON.parse(body) as CloneToken;
}

/** What git clones from. */
export function cloneAddress(server: string, { path, username }: CloneToken): string {
  const url = new URL(path, server);
  url.username = username;
  return url.href;
}

/** Runs git as a guest, with the password where git asks for it. @param home of the guest */
export async function runGuestGit(home: string, password: string, ...args: string[]) {
  const helper = join(home, "password.sh");
  writeFileSync(helper, `#!/bin/sh\necho '${password}'\n`, { mode: 0o700 });
  const env = {
    PATH: process.env.PATH,
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ASKPASS: helper,
    GIT_TERMINAL_PROMPT: "0",
  };
  const child = spawn("git", args, { cwd: home, env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, text };
}
