import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CloneToken } from "@waiide/protocol";
import { GuestPage } from "../browser/guest-page.ts";
import { Collector, type Figure } from "../figure.ts";
import { settledMegabytes } from "../memory.ts";
import { freePort } from "../process.ts";
import { progress } from "../progress.ts";
import { type SharingServer, startSharing, type Tools } from "../servers/targets.ts";

/** With their folders about 50,000 objects. */
const files = 49_000;
const filesOfFolder = 100;

const run = promisify(execFile);
const environment = { ...process.env, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };

/** A share of a commit with 50,000 objects: made, looked at first, and cloned, beside “git daemon” with the same repository. */
export async function measureCommits(tools: Tools, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  for (let round = 0; round < rounds; round++) {
    progress(`commits, round ${round + 1} of ${rounds}`);
    const server = await startSharing(tools);
    try {
      await measureRound(server, tools.place.folder("commits"), collector);
    } finally {
      await server.close();
    }
  }
  const samples = (name: string) => collector.of(name);
  return [
    { id: "commits.make", title: "making the share", unit: "s", samples: samples("make") },
    {
      id: "commits.view",
      title: "first view: entered, message, changes and files read",
      unit: "s",
      samples: samples("view"),
    },
    { id: "commits.clone", title: "cloning it with git", unit: "s", samples: samples("clone") },
    { id: "commits.memory", title: "memory that it adds to the gateway", unit: "MB", samples: samples("memory") },
  ];
}

async function measureRound(server: SharingServer, folder: string, collector: Collector): Promise<void> {
  const { workspace, control, pid } = server;
  await makeRepository(workspace);
  const before = await settledMegabytes(pid);
  const share = await timed("make", collector, () =>
    control.create({ permission: "View Only", commit: { ref: "main" } }),
  );
  await timed("view", collector, () => firstView(share.url));
  const { address, helper } = await addressOf(share.url);
  const clone = join(folder, "clone.git");
  await timed("clone", collector, () =>
    run("git", [...helper, "clone", "-q", "--bare", address, clone], { env: environment }),
  );
  collector.add("memory", "waiide", Math.max(0, (await settledMegabytes(pid)) - before));
  await measureDaemon(folder, collector);
  rmSync(folder, { recursive: true });
}

async function timed<Value>(name: string, collector: Collector, work: () => Promise<Value>): Promise<Value> {
  const begin = performance.now();
  const value = await work();
  collector.add(name, "waiide", (performance.now() - begin) / 1_000);
  return value;
}

async function makeRepository(folder: string): Promise<void> {
  await run("git", ["init", "-q", "-b", "main", folder], { env: environment });
  const importing = spawn("git", ["fast-import", "--quiet"], {
    cwd: folder,
    env: environment,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(importing, "close");
  importing.stdin.write("commit refs/heads/main\ncommitter Ana <ana@example.org> 1700000000 +0000\ndata 5\nFiles\n");
  for (let index = 0; index < files; index++) {
    const text = `Station ${index}: ${index * 7919} of ${index * 104_729}\n`;
    const path = `data/${Math.floor(index / filesOfFolder)}/station-${index}.txt`;
    importing.stdin.write(`M 100644 inline ${path}\ndata ${text.length}\n${text}\n`);
  }
  importing.stdin.end();
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

async function firstView(link: string): Promise<void> {
  const page = await GuestPage.enter(link, "Guest");
  await Promise.all([
    page.ask("commit-info", {}),
    page.ask("commit-changes", {}),
    page.ask("list", { path: "" }),
    page.ask("read", { path: "data/0/station-0.txt" }),
  ]);
  page.close();
}

/** What git clones, and a helper that answers it with the password. */
async function addressOf(link: string): Promise<{ address: string; helper: string[] }> {
  const cookie = await GuestPage.cookieOf(link, "Git");
  const headers = { cookie, "sec-fetch-site": "same-origin" };
  const answer = await fetch(new URL("clone-token", link), { method: "POST", headers });
  const { username, password, path } = (await answer.json()) as CloneToken;
  const url = new URL(path, link);
  url.username = username;
  url.hash = "";
  return { address: url.href, helper: ["-c", `credential.helper=!f() { echo password=${password}; }; f`] };
}

/** “git daemon” with what was cloned. */
async function measureDaemon(folder: string, collector: Collector): Promise<void> {
  const port = await freePort();
  const args = ["daemon", "--export-all", `--base-path=${folder}`, "--listen=127.0.0.1", `--port=${port}`, folder];
  const daemon = spawn("git", args, { env: environment, stdio: "ignore" });
  try {
    const address = `git://127.0.0.1:${port}/clone.git`;
    while (await fails(address)) if (daemon.exitCode !== null) throw new Error("git daemon ended");
    const begin = performance.now();
    await run("git", ["clone", "-q", "--bare", address, join(folder, "other.git")], { env: environment });
    collector.add("clone", "machine", (performance.now() - begin) / 1_000);
  } finally {
    daemon.kill();
    await once(daemon, "close");
  }
}

/** Whether the daemon is not there yet. */
async function fails(address: string): Promise<boolean> {
  return run("git", ["ls-remote", address], { env: environment }).then(
    () => false,
    () => true,
  );
}
