import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fencedBlocks } from "../support/fenced-blocks.ts";
import { cleanEnvironment, ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { idePage } from "../support/hub/contract.ts";
import { Program } from "../support/program.ts";

const run = promisify(execFile);
const programs = resolve(import.meta.dirname, "../../node_modules/.bin");
const blocks = await fencedBlocks("troubleshooting.md");

/** As `docker exec CONTAINER command…` does: runs the command with the container's own environment. */
const docker = `#!/bin/sh
[ "$1 $2" = "exec alice" ] || exit 9
shift 2
JUPYTER_IMAGE=waiide exec "$@"
`;

function block(...parts: string[]): string {
  const found = blocks.find(({ text }) => parts.every((part) => text.includes(part)));
  if (found === undefined) throw new Error(`docs/troubleshooting.md has no block with ${parts.join(", ")}`);
  return found.text;
}

let gateway: RunningGateway;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-docs-"));
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/docker"), docker, { mode: 0o755 });
  gateway = await startGateway({ arguments: ["--auth", "token", "--token", "0123456789abcdef"] });
  await ideReady(gateway);
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

/** Runs commands where a terminal of this gateway would. */
async function follow(commands: string): Promise<string> {
  const { host, port } = new URL(gateway.url);
  const here = commands.replaceAll("127.0.0.1:8070", host).replaceAll("container:8070", host);
  const { stdout } = await run("bash", ["-ec", `set -o pipefail; ${here}`], {
    cwd: gateway.workspace,
    env: {
      ...gateway.environment,
      PATH: `${join(folder, "bin")}:${programs}:${gateway.environment.PATH}`,
      CONTAINER: "alice",
      TOKEN: "0123456789abcdef",
      WAIIDE_PORT: port,
    },
  });
  return stdout;
}

// Those for a terminal behind a hub: test/hub/docs.test.ts.
describe("docs/troubleshooting.md: the commands", () => {
  it("for one machine", async () => {
    const lines = block("waiide config", "api/health").trimEnd().split("\n");
    const last = lines.pop() ?? "";
    const said = await follow(lines.join("\n"));
    expect(said).toContain("shutdown-no-activity-timeout");
    expect(said).toMatch(/waiide\.cjs/);
    expect(said).toMatch(/server-main/);
    expect(said).toMatch(/"status":\s*"ok"/);

    expect(last).toContain("waiide --log-level debug");
    const home = join(folder, "home");
    await mkdir(join(home, "workspace"), { recursive: true });
    const env = { ...cleanEnvironment(home), PATH: `${programs}:${process.env.PATH}`, WAIIDE_PORT: "0" };
    const second = new Program("bash", ["-c", `exec ${last}`], { cwd: home, env });
    await second.printed(/WAIIDE is at/);
    await second.printed(/Extension host agent (listening|started)/);
    expect(await second.stop()).toBe(0);
  });

  it("for a container, here with another program for docker", async () => {
    const said = await follow(block("docker exec", "waiide doctor"));
    expect(said).toContain("JUPYTER_IMAGE=waiide");
    expect(said).toMatch(/waiide\.cjs/);
    expect(said).toMatch(/\d problems?, /);
    expect(said).toMatch(idePage);
  });
});
