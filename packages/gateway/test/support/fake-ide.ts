import { chmod, mkdir, mkdtemp, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** ELF machine numbers (elf(5)). */
export const machines = { x64: 62, arm64: 183 } as const;

/** What the loader looks at first: enough for us, not enough to be loaded. */
export function elfHeader(machine: number): Buffer {
  const header = Buffer.alloc(64);
  header.write("\x7fELF", 0, "latin1");
  header.set([2, 1, 1], 4);
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(machine, 18);
  return header;
}

export const ownMachine = process.arch === "arm64" ? machines.arm64 : machines.x64;

export async function temporaryFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), "waiide-ide-")));
}

export async function write(file: string, content: string | Buffer, mode = 0o644): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  await chmod(file, mode);
}

export const workbenchSource = "export const workbench = 'all of it';\n".repeat(500);

export interface FakeIde {
  readonly product?: Readonly<Record<string, unknown>>;
  readonly machine?: number;
  /** Without them it is as npm's package brings it. */
  readonly modules?: boolean;
}

export const codeServerProduct = {
  nameShort: "code-server",
  nameLong: "code-server",
  applicationName: "code-server",
  version: "1.139.1",
  commit: "c0ffee",
  quality: "stable",
  codeServerVersion: "4.139.1",
};

/** A folder that looks like a VS Code server, with a few small files. */
export async function makeIde(folder: string, options: FakeIde = {}): Promise<void> {
  const { product = codeServerProduct, machine = ownMachine, modules = true } = options;
  await write(join(folder, "product.json"), JSON.stringify(product));
  await write(join(folder, "package.json"), JSON.stringify({ name: "code-oss", version: "1.139.1" }));
  await write(join(folder, "out/server-main.js"), "console.log('server');\n");
  await write(join(folder, "out/vs/code/browser/workbench/workbench.js"), workbenchSource);
  await write(join(folder, "extensions/package.json"), "{}");
  if (modules) await makeModules(join(folder, "node_modules"), machine);
}

/** Modules that can be required, with native parts of which only the header is true. */
export async function makeModules(folder: string, machine: number = ownMachine): Promise<void> {
  for (const name of ["@vscode/spdlog", "@vscode/native-watchdog", "node-pty"]) {
    await write(join(folder, name, "index.js"), "module.exports = {};\n");
    const file = name.split("/").at(-1) ?? name;
    const native =
      name === "node-pty" ? `prebuilds/${process.platform}-${process.arch}/pty.node` : `build/Release/${file}.node`;
    await write(join(folder, name, native), elfHeader(machine));
  }
}
