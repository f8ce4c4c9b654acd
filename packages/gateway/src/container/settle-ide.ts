import { lutimesSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { IdeServer } from "../ide/install/ide-server.ts";
import { compressionFolderOf, readCompressionManifest, writeManifest } from "../ide/static/compression-manifest.ts";

/** Names of folders with binaries for one system, as packages use them. */
const systemFolder = /^(win32|darwin|alpine|linuxmusl|linux)-(x64|arm64|arm|armhf|ia32|ppc64|riscv64|s390x)$/;

/** 1980, which every archive format knows. Seconds. */
const fixedTime = 315_532_800;

/**
 * Makes the image's layer with the IDE server reproducible and small: removes binaries for other systems, and gives all files
 * the same time. Builds without a commit get the current time, because browsers use it to tell their files apart.
 */
export async function settleIdeServer(ideServer: IdeServer): Promise<void> {
  removeForeign(ideServer.folder, `${process.platform}-${process.arch}`);
  const time = ideServer.commit === undefined ? Math.floor(Date.now() / 1000) : fixedTime;
  const folder = compressionFolderOf(ideServer);
  const manifest = await readCompressionManifest(folder, ideServer);
  if (manifest === undefined) throw new Error(`${folder} holds no manifest`);
  const files = [...manifest.files].map(([path, file]) => [path, { ...file, mtimeMs: time * 1000 }] as const);
  await writeManifest({ ...manifest, files: new Map(files) });
  for (const path of everythingIn(ideServer.folder)) lutimesSync(path, time, time);
}

function removeForeign(folder: string, system: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    if (systemFolder.test(entry.name) && entry.name !== system) rmSync(path, { recursive: true });
    else removeForeign(path, system);
  }
}

function everythingIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return [...entries.map(({ parentPath, name }) => join(parentPath, name)), folder];
}
