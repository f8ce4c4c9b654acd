import { open } from "node:fs/promises";
import { join } from "node:path";
import { listFolder } from "../../system/missing-file.ts";

/** Machine numbers of the ELF header (elf(5), e_machine), by Node's name of the architecture. */
const elfMachines: Readonly<Record<number, string>> = {
  3: "ia32",
  8: "mips",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x64",
  183: "arm64",
  243: "riscv64",
  258: "loong64",
};

/** Length of what is read of an ELF header: identification (16 bytes), type (2), machine (2). */
const elfHeaderLength = 20;

/**
 * The architecture that a program or module was built for, by Node's names (`x64`, `arm64`, …), read from its ELF header;
 * undefined if it is not an ELF file.
 */
export async function elfArchitecture(file: string): Promise<string | undefined> {
  const header = Buffer.alloc(elfHeaderLength);
  const handle = await open(file, "r");
  try {
    const { bytesRead } = await handle.read(header, 0, elfHeaderLength, 0);
    if (bytesRead < elfHeaderLength || header.toString("latin1", 0, 4) !== "\x7fELF") return undefined;
  } finally {
    await handle.close();
  }
  const bigEndian = header[5] === 2;
  const machine = bigEndian ? header.readUInt16BE(18) : header.readUInt16LE(18);
  return elfMachines[machine] ?? `machine ${machine}`;
}

/**
 * The compiled part of an npm package: what was built here (`build/Release`) or, in its absence, what the package brought
 * for this platform (`prebuilds/<platform>-<architecture>`). Undefined if there is neither.
 */
export async function nativeModuleOf(
  packageFolder: string,
  platform: string,
  architecture: string,
): Promise<string | undefined> {
  const prebuilds = await listFolder(join(packageFolder, "prebuilds"));
  const folders = [
    join(packageFolder, "build", "Release"),
    ...prebuilds
      .filter((name) => name === `${platform}-${architecture}` || name.startsWith(`${platform}-${architecture}-`))
      .map((name) => join(packageFolder, "prebuilds", name)),
  ];
  for (const folder of folders) {
    const name = (await listFolder(folder)).find((entry) => entry.endsWith(".node"));
    if (name !== undefined) return join(folder, name);
  }
  return undefined;
}
