import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import type { Compression } from "../../system/compression.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import type { IdeServer } from "../install/ide-server.ts";

/** One static file in the manifest: how it was when it was compressed, and the sizes of what came out, in bytes. */
export interface CompressedFile {
  readonly size: number;
  readonly mtimeMs: number;
  readonly br?: number;
  readonly gz?: number;
}

/** What lies in a folder of compressed files: written last, so what it names is complete. */
export interface CompressionManifest {
  /** The folder that the manifest was read from or written to. */
  readonly folder: string;
  readonly quality: string;
  readonly commit: string | undefined;
  readonly version: string;
  /** By path below the IDE's folder, with `/` between names. */
  readonly files: ReadonlyMap<string, CompressedFile>;
}

const manifestFormat = 1;
const manifestName = "manifest.json";

/** Where the compressed files of an IDE server lie when its folder is writable. */
export function compressionFolderOf(ideServer: Pick<IdeServer, "folder">): string {
  return join(ideServer.folder, ".compressed");
}

/** Where they lie when that folder is read-only: one folder a build. */
export function cachedCompressionFolderOf(
  cacheFolder: string,
  { staticPrefix }: Pick<IdeServer, "staticPrefix">,
): string {
  return join(cacheFolder, staticPrefix);
}

/** Writes the manifest into its folder; call it when all files it names are there. */
export async function writeManifest(manifest: CompressionManifest): Promise<void> {
  const { folder, quality, commit, version, files } = manifest;
  const text = JSON.stringify({
    format: manifestFormat,
    quality,
    commit,
    version,
    files: Object.fromEntries(files),
  });
  await mkdir(folder, { recursive: true });
  const unfinished = join(folder, `${manifestName}.${process.pid}.part`);
  await writeFile(unfinished, text);
  await rename(unfinished, join(folder, manifestName));
}

/**
 * What was compressed into `folder`; undefined if nothing was, if it was for another build than `ideServer`, or if the
 * manifest cannot be understood. Single files may still be out of date: `compressedVariantOf` compares.
 */
export async function readCompressionManifest(
  folder: string,
  ideServer: Pick<IdeServer, "quality" | "commit" | "version">,
): Promise<CompressionManifest | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, manifestName), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EACCES")) return undefined;
    throw error;
  }
  const manifest = parseManifest(text, folder);
  const fits =
    manifest &&
    manifest.quality === ideServer.quality &&
    manifest.commit === ideServer.commit &&
    manifest.version === ideServer.version;
  return fits ? manifest : undefined;
}

function parseManifest(text: string, folder: string): CompressionManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isRecord(value) || value.format !== manifestFormat || !isRecord(value.files)) return undefined;
  const files = new Map<string, CompressedFile>();
  for (const [path, file] of Object.entries(value.files)) {
    if (!isRecord(file) || typeof file.size !== "number" || typeof file.mtimeMs !== "number") return undefined;
    files.set(path, {
      size: file.size,
      mtimeMs: file.mtimeMs,
      ...(typeof file.br === "number" && { br: file.br }),
      ...(typeof file.gz === "number" && { gz: file.gz }),
    });
  }
  const { quality, commit, version } = value;
  if (typeof quality !== "string" || typeof version !== "string") return undefined;
  return { folder, quality, commit: typeof commit === "string" ? commit : undefined, version, files };
}

/**
 * The compressed files that may be served in place of a static file; none if the file has changed since.
 * @param path below the IDE's folder, with `/` between names
 * @param current what `stat` says of the file now
 */
export function compressedVariantOf(
  manifest: CompressionManifest,
  path: string,
  current: { readonly size: number; readonly mtimeMs: number },
): { readonly br?: string; readonly gz?: string } {
  const file = manifest.files.get(path);
  if (!file || !isSame(file, current)) return {};
  return {
    ...(file.br !== undefined && { br: variantPath(manifest.folder, path, "br") }),
    ...(file.gz !== undefined && { gz: variantPath(manifest.folder, path, "gz") }),
  };
}

/** Whether a file is still the one that was compressed. Archives and image layers keep whole seconds only. */
export function isSame(file: { size: number; mtimeMs: number }, current: { size: number; mtimeMs: number }): boolean {
  return file.size === current.size && Math.floor(file.mtimeMs / 1000) === Math.floor(current.mtimeMs / 1000);
}

/** Whether the compressed files of an entry are there, as long as it says. */
export async function variantsExist(
  manifest: CompressionManifest,
  path: string,
  file: CompressedFile,
): Promise<boolean> {
  for (const encoding of ["br", "gz"] as const) {
    const expected = file[encoding];
    if (expected === undefined) continue;
    const variant = await unlessMissing(stat(variantPath(manifest.folder, path, encoding)));
    if (variant?.size !== expected) return false;
  }
  return true;
}

/** Where a compressed file lies below the folder of compressed files. */
export function variantPath(folder: string, path: string, encoding: Compression): string {
  return join(folder, `${path}.${encoding}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
