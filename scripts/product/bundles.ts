// The bundles that are built from the sources. Each has a stamp of the sources that it was built from, so that an unchanged
// bundle is not built again.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository, run, SetupError, step } from "../bootstrap/steps.mjs";

export interface Bundle {
  /** Of the step that builds it. */
  readonly title: string;
  /** Of its package. */
  readonly folder: string;
  /** Packages whose sources it contains, its own among them. */
  readonly uses: readonly string[];
  /** Of its package: what builds it. */
  readonly script: string;
  /** Other files, relative to its package, that decide how it is built. */
  readonly files: readonly string[];
}

export const gatewayBundle: Bundle = {
  title: "Build the gateway",
  folder: join(repository, "packages", "gateway"),
  uses: ["gateway", "protocol"],
  script: "build.mjs",
  files: ["warm.mjs", "start.cjs"],
};

export const workbenchBundle: Bundle = {
  title: "Build the guest workbench (about a minute the first time)",
  folder: join(repository, "packages", "workbench"),
  uses: ["workbench", "protocol"],
  script: "build/build.ts",
  files: [
    "build/compress-worker.ts",
    "build/extension-manifests.ts",
    "build/policy.ts",
    "vite.config.ts",
    "vite.app.config.ts",
    "../gateway/src/http/content-type.ts",
    "../gateway/src/system/compression.ts",
  ],
};

export const extensionBundle: Bundle = {
  title: "Build the extension",
  folder: join(repository, "packages", "extension"),
  uses: ["extension", "protocol"],
  script: "build.mjs",
  files: ["package.nls.json", "l10n/bundle.l10n.json", "media/shares.svg"],
};

/** Builds everything that changed. */
export async function buildAll(): Promise<void> {
  for (const bundle of [gatewayBundle, extensionBundle, workbenchBundle]) await buildIfChanged(bundle);
}

/** Returns whether there was something to build. */
export async function buildIfChanged(bundle: Bundle): Promise<boolean> {
  const stamp = hashOfSources(bundle);
  if (existsSync(stampOf(bundle)) && readFileSync(stampOf(bundle), "utf8") === stamp) return false;
  forget(bundle);
  await step(bundle.title, async () => {
    const { code, output } = await run("node", [join(bundle.folder, bundle.script)]);
    if (code === 0) return;
    throw new SetupError(
      `The build failed:\n${output.trimEnd()}`,
      "If you changed no source, remove node_modules and run the same command again.",
    );
  });
  mkdirSync(join(bundle.folder, "dist"), { recursive: true });
  writeFileSync(`${stampOf(bundle)}.new`, stamp);
  renameSync(`${stampOf(bundle)}.new`, stampOf(bundle));
  return true;
}

/** Makes the next call build it again, whatever changed. */
export function forget(bundle: Bundle): void {
  rmSync(stampOf(bundle), { force: true });
}

function stampOf({ folder }: Bundle): string {
  return join(folder, "dist", "stamp");
}

function hashOfSources({ folder, uses, script, files: own }: Bundle): string {
  const hash = createHash("sha256");
  const files = [join(repository, "package-lock.json"), ...[script, ...own].map((name) => join(folder, name))];
  for (const name of uses) {
    const used = join(repository, "packages", name);
    files.push(join(used, "package.json"));
    for (const entry of readdirSync(join(used, "src"), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
    }
  }
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}
