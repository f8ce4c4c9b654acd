import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listFolder, unlessMissing } from "../system/missing-file.ts";

/** Folders of a project that may hold its virtual environment. */
const usualEnvironments = [".venv", "venv", "env"] as const;
const maxPackages = 5_000;
/** As names and versions of packages may be (packaging.python.org). */
const packageName = /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/;
const packageVersion = /^[\w.!+-]+$/;

/** What an environment of Python holds, as its files say: nothing of it is run. */
export interface PythonFacts {
  /** Of the interpreter. */
  readonly version: string | undefined;
  /** `name==version`, sorted; only those that an index has. */
  readonly packages: readonly string[];
  /** Names of packages that were installed from a folder or an address. */
  readonly elsewhere: readonly string[];
}

/**
 * Reads the environment of a folder: its own virtual environment, else that of the server.
 * @param folder absolute
 * @param variables of the server
 * @returns undefined: there is none
 */
export async function readPython(
  folder: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<PythonFacts | undefined> {
  const own = usualEnvironments.map((name) => join(folder, name));
  const others = [variables.VIRTUAL_ENV, variables.CONDA_PREFIX, variables.CONDA_DIR];
  for (const prefix of [...own, ...others]) {
    const facts = prefix ? await readEnvironment(prefix) : undefined;
    if (facts !== undefined) return facts;
  }
  return undefined;
}

async function readEnvironment(prefix: string): Promise<PythonFacts | undefined> {
  const lib = join(prefix, "lib");
  const python = (await listFolder(lib)).find((name) => /^python3\.\d+$/.test(name));
  if (python === undefined) return undefined;
  const site = join(lib, python, "site-packages");
  const installed = (await listFolder(site)).filter((name) => name.endsWith(".dist-info")).sort();
  const packages: string[] = [];
  const elsewhere: string[] = [];
  for (const name of installed.slice(0, maxPackages)) {
    const [title = "", version = ""] = name.slice(0, -".dist-info".length).split("-");
    if (!packageName.test(title) || !packageVersion.test(version)) continue;
    // Where it came from may hold a password (PEP 610), so that only the name is kept.
    if ((await unlessMissing(readFile(join(site, name, "direct_url.json")))) !== undefined) elsewhere.push(title);
    else packages.push(`${title}==${version}`);
  }
  return { version: (await versionOf(prefix)) ?? python.slice("python".length), packages, elsewhere };
}

/** Of a virtual environment, or of conda's record of what it installed. */
async function versionOf(prefix: string): Promise<string | undefined> {
  const text = String((await unlessMissing(readFile(join(prefix, "pyvenv.cfg")))) ?? "");
  const [, version] = /^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)/m.exec(text) ?? [];
  if (version !== undefined) return version;
  const record = (await listFolder(join(prefix, "conda-meta"))).find((name) => /^python-3\.\d+\.\d+-/.test(name));
  return record?.split("-")[1];
}
