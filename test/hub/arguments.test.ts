import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { translateHubArguments } from "../../packages/gateway/src/cli/hub-arguments.ts";
import { settingNames } from "../../packages/gateway/src/config/settings/settings.ts";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { defaultHub, environments } from "../../scripts/environments/table.ts";
import { cleanEnvironment } from "../support/gateway.ts";
import { startHub } from "../support/hub/hub.ts";

const run = promisify(execFile);

/** One that `--help-all` prints: `--ServerApp.port=<Int>` or `--debug`. */
interface PrintedArgument {
  readonly name: string;
  /** What it takes, such as `Int`; undefined: nothing. */
  readonly kind: string | undefined;
}

/** Arguments that ask for what WAIIDE does anyway, so they need no setting. */
const needless = new Set(["--allow-root", "--no-browser", "-y"]);

/** Values that the hub's own servers would take. */
const values: Readonly<Record<string, string>> = {
  Bool: "False",
  Enum: "20",
  Float: "1.5",
  Int: "7200",
  Type: "builtins.object",
  // A folder, for the workspace is one of them.
  Unicode: ".",
};

function printedArguments(help: string): PrintedArgument[] {
  const lines = help.matchAll(/^(--?[A-Za-z][\w.-]*)(?:[= ]<([\w-]+)>.*)?$/gm);
  return [...lines].map(([, name = "", kind]) => ({ name, kind }));
}

function given({ name, kind }: PrintedArgument): string {
  return kind === undefined ? name : `${name}=${values[kind] ?? "[]"}`;
}

describe("what jupyterhub-singleuser takes", () => {
  let folder: string;
  let singleUser: string;
  let printed: PrintedArgument[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waiide-arguments-"));
    const home = join(folder, "home");
    await mkdir(home);
    singleUser = join(await pythonEnvironment(environments.singleUser), "jupyterhub-singleuser");
    const jupyter = join(await pythonEnvironment(environments.jupyterLab), "jupyter");
    const options = { env: cleanEnvironment(home), maxBuffer: 8 * 1024 * 1024 };
    const [hubs, labs] = await Promise.all([
      run(singleUser, ["--help-all"], options),
      run(jupyter, ["lab", "--help-all"], options),
    ]);
    const all = [...printedArguments(hubs.stdout), ...printedArguments(labs.stdout)];
    printed = [...new Map(all.map((argument) => [argument.name, argument])).values()];
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("has hundreds of arguments, each understood, needless, or named in a warning", () => {
    const names = printed.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["--debug", "-y", "--ServerApp.port", "--notebook-dir"]));
    expect(names).toEqual(expect.arrayContaining(["--JupyterHubSingleUser.default_url", "--LabApp.user_settings_dir"]));
    expect(names.length).toBeGreaterThan(250);
    for (const argument of printed) {
      const { argv, warnings } = translateHubArguments([given(argument)]);
      for (const option of argv) {
        const setting = option.replace(/^--/, "").split("=")[0] ?? "";
        expect(settingNames, `${argument.name} became ${option}`).toContain(setting);
      }
      if (argv.length > 0 || needless.has(argument.name)) continue;
      expect(warnings, argument.name).toHaveLength(1);
      expect(warnings[0]).toContain(argument.name);
    }
  });

  it("keeps no server from starting, all of it in one hub's Spawner.args", async () => {
    const args = printed.map(given);
    const hub = await startHub({ config: `c.Spawner.args = ${JSON.stringify(args)}`, users: ["alice"] });
    try {
      const server = await hub.startServer("alice", "waiide");
      await hub.ideReady(server);
      expect(server.environment.JUPYTERHUB_SERVICE_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
      for (const name of ["--ServerApp.token", "--LabApp.user_settings_dir", "--JupyterHubSingleUser.handlers"]) {
        expect(hub.output).toContain(`The argument ${name} is for JupyterHub's own server. WAIIDE ignores it.`);
      }
    } finally {
      await hub.stop();
    }
  });

  it("names no unix socket: jupyterhub-singleuser takes it for a host, and ends", async () => {
    const hub = createServer((_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ version: defaultHub }));
    }).listen(0, "127.0.0.1");
    await once(hub, "listening");
    const socket = join(folder, "alice.sock");
    const environment = {
      ...cleanEnvironment(join(folder, "home")),
      JUPYTERHUB_SERVICE_URL: `http+unix://${encodeURIComponent(socket)}/user/alice/`,
      JUPYTERHUB_SERVICE_PREFIX: "/user/alice/",
      JUPYTERHUB_USER: "alice",
      JUPYTERHUB_API_TOKEN: "token",
      JUPYTERHUB_API_URL: `http://127.0.0.1:${(hub.address() as AddressInfo).port}/hub/api`,
      JUPYTERHUB_CLIENT_ID: "client",
      JUPYTERHUB_BASE_URL: "/",
      JUPYTERHUB_OAUTH_CALLBACK_URL: "/user/alice/oauth_callback",
      JUPYTERHUB_OAUTH_ACCESS_SCOPES: "[]",
    };
    try {
      await expect(run(singleUser, ["--allow-root"], { env: environment })).rejects.toMatchObject({
        stderr: expect.stringContaining("Name or service not known"),
      });
      expect(existsSync(socket)).toBe(false);
    } finally {
      hub.close();
    }
  });
});
