import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Workspace extends AsyncDisposable {
  readonly folder: string;
  write(path: string, content: string | Uint8Array): Promise<void>;
}

/** A folder with files, until it is disposed of. */
export async function makeWorkspace(files: Readonly<Record<string, string | Uint8Array>>): Promise<Workspace> {
  const parent = await mkdtemp(join(tmpdir(), "waiide-workbench-"));
  const folder = join(parent, "project");
  await mkdir(folder);
  const write = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  for (const [path, content] of Object.entries(files)) await write(path, content);
  return { folder, write, [Symbol.asyncDispose]: () => rm(parent, { recursive: true, maxRetries: 5 }) };
}
