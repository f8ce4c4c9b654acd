// Schemathesis, which makes requests from an OpenAPI document, in a virtual environment that is made once. Runs under Node 20, too.
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonEnvironment } from "./library/python-environment.mjs";

const version = "4.32.5";

/**
 * Makes the environment if it is missing or was left half-finished.
 * @param {(text: string) => void} tell gets a line before each long step
 * @returns {Promise<string>} the program
 */
export async function installSchemathesis(tell = () => undefined) {
  const bin = await pythonEnvironment({
    name: `schemathesis-${version}`,
    title: `Schemathesis ${version} for the tests`,
    packages: [`schemathesis==${version}`],
    oldest: [3, 10],
    tell,
  });
  return join(bin, "schemathesis");
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await installSchemathesis((text) => process.stderr.write(`${text}\n`))}\n`);
}
