// JupyterLab for the tests, in a virtual environment of its own that is made once. Runs under Node 20, too.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonEnvironment } from "./library/python-environment.mjs";

const version = "4.6.6";

/**
 * Makes the environment if it is missing or was left half-finished.
 * @param {(text: string) => void} tell gets a line before each long step
 * @returns {Promise<string>} the environment's `bin` folder, with `jupyter` in it
 */
export function installJupyterLab(tell = () => undefined) {
  return pythonEnvironment({
    name: `jupyterlab-${version}`,
    title: `JupyterLab ${version} for the tests`,
    packages: [`jupyterlab==${version}`],
    oldest: [3, 10],
    tell,
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await installJupyterLab((text) => process.stderr.write(`${text}\n`))}\n`);
}
