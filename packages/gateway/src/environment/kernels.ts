import { type FolderFiles, isObject, readJson } from "./folder-files.ts";

/** Notebooks that are read; more name the same kernels. */
const maxNotebooks = 100;
const maxName = 200;

export interface KernelName {
  readonly name: string;
  readonly language: string;
}

/** The kernels that a folder's notebooks name. */
export async function kernelsIn(files: FolderFiles): Promise<KernelName[]> {
  const notebooks = files.paths.filter((path) => path.endsWith(".ipynb")).slice(0, maxNotebooks);
  const found = new Map<string, KernelName>();
  for (const path of notebooks) {
    const metadata = readJson(await files.read(path))?.metadata;
    const kernel = isObject(metadata) && isObject(metadata.kernelspec) ? metadata.kernelspec : {};
    const name = textOf(kernel.name);
    if (name !== "" && !found.has(name)) found.set(name, { name, language: textOf(kernel.language).slice(0, 100) });
  }
  return [...found.values()];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, maxName) : "";
}
