// `npm run hub [-- --port N] [-- arguments of jupyterhub]`: a real JupyterHub on this machine whose servers are WAIIDE, to
// try it with. Everything it writes is in a temporary folder that goes with it.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { defaultVersion, installJupyterHub } from "./jupyterhub.mjs";
import { environment, run, runScript, SetupError } from "./library/steps.mjs";
import { launcher, setup } from "./setup.mjs";

const defaultPort = 8000;

/** Seconds without a person after which the culler stops a server. */
const idleSeconds = 3600;

const imageIdeServer = "/opt/calliope/WAIIDE-server";

await runScript(async () => {
  const { port, others } = readArguments(process.argv.slice(2));
  await setup();
  const installed = await installJupyterHub(defaultVersion, (text) => console.error(text));
  await requireFree(port);
  const folder = mkdtempSync(join(tmpdir(), "waiide-hub-"));
  try {
    return await runHub({ port, others, folder, ...installed });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** @param {{ port: number, others: readonly string[], folder: string, bin: string, proxy: string }} wishes */
async function runHub({ port, others, folder, bin, proxy }) {
  const url = `http://127.0.0.1:${port}/`;
  const password = randomBytes(6).toString("hex");
  const file = join(folder, "jupyterhub_config.py");
  const [hubPort, proxyPort] = await freePorts(2);
  writeFileSync(
    file,
    configuration({ url, password, folder, hubPort, proxyPort, proxy: [await node(), proxy, "--log-level", "warn"] }),
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
  // The hub's own port first: its proxy calls questions from before the hub answers errors.
  for (const origin of [`http://127.0.0.1:${hubPort}/`, url]) await untilAnswers(`${origin}hub/health`, () => ended);
  if (!ended) {
    console.log(`
JupyterHub ${defaultVersion} is at ${url}
Log in as any name, e.g. alice, with the password ${password}; “admin” is its administrator.
Your server opens by itself; named servers are at ${url}hub/home. All of them run as you, in ${folder},
which is deleted at the end. Ctrl-C stops everything.
`);
  }
  const { code } = await hub;
  // Stopped by Ctrl-C is how it ends.
  return code === 130 || code === 143 ? 0 : code;
}

/**
 * @param {{ url: string, password: string, folder: string, hubPort: number, proxyPort: number, proxy: readonly string[] }} values
 * @returns {string} a jupyterhub_config.py; JSON's texts and lists are Python's, too
 */
function configuration({ url, password, folder, hubPort, proxyPort, proxy }) {
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
c.Spawner.cmd = [${literal(launcher)}]
c.Spawner.environment = ${literal({ WAIIDE_SERVER_ROOT: ideServer() })}

c.JupyterHub.services = [
    {"name": "idle-culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=${idleSeconds}"]}
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

/** Where \`npm run setup\` has an IDE server: people of the hub have homes of their own, without one. */
function ideServer() {
  if (process.env.WAIIDE_SERVER_ROOT) return process.env.WAIIDE_SERVER_ROOT;
  if (existsSync(imageIdeServer)) return imageIdeServer;
  return join(process.env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "waiide", "ide-server");
}

/** The Node that npm brought: it runs the proxy, whatever Node runs this. */
async function node() {
  const { output } = await run("node", ["-p", "process.execPath"]);
  const path = output.trim();
  if (!existsSync(dirname(path)))
    throw new SetupError(`Node does not run: ${path}`, "Run “npm run setup”, then try again.");
  return path;
}

/** @param {readonly string[]} args */
function readArguments(args) {
  const others = [...args];
  const index = others.findIndex((argument) => /^--port(=|$)/.test(argument));
  if (index === -1) return { port: defaultPort, others };
  const joined = others[index]?.split("=")[1];
  const [, separate] = others.splice(index, joined === undefined ? 2 : 1);
  const port = Number(joined ?? separate);
  if (Number.isInteger(port) && port > 0 && port < 65536) return { port, others };
  throw new SetupError("--port needs a number from 1 to 65535.", "E.g. npm run hub -- --port 9000");
}

/** @param {number} port */
async function requireFree(port) {
  const server = createServer();
  const free = await new Promise((resolve) => {
    server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  if (free) return;
  throw new SetupError(`Port ${port} is in use.`, `Choose another one: npm run hub -- --port ${port + 1}`);
}

/**
 * @param {number} count
 * @returns {Promise<number[]>} ports that were free a moment ago, all different
 */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  return Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve) => {
          server.once("listening", () => {
            const address = server.address();
            server.close(() => resolve(typeof address === "object" ? address?.port : 0));
          });
        }),
    ),
  );
}

/**
 * @param {string} url
 * @param {() => boolean} givenUp
 */
async function untilAnswers(url, givenUp) {
  while (!givenUp()) {
    const answers = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return;
    await delay(100);
  }
}
