// A real JupyterHub with its proxy, in folders of their own that are made once. Runs under Node 20, too.
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { nodePackage, pythonEnvironment } from "./library/python-environment.mjs";

/** The version that everything runs with unless another one is asked for. */
export const defaultVersion = "6.1.1";

const proxyVersion = "5.3.0";

/** SQLAlchemy 2 broke all hubs before 3; both must be resolved together, or a too new alembic stays. */
const sqlalchemy = "sqlalchemy<2";

/** @type {Readonly<Record<string, readonly string[]>>} Versions that are tested, with what pip needs besides. */
export const versions = {
  "6.1.1": ["jupyterhub-idle-culler"],
  "5.5.4": [],
  "4.1.6": [],
  "3.1.1": [],
  "2.3.1": [sqlalchemy],
  "1.5.1": [sqlalchemy],
  "1.4.2": [sqlalchemy],
};

/**
 * Makes what is missing.
 * @param {string} [version] of JupyterHub, one of `versions`
 * @param {(text: string) => void} [tell] gets a line before each long step
 * @returns {Promise<{ bin: string, proxy: string }>} the environment's `bin` folder, and the program configurable-http-proxy
 */
export async function installJupyterHub(version = defaultVersion, tell = () => undefined) {
  const extras = versions[version];
  if (extras === undefined) throw new Error(`JupyterHub ${version} is none of ${Object.keys(versions).join(", ")}`);
  const bin = await pythonEnvironment({
    name: `jupyterhub-${version}`,
    title: `JupyterHub ${version}`,
    packages: [`jupyterhub==${version}`, ...extras],
    oldest: [3, 10],
    tell,
  });
  const proxy = await nodePackage({ name: "configurable-http-proxy", version: proxyVersion, tell });
  return { bin, proxy: join(proxy, "bin", "configurable-http-proxy") };
}

/** The server that jupyterhub-singleuser is. */
const jupyterServerVersion = "2.21.1";

/**
 * Makes an environment with the hub's own single-user server, which ours is compared with.
 * @param {(text: string) => void} [tell] gets a line before each long step
 * @returns {Promise<string>} the program jupyterhub-singleuser
 */
export async function installSingleUser(tell = () => undefined) {
  const bin = await pythonEnvironment({
    name: `jupyterhub-singleuser-${defaultVersion}`,
    title: `jupyterhub-singleuser ${defaultVersion}`,
    packages: [`jupyterhub==${defaultVersion}`, `jupyter-server==${jupyterServerVersion}`],
    oldest: [3, 10],
    tell,
  });
  return join(bin, "jupyterhub-singleuser");
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const installed = await installJupyterHub(process.argv[2], (text) => process.stderr.write(`${text}\n`));
  process.stdout.write(`${JSON.stringify(installed)}\n`);
}
