import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { environments } from "../../scripts/environments/table.ts";
import { type Hub, type RunningServer, startHub } from "./hub/hub.ts";
import { patience } from "./patience.ts";

/** Stand in for systemd, which tests cannot run: a unit is its command, with the variables of its environment file. */
const programs = {
  "systemd-run": `#!/bin/bash
printf '%s\\n' "$@" > "UNITS/arguments"
while :; do
  case $1 in
    --unit) unit=$2; shift 2 ;;
    --working-directory) folder=$2; shift 2 ;;
    --property=EnvironmentFile=*) file=\${1#--property=EnvironmentFile=}; shift ;;
    --*) shift ;;
    *) break ;;
  esac
done
cd "$folder"
env -i HOME="$folder" bash -c 'set -a; . "$0"; exec setsid "$@"' "$file" "$@" > "UNITS/log" 2>&1 &
echo $! > "UNITS/$unit.pid"
`,
  systemctl: `#!/bin/bash
case $1 in
  --version) echo "systemd 252 (252)" ;;
  is-active) kill -0 "$(cat "UNITS/$2.pid" 2>/dev/null)" 2>/dev/null ;;
  stop) pid=$(cat "UNITS/$2.pid"); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done ;;
  *) exit 1 ;;
esac
`,
};

export interface SystemdHub {
  readonly hub: Hub;
  /** Alice's default server. */
  readonly server: RunningServer;
  /** What systemd was asked to run. */
  readonly unit: { readonly options: readonly string[]; readonly command: readonly string[] };
  stop(): Promise<void>;
}

/**
 * A hub with SystemdSpawner, and a server of alice's that it started.
 * @param configuration the page's
 */
export async function startSystemdHub(configuration: string): Promise<SystemdHub> {
  const units = await mkdtemp(join(tmpdir(), "waiide-units-"));
  const bin = join(units, "bin");
  await mkdir(bin);
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), text.replaceAll("UNITS", units), { mode: 0o755 });
  }
  const python = join(await pythonEnvironment(environments.systemdSpawner), "python");
  const where = "import os, systemdspawner; print(os.path.dirname(os.path.dirname(systemdspawner.__file__)))";
  const { stdout: packages } = await promisify(execFile)(python, ["-c", where]);
  const homes = join(units, "homes");
  const extra = [
    // Behind the hub's own packages: only the spawner comes from there.
    `sys.path.append(${JSON.stringify(packages.trim())})`,
    `os.environ["PATH"] = ${JSON.stringify(bin)} + ":" + os.environ["PATH"]`,
    "import systemdspawner.systemd",
    `systemdspawner.systemd.RUN_ROOT = ${JSON.stringify(units)}`,
    configuration,
    // Users of the test are none of this machine's.
    `c.SystemdSpawner.username_template = ${JSON.stringify(userInfo().username)}`,
    `c.SystemdSpawner.user_workingdir = ${JSON.stringify(join(homes, "{USERNAME}"))}`,
  ];
  await mkdir(join(homes, "alice", "workspace"), { recursive: true });
  const hub = await startHub({ config: extra.join("\n") });
  const stop = async () => {
    await hub.stop();
    await rm(units, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    await hub.api.startServer("alice", "", {});
    await expect.poll(async () => (await hub.api.user("alice")).servers[""]?.ready, patience).toBe(true);
    const given = (await readFile(join(units, "arguments"), "utf8")).trimEnd().split("\n");
    const start = given.findIndex((argument, index) => index > 3 && !argument.startsWith("--"));
    const prefix = "/user/alice/";
    const pid = Number(await readFile(join(units, "jupyter-alice-singleuser.pid"), "utf8"));
    const server = {
      user: "alice",
      name: "",
      prefix,
      url: `${new URL(hub.url).origin}${prefix}`,
      pid,
      environment: {},
    };
    return { hub, server, unit: { options: given.slice(0, start), command: given.slice(start) }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
