import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Engine } from "../../scripts/environments/containers.ts";
import { assemble } from "../../scripts/product/distribution.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "../..");

/** What the Dockerfile gives its files in the image. */
const modes = { readable: 0o755, hidden: 0o711 } as const;

/**
 * Builds the image from what is built here already: product, Node and IDE server stand in for the Dockerfile's own stages. The
 * rest is the Dockerfile's.
 * @param options of the Dockerfile's targets one, and folders for more of its stages
 * @returns the image's name
 */
export async function buildTestImage(
  engine: Engine,
  { target, contexts: further = {} }: { target?: string; contexts?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "waiide-image-"));
  const tag = `localhost/${target ?? "waiide"}-test:latest`;
  try {
    const contexts = {
      product: await productStage(join(folder, "product")),
      node: await nodeStage(join(folder, "node")),
      ide: await ideStage(join(folder, "ide")),
      ...further,
    };
    await engine.build(repository, tag, contexts, target);
    return tag;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bill(...args: readonly string[]): Promise<string> {
  const program = join(repository, "deploy/docker/sbom.mjs");
  return (await run(process.execPath, [program, ...args], { maxBuffer: 2 ** 26 })).stdout;
}

async function productStage(folder: string): Promise<string> {
  await mkdir(folder);
  assemble(repository, join(folder, "product"));
  await writeFile(join(folder, "product/sbom.cdx.json"), await bill("product", repository));
  return folder;
}

async function nodeStage(folder: string): Promise<string> {
  const name = `node_modules/node-linux-${process.arch}`;
  await mkdir(join(folder, "hidden", name, "bin"), { recursive: true });
  const node = join(repository, name, "bin/node");
  for (const [file, mode] of [
    [join(folder, "node"), modes.readable],
    [join(folder, "hidden", name, "bin/node"), modes.hidden],
  ] as const) {
    await copyFile(node, file);
    await run("chmod", [mode.toString(8), file]);
  }
  return folder;
}

/** The IDE server that `npm run setup` installed. */
async function ideStage(folder: string): Promise<string> {
  const data = process.env.XDG_DATA_HOME || join(homedir(), ".local/share");
  const installed = process.env.WAIIDE_SERVER_ROOT || join(data, "waiide/ide-server");
  await mkdir(join(folder, "opt/calliope"), { recursive: true });
  const target = join(folder, "opt/calliope/WAIIDE-server");
  // Links where both are on one disk: it is half a gigabyte, and only read.
  await run("cp", ["-al", installed, target]).catch(async () => {
    await rm(target, { recursive: true, force: true });
    await run("cp", ["-a", installed, target]);
  });
  await writeFile(join(folder, "ide-server.cdx.json"), await bill("modules", installed));
  return folder;
}
