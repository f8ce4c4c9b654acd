// SystemdSpawner for the tests, in a virtual environment that is made once. Runs under Node 20, too.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultVersion } from "./jupyterhub.mjs";
import { pythonEnvironment } from "./library/python-environment.mjs";

const version = "1.0.2";

/**
 * Makes the environment if it is missing or was left half-finished.
 * @param {(text: string) => void} tell gets a line before each long step
 * @returns {Promise<string>} the environment's `bin` folder
 */
export function installSystemdSpawner(tell = () => undefined) {
  return pythonEnvironment({
    name: `systemdspawner-${version}`,
    title: `SystemdSpawner ${version} for the tests`,
    packages: [`jupyterhub==${defaultVersion}`, `jupyterhub-systemdspawner==${version}`],
    oldest: [3, 10],
    tell,
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await installSystemdSpawner((text) => process.stderr.write(`${text}\n`))}\n`);
}
