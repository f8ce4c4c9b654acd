// `npm run hub [-- --port N] [-- arguments of jupyterhub]`: a real JupyterHub on this machine whose servers are WAIIDE, to
// try it with. Everything it writes is in a temporary folder that is removed at the end.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { environment, run, runScript, SetupError } from "./bootstrap/steps.mjs";
import { type InstalledHub, installJupyterHub } from "./environments/jupyterhub.ts";
import { defaultHub } from "./environments/table.ts";
import { ideServerFolder, launcher, setup } from "./setup.ts";

const defaultPort = 8000;

/** The culler stops a server that nobody used for this time. Seconds. */
const idleLimit = 3600;

await runScript(async () => {
  const { port, others } = readArguments(process.argv.slice(2));
  await setup();
  const installed = await installJupyterHub(defaultHub, (text) => console.error(text));
  await requireFree(port);
  const folder = mkdtempSync(join(tmpdir(), "waiide-hub-"));
  try {
    return await runHub({ port, others, folder, ...installed });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

interface RunOptions extends InstalledHub {
  readonly port: number;
  /** Arguments of jupyterhub. */
  readonly others: readonly string[];
  readonly folder: string;
}

async function runHub({ port, others, folder, bin, proxy }: RunOptions): Promise<number> {
  const url = `http://127.0.0.1:${port}/`;
  const password = randomBytes(6).toString("hex");
  const file = join(folder, "jupyterhub_config.py");
  const [hubPort = 0, proxyPort = 0] = await freePorts(2);
  writeFileSync(
    file,
    configuration({
      url,
      password,
      folder,
      hubPort,
      proxyPort,
      proxy: [process.execPath, proxy, "--log-level", "warn"],
    }),
  );
  mkdirSync(join(folder, "homes"));
  let ended = false;
  const hub = run(join(bin, "jupyterhub"), ["-f", file, "--log-level", "WARN", ...others], {
    show: true,
    cwd: folder,
    env: { ...environment, PATH: `${bin}${delimiter}${environment.PATH}` },
  }).finally(() => {
    ended = true;
  });
  // The hub's own port first: its proxy logs requests as errors until the hub answers.
  for (const origin of [`http://127.0.0.1:${hubPort}/`, url]) await untilAnswers(`${origin}hub/health`, () => ended);
  if (!ended) {
    console.log(`
JupyterHub ${defaultHub} is at ${url}
Log in as any name, e.g. alice, with the password ${password}; “admin” is its administrator.
Your server opens by itself; named servers are at ${url}hub/home. All of them run as you, in ${folder},
which is deleted at the end. Ctrl-C stops everything.
`);
  }
  const { code } = await hub;
  // Ctrl-C is the normal end.
  return code === 130 || code === 143 ? 0 : code;
}

interface HubValues {
  readonly url: string;
  readonly password: string;
  readonly folder: string;
  readonly hubPort: number;
  readonly proxyPort: number;
  readonly proxy: readonly string[];
}

/** A jupyterhub_config.py. */
function configuration({ url, password, folder, hubPort, proxyPort, proxy }: HubValues): string {
  // JSON's strings, lists and objects of strings are Python literals, too.
  const literal = JSON.stringify;
  return `import sys

c = get_config()
c.JupyterHub.bind_url = ${literal(url)}
c.JupyterHub.hub_bind_url = ${literal(`http://127.0.0.1:${hubPort}`)}
c.JupyterHub.db_url = ${literal(`sqlite:///${join(folder, "hub.sqlite")}`)}
c.JupyterHub.cookie_secret_file = ${literal(join(folder, "cookie_secret"))}
c.ConfigurableHTTPProxy.api_url = ${literal(`http://127.0.0.1:${proxyPort}`)}
c.ConfigurableHTTPProxy.command = ${literal(proxy)}
c.ConfigurableHTTPProxy.pid_file = ${literal(join(folder, "proxy.pid"))}

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = ${literal(password)}
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"admin"}

c.JupyterHub.allow_named_servers = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = ${literal(join(folder, "homes", "{username}"))}
# Users of the hub have homes of their own, without an IDE server.
c.Spawner.cmd = [${literal(launcher)}]
c.Spawner.environment = ${literal({ WAIIDE_SERVER_ROOT: ideServerFolder() })}

c.JupyterHub.services = [
    {"name": "idle-culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=${idleLimit}"]}
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
`;
}

function readArguments(args: readonly string[]): Pick<RunOptions, "port" | "others"> {
  const others = [...args];
  const index = others.findIndex((argument) => /^--port(=|$)/.test(argument));
  if (index === -1) return { port: defaultPort, others };
  const joined = others[index]?.split("=")[1];
  const [, separate] = others.splice(index, joined === undefined ? 2 : 1);
  const port = Number(joined ?? separate);
  if (Number.isInteger(port) && port > 0 && port < 65536) return { port, others };
  throw new SetupError("--port needs a number from 1 to 65535.", "E.g. npm run hub -- --port 9000");
}

async function requireFree(port: number): Promise<void> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  if (free) return;
  throw new SetupError(`Port ${port} is in use.`, `Choose another one: npm run hub -- --port ${port + 1}`);
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  return Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.once("listening", () => {
            const address = server.address();
            server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
          });
        }),
    ),
  );
}

async function untilAnswers(url: string, givenUp: () => boolean): Promise<void> {
  while (!givenUp()) {
    const answers = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return;
    await delay(100);
  }
}
