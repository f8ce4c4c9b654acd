// FastAPI and Flask for the tests, in a virtual environment of their own that is made once. Runs under Node 20, too.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonEnvironment } from "./library/python-environment.mjs";

/**
 * Makes the environment if it is missing or was left half-finished.
 * @param {(text: string) => void} tell gets a line before each long step
 * @returns {Promise<string>} the environment's `bin` folder, with `uvicorn` and `flask` in it
 */
export function installWebFrameworks(tell = () => undefined) {
  return pythonEnvironment({
    name: "web-frameworks-1",
    title: "FastAPI and Flask for the tests",
    packages: ["fastapi==0.165.0", "uvicorn==0.54.0", "flask==3.1.3"],
    oldest: [3, 10],
    tell,
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await installWebFrameworks((text) => process.stderr.write(`${text}\n`))}\n`);
}
