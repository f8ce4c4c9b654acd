// Makes the Python environments of table.ts, each once. uv installs the packages: it needs a third of pip's time, and a tenth
// of its processor time.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, onceInstalled, type Tell } from "./once.ts";
import type { PythonEnvironment } from "./table.ts";

const run = promisify(execFile);

const uvVersion = "0.13.8";

/** What pip and uv may print. Bytes. */
const outputLimit = 2 ** 26;

/** The oldest Python that everything in the table works with. */
const oldest = [3, 10] as const;

/**
 * Makes the environment if it is missing, was left half-finished or was made from other packages.
 * @returns its `bin` folder
 */
export async function pythonEnvironment(
  { folder: name, title, packages }: PythonEnvironment,
  tell: Tell = () => undefined,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  await onceInstalled(folder, packages, async () => {
    const python = await findPython(title);
    const uv = await installUv(python, tell);
    tell(`Installing ${title} into ${folder} …`);
    const env = { ...(await pipSettings(python)), ...process.env, UV_CACHE_DIR: join(cacheFolder(), "uv-cache") };
    const options = { env, maxBuffer: outputLimit };
    await run(uv, ["venv", "--quiet", "--no-config", "--no-python-downloads", "--python", python, folder], options);
    const target = ["--python", join(folder, "bin", "python")];
    // As pip does it: what a root installs, other users could not compile later.
    await run(uv, ["pip", "install", "--quiet", "--no-config", "--compile-bytecode", ...target, ...packages], options);
  });
  return join(folder, "bin");
}

async function installUv(python: string, tell: Tell): Promise<string> {
  const folder = join(cacheFolder(), `uv-${uvVersion}`);
  const wanted = `uv==${uvVersion}`;
  await onceInstalled(folder, [wanted], async () => {
    tell(`Installing uv ${uvVersion} into ${folder} …`);
    await run(python, ["-m", "venv", folder]).catch((error) => {
      const advice = `${python} cannot make a virtual environment; on Debian install python3-venv.`;
      throw new Error(`${advice} ${error.stderr ?? ""}`, { cause: error });
    });
    const options = ["--quiet", "--disable-pip-version-check", "--no-input"];
    await run(join(folder, "bin", "python"), ["-m", "pip", "install", ...options, wanted], { maxBuffer: outputLimit });
  });
  return join(folder, "bin", "uv");
}

/** Settings of pip that decide where packages come from, and uv's variables for them. */
const uvVariables: Readonly<Record<string, string>> = {
  cert: "SSL_CERT_FILE",
  "default-timeout": "UV_HTTP_TIMEOUT",
  "extra-index-url": "UV_INDEX",
  "find-links": "UV_FIND_LINKS",
  "index-url": "UV_DEFAULT_INDEX",
  "no-index": "UV_NO_INDEX",
  timeout: "UV_HTTP_TIMEOUT",
  "trusted-host": "UV_INSECURE_HOST",
};

/** uv does not read pip's configuration, but a registry or certificate named there is needed all the same. */
async function pipSettings(python: string): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await run(python, ["-m", "pip", "config", "list"]);
  const settings: NodeJS.ProcessEnv = {};
  // A line is for instance “global.index-url='https://…'”; “:env:.index-url” goes before what files say.
  const lines = stdout
    .split("\n")
    .sort((one, other) => Number(one.startsWith(":env:")) - Number(other.startsWith(":env:")));
  for (const line of lines) {
    const [, name = "", value = ""] = /^[^=]*\.([a-z-]+)=['"](.*)['"]$/.exec(line) ?? [];
    const variable = uvVariables[name];
    if (variable !== undefined && value !== "") settings[variable] = value;
  }
  return settings;
}

async function findPython(title: string): Promise<string> {
  const names = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
  for (const name of names) {
    try {
      await run(name, ["-c", `import sys; sys.exit(sys.version_info[:2] < (${oldest.join(", ")}))`]);
      return name;
    } catch (error) {
      // Missing or of another version: the next one may do.
      const { code } = error as { code?: string | number };
      if (code !== "ENOENT" && typeof code !== "number") throw error;
    }
  }
  throw new Error(`${title} needs Python ${oldest.join(".")} or newer with venv; none of ${names.join(", ")} is.`);
}
